"""One process of a chaos run: the whole service with the bot of `tests.fault.bot`, which has a process of its own beside it.

`python -m tests.fault.serve`, set up by its environment.
"""

from __future__ import annotations

import faulthandler
import signal
import threading

from handoff import unfit
from handoff.app import create_app
from handoff.conversations import erasure, forgotten
from handoff.database import Database
from handoff.operations import descriptors
from handoff.serving import serve
from handoff.settings import read_settings
from tests.fault.bot import TellingApart
from tests.keys import use_test_key


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
    bot = TellingApart()
    bot.start()
    try:
        serve(create_app(settings, bot, database), host="127.0.0.1", port=settings.port)
    finally:
        bot.stop()


if __name__ == "__main__":
    main()
