"""Search on the help page: what the bot understands first, then what simply holds the words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.understanding import FaqEntry, Language, Understanding
from handoff.help.catalogue import containing

log = logging.getLogger(__name__)

LONGEST = 300  # characters of a question that are looked at
AT_ONCE = 4  # the page is public: the bot's first duty is to the chats
TIMEOUT_SECONDS = 2.0
LEAST_PROBABILITY = 0.08
MOST_RESULTS = 12


class Search:
    """One per process."""

    def __init__(self, bot: Understanding) -> None:
        self._bot = bot
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def find(self, query: str, entries: Sequence[FaqEntry], language: Language) -> list[str]:
        """Ids of published entries, best first. Without the bot (busy, starting) the words alone still find."""
        words = " ".join(query.split())[:LONGEST]
        if not words:
            return []
        known = {entry.id for entry in entries}
        understood = [entry_id for entry_id in await self._understood(words, language) if entry_id in known]
        return list(dict.fromkeys([*understood, *containing(entries, words)]))[:MOST_RESULTS]

    async def _understood(self, words: str, language: Language) -> list[str]:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), self._slots:
                reading = await self._bot.ask(words, language=None if language == "et" else language)
        except Exception as error:  # whatever ails the bot, the page goes on
            log.warning("help search goes on without the bot: %s", type(error).__name__)
            return []
        return [candidate.entry_id for candidate in reading.candidates if candidate.probability >= LEAST_PROBABILITY]
