"""Brings what is published to the bot: after each publishing at once, and every second for what another worker published."""

from __future__ import annotations

import asyncio

from bot.understanding import Understanding
from handoff.entries.store import EntryStore


async def follow_entries(entries: EntryStore, bot: Understanding) -> bool:
    """Give the bot the published entries when it answers from another revision. True when it did."""
    published, revision = await asyncio.to_thread(entries.published)
    if revision == bot.revision:
        return False
    await bot.replace_entries(published, revision=revision)
    return True
