"""A bot of a few lines for a process of its own: it tells what it was given, fails, hangs and dies as its text says."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.faq.entries import FaqError, Problem
from bot.stages import ENCODER, part
from bot.understanding import BotUnavailable, FaqEntry, Incoming, Outcome, Reply, TrackerEvents, Turn

log = logging.getLogger("bot.apart_bot")


class Ill(Exception):
    """Can't be pickled: it wants two words and keeps one."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one)


class LittleBot:
    def __init__(self) -> None:
        self.revision = -1
        self.sketch_form = "little"
        self.entries: Sequence[FaqEntry] = ()
        self.outcomes: Sequence[Outcome] = ()
        self.foreseen: list[str] = []
        self.cancelled = 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def soon(self, work: Callable[..., object], *given: Any) -> None:
        self._loop.call_soon_threadsafe(work, *given)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def foresee(self, text: str) -> None:
        self.foreseen.append(text)

    async def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        self.entries, self.revision = entries, revision

    async def recalibrate(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes = outcomes

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        with part(ENCODER):
            text = message.text
        if text == "die":
            os._exit(3)
        if text == "hang":
            time.sleep(600)  # noqa: ASYNC251 - as a library that has lost its way
        if text == "unavailable":
            raise BotUnavailable("not today")
        if text == "ill":
            raise Ill("one", "other")
        if text == "slow":
            try:
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if text == "log":
            try:
                raise ValueError("Mari's own words")
            except ValueError:
                log.exception("that went wrong")
        told = {
            "pid": str(os.getpid()),
            "entries": ",".join(entry.id for entry in self.entries),
            "outcomes": str(len(self.outcomes)),
            "foreseen": ",".join(self.foreseen),
            "cancelled": str(self.cancelled),
        }
        return Turn(replies=(Reply(told.get(text, text)),), tracker_events=tuple(history))


def wake() -> Any:
    return LittleBot()


def wake_once(marks: str) -> Any:
    """Wakes, dies as it wakes, and wakes again: one after the other, each with a mark in the folder."""
    folder = Path(marks)
    count = len(list(folder.iterdir()))
    (folder / str(count)).touch()
    if count == 1:
        os._exit(4)
    return LittleBot()


class SlowToEnd(LittleBot):
    def stop(self) -> None:
        time.sleep(1)
        super().stop()


def wake_to_end_slowly() -> Any:
    return SlowToEnd()


def refuse() -> Any:
    raise FaqError([Problem("faq.yml", 3, "tarne", "has no answer")])


def die_waking() -> Any:
    os._exit(5)
