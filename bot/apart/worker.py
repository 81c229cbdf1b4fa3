"""The bot's own process: `python -m bot.apart.worker DESCRIPTOR`, begun by `bot.apart.parent`, ended by the end of its socket and by nothing else.

An operator's Ctrl-C and a service manager's SIGTERM reach every process of the house at once. The answers that are under way then are still wanted:
the house stops the bot when it has paid them.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import pickle
import signal
import socket
import sys
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot import stages
from bot.apart.frames import Frames
from bot.apart.said import REPLACE, Asleep, Awake, Call, Done, GiveUp, Logged, Standing
from bot.quiet import place
from bot.understanding import BotUnavailable, FaqEntry

if TYPE_CHECKING:
    from bot.runtime import RasaBot

STOP_SECONDS = 5
_MOST_PARTS = 10_000  # that nobody has fetched; the oldest are forgotten


class _ToTheHouse(logging.Handler):
    """Lines go where the house's lines go. Of errors only the kind and the place: what they say may quote a customer."""

    def __init__(self, frames: Frames) -> None:
        super().__init__()
        self._frames = frames

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                message += f" ({place(record.exc_info[1])})"
            with suppress(OSError):  # the house is gone, and with it its log
                self._frames.send(Logged(record.name, record.levelno, message))
        except Exception:  # a line that can't be put together stops nobody's work
            self.handleError(record)


class Worker:
    """Hands calls to the bot, in the bot's own loop, and what comes of them back."""

    def __init__(self, bot: RasaBot, frames: Frames) -> None:
        self._bot = bot
        self._frames = frames
        self._parts: deque[tuple[str, float]] = deque(maxlen=_MOST_PARTS)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._entries: dict[str, FaqEntry] = {}

    def serve(self) -> None:
        """Until the house is gone."""
        stages.listen(lambda name, seconds: self._parts.append((name, seconds)))
        self._frames.send(Awake(self._standing()))
        while True:
            try:
                said = self._frames.receive()
            except EOFError:
                return
            self._bot.soon(self._hear, said)

    def _hear(self, said: Call | GiveUp) -> None:
        """In the bot's loop."""
        if isinstance(said, GiveUp):
            if task := self._under_way.get(said.number):
                task.cancel()
        elif said.number < 0:
            getattr(self._bot, said.method)(*said.positional, **said.named)
        else:
            self._under_way[said.number] = asyncio.ensure_future(self._answer(said, self._given(said)))

    async def _answer(self, call: Call, given: tuple[Any, ...]) -> None:
        value: Any = None
        error: Exception | None = None
        try:
            value = await getattr(self._bot, call.method)(*given, **call.named)
        except asyncio.CancelledError:
            error = BotUnavailable("nobody waits any more")
        except Exception as raised:
            error = _portable(raised)
        finally:
            self._under_way.pop(call.number, None)
        parts = tuple(self._parts.popleft() for _ in range(len(self._parts)))
        done = Done(call.number, value, error, parts, self._standing())
        with suppress(OSError):  # the house is gone: `serve` ends as well
            self._frames.send(done)

    def _given(self, call: Call) -> tuple[Any, ...]:
        """Put together as calls come, whatever becomes of them: the next amendment counts on it."""
        if call.method != REPLACE:
            return call.positional
        (amended,) = call.positional
        entries = amended.after(self._entries)
        self._entries = {entry.id: entry for entry in entries}
        return (entries,)

    def _standing(self) -> Standing:
        return Standing(self._bot.revision, self._bot.sketch_form)


def main(descriptor: int) -> None:
    """Wake the bot as the first thing that is heard says, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    frames = Frames(socket.socket(fileno=descriptor))
    logging.basicConfig(level=logging.INFO, handlers=[_ToTheHouse(frames)])
    try:
        wake, switch_seconds = frames.receive()
        sys.setswitchinterval(switch_seconds)
        bot: RasaBot = wake()
    except EOFError:
        return
    except Exception as error:
        frames.send(Asleep(_portable(error)))
        return
    gc.collect()
    gc.freeze()  # Rasa stays: to look through all of it for what can be thrown away took a seventh of a second, now and then in the middle of a question
    Worker(bot, frames).serve()
    threading.Timer(STOP_SECONDS, os._exit, (0,)).start()  # a text that takes minutes to read keeps nobody's machine from shutting down
    bot.stop()
    os._exit(0)


def _portable(error: Exception) -> Exception:
    """The error where it can be told as it is, else its kind and words."""
    with suppress(Exception):  # an error may hold anything, and be made of anything
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - what was just written
        if type(again) is type(error) and str(again) == str(error):
            return error
    return BotUnavailable(f"the bot failed: {type(error).__name__}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
