"""One process of a chaos run: the whole service with a bot that finds entries by the real index and says which message it answers.

`python -m tests.fault.serve`, set up by its environment. The encoder alone is a small one of the tests: the trained one would take most of the processor.
"""

from __future__ import annotations

import asyncio
import faulthandler
import random
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.faq.live import LiveFaq
from bot.faq.matcher import MatcherWeights
from bot.understand import Reader
from bot.understanding import FaqEntry, Incoming, Language, Reading, TrackerEvents, Turn
from handoff import unfit
from handoff.app import create_app
from handoff.conversations import erasure, forgotten
from handoff.database import Database
from handoff.operations import descriptors
from handoff.serving import serve
from handoff.settings import read_settings
from tests.bot.fake_encoder import WideEncoder
from tests.fakes import FakeBot
from tests.keys import use_test_key

SLOWEST = 0.3  # seconds that it thinks, so that processes die between question and answer


class TellingBot(FakeBot):
    """Finds entries as the real bot does, in the index of published ones that is replaced while it is asked.

    Ends its first sentence with the message's id in brackets: so it can be counted how often each message was answered."""

    def __init__(self) -> None:
        super().__init__()
        self._faq = LiveFaq(Reader(WideEncoder(), MatcherWeights.load()), Path("no-entries-in-files"))

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


def _rest(seconds: float) -> None:
    """As `time.sleep`, which libfaketime breaks in Python 3.11 („Invalid argument“, at once)."""
    threading.Event().wait(seconds)


def main() -> None:
    use_test_key()
    faulthandler.register(signal.SIGUSR1)
    settings = read_settings()
    database = Database(settings.sqlalchemy_url)
    unfit.await_answer(database, print, rest=_rest)
    erasure.keep_log(database, settings.data_dir / forgotten.FILE)
    descriptors.raise_limit()
    app = create_app(settings, TellingBot(), database)
    serve(app, host="127.0.0.1", port=settings.port)


if __name__ == "__main__":
    main()
