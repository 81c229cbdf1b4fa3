"""Brings what is published to the bot: after each publishing at once, and every second for what another worker published."""

from __future__ import annotations

import asyncio
import logging

from bot.understanding import Understanding
from handoff.entries.store import EntryStore

PATIENCE = 10.0  # seconds; whoever publishes, or starts the service, doesn't wait for thousands of new entries to be read
log = logging.getLogger(__name__)
_going_on: set[asyncio.Future[None]] = set()


async def follow_entries(entries: EntryStore, bot: Understanding) -> bool:
    """Give the bot the published entries when it answers from another revision, a new day's included. True when it did.

    Where very much is new the bot reads on behind, and answers meanwhile from what it has read.
    """
    await asyncio.to_thread(entries.turn)
    if await asyncio.to_thread(entries.revision) == bot.revision:
        return False
    published, revision = await asyncio.to_thread(entries.published)
    putting = asyncio.ensure_future(bot.replace_entries(published, revision=revision))
    done, _ = await asyncio.wait({putting}, timeout=PATIENCE)
    if done:
        putting.result()
    else:
        _going_on.add(putting)
        putting.add_done_callback(_ended)
    return True


def _ended(putting: asyncio.Future[None]) -> None:
    _going_on.discard(putting)
    if not putting.cancelled() and (error := putting.exception()):
        log.error("the index stays as it was: %s", type(error).__name__)
