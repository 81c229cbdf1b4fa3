"""Wakes readers when a conversation has new events. Carries no data: a reader always asks the numbered log for the rest.

With many processes `handoff.conversations.relay` carries the topics between them. Losing a wake-up delays a reader until its next
heartbeat and never loses an event.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

DESK = "desk"
ENTRIES = "entries"  # there is something new to answer from


def conversation_topic(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


class Signals:
    """Topics and those who wait on them. `notify` may be called from any thread."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.abroad: Callable[[tuple[str, ...]], None] = lambda _topics: None  # tells other processes, where there are some
        self.woke: Callable[[float], None] = lambda _seconds: None  # told how long a wake-up took to its readers
        self.ending = False  # readers go, and come back to another process or to the next one

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop that readers live in; called once, when the service starts."""
        self._loop = loop

    def notify(self, *topics: str) -> None:
        """Wake everybody who waits on one of the topics. Call it after the commit."""
        if self._loop is None or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._wake, topics, time.perf_counter())

    def notify_others(self, *topics: str) -> None:
        """Wake whoever waits on them in other processes; we know already."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.abroad, topics)

    def changed(self, conversation_id: str) -> None:
        """A conversation has new events or a new state: wake its readers and the desk."""
        self.notify(conversation_topic(conversation_id), DESK)

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[asyncio.Event]:
        """An `asyncio.Event` that is set at each notification; the reader clears it before it looks."""
        event = asyncio.Event()
        self._waiting[topic].add(event)
        try:
            yield event
        finally:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    def wake_here(self, topics: tuple[str, ...]) -> None:
        """Wake the readers of this process. In its loop."""
        for topic in topics:
            for event in self._waiting.get(topic, ()):
                event.set()

    def wake_everybody(self) -> None:
        """Whoever waits looks once: wake-ups may have been lost. In the loop."""
        self.wake_here(tuple(self._waiting))

    def end(self) -> None:
        """The process stops: every reader looks once more and goes. From any thread, or from a signal."""
        self.ending = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.wake_everybody)

    def _wake(self, topics: tuple[str, ...], since: float) -> None:
        self.wake_here(topics)
        self.woke(time.perf_counter() - since)
        self.abroad(topics)
