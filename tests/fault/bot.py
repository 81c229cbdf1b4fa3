"""The bot of a chaos run, in a process of its own as the real one: it finds entries by the real index and says which message it answers.

The encoder alone is a small one of the tests: the trained one would take most of the processor.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.apart.parent import BotApart
from bot.faq.live import LiveFaq
from bot.faq.matcher import MatcherWeights
from bot.understand import Reader
from bot.understanding import FaqEntry, Incoming, Language, Reading, SpellingMark, TrackerEvents, Turn, WordingMark
from tests.bot.fake_encoder import WideEncoder
from tests.fakes import FakeBot

SLOWEST = 0.3  # seconds that it thinks, so that processes die between question and answer


class TellingBot(FakeBot):
    """Finds entries as the real bot does, in the index of published ones that is replaced while it is asked.

    Ends its first sentence with the message's id in brackets: so it can be counted how often each message was answered."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._faq = LiveFaq(Reader(WideEncoder(), MatcherWeights.load()), Path("no-entries-in-files"))

    def soon(self, work: Callable[..., object], *given: Any) -> None:
        self._loop.call_soon_threadsafe(work, *given)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    @property
    def revision(self) -> int:
        return self._faq.revision

    async def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        await asyncio.to_thread(self._faq.replace, entries, revision=revision)
        self.entries = dict(self._faq.reader().by_id)

    def _read(self, text: str, entries: Mapping[str, FaqEntry], language: Language) -> Reading:
        return self._faq.reader().read(text)

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        await asyncio.sleep(random.random() * SLOWEST)
        turn = await super().reply(history, message)
        first, *rest = turn.replies
        return replace(turn, replies=(replace(first, text=f"{first.text} [{message.message_id}]"), *rest))


def wake() -> Any:
    return TellingBot()


class TellingApart(BotApart):
    """`TellingBot` in its process. What is looked through in the house's own is looked through as the tests' bot does it."""

    def __init__(self) -> None:
        super().__init__(wake)
        self._fake = FakeBot()

    def proofread(self, text: str) -> tuple[SpellingMark, ...]:
        return self._fake.proofread(text)

    def wording(self, text: str) -> tuple[WordingMark, ...]:
        return self._fake.wording(text)

    def mask(self, text: str, kinds: Collection[str] | None = None, keep: Callable[[str], bool] | None = None) -> str:
        return self._fake.mask(text, kinds, keep)
