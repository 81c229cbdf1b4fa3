"""Search on the help page: what the bot understands first, then what simply holds the words."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bot.understanding import Candidate, Language, Understanding
from handoff.help.published import Published

log = logging.getLogger(__name__)

LONGEST = 300  # characters of a question that are looked at
AT_ONCE = 4  # the page is public: the bot's first duty is to the chats
TIMEOUT_SECONDS = 2.0
LEAST_PROBABILITY = 0.08
MOST_RESULTS = 12
MOST_TOPICS = 3


@dataclass(frozen=True)
class Found:
    """Ids of entries, best first; where there are none, the topics that come nearest."""

    ids: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class Search:
    """One per process."""

    def __init__(self, bot: Understanding) -> None:
        self._bot = bot
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def find(self, query: str, published: Published, language: Language, *, by_meaning: bool = True) -> Found:
        """What is published on this. Without the bot (busy, starting, or `by_meaning` false) the words alone still find."""
        words = tidy(query)
        if not words:
            return Found()
        holding = await asyncio.to_thread(lambda: published.words.containing(words))  # which are made at the first search
        candidates = await self._understood(words, language) if by_meaning else ()
        known = [one for one in candidates if one.entry_id in published.entries]
        likely = [one.entry_id for one in known if one.probability >= LEAST_PROBABILITY]
        ids = tuple(dict.fromkeys([*likely, *holding]))[:MOST_RESULTS]
        topics = dict.fromkeys(published.entries[one.entry_id].topic for one in known)
        return Found(ids, () if ids else tuple(topics)[:MOST_TOPICS])

    async def _understood(self, words: str, language: Language) -> tuple[Candidate, ...]:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), self._slots:
                reading = await self._bot.ask(words, language=None if language == "et" else language)
        except Exception as error:  # whatever ails the bot, the page goes on
            log.warning("help search goes on without the bot: %s", type(error).__name__)
            return ()
        return tuple(reading.candidates)


def tidy(query: str) -> str:
    """What is searched for: one line, not too long."""
    return " ".join(query.split())[:LONGEST]
