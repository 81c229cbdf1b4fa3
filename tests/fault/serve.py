"""One process of a chaos run: the whole service with a bot that says which message it answers. `python -m tests.fault.serve`, set up by its environment."""

from __future__ import annotations

import asyncio
import faulthandler
import random
import signal
from dataclasses import replace

from bot.understanding import Incoming, TrackerEvents, Turn
from handoff import unfit
from handoff.app import create_app
from handoff.conversations import erasure, forgotten
from handoff.database import Database
from handoff.operations import descriptors
from handoff.serving import serve
from handoff.settings import read_settings
from tests.fakes import FakeBot
from tests.keys import use_test_key

SLOWEST = 0.3  # seconds that it thinks, so that processes die between question and answer


class TellingBot(FakeBot):
    """Ends its first sentence with the message's id in brackets: so it can be counted how often each message was answered."""

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        await asyncio.sleep(random.random() * SLOWEST)
        turn = await super().reply(history, message)
        first, *rest = turn.replies
        return replace(turn, replies=(replace(first, text=f"{first.text} [{message.message_id}]"), *rest))


def main() -> None:
    use_test_key()
    faulthandler.register(signal.SIGUSR1)
    settings = read_settings()
    database = Database(settings.sqlalchemy_url)
    unfit.await_answer(database, print)
    erasure.keep_log(database, settings.data_dir / forgotten.FILE)
    descriptors.raise_limit()
    app = create_app(settings, TellingBot(), database)
    serve(app, host="127.0.0.1", port=settings.port)


if __name__ == "__main__":
    main()
