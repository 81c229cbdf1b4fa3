"""Wakes readers when a conversation has new events. Carries no data: a reader always asks the numbered log for the rest.

In one process only; with many, the same two functions go over Redis. Losing a wake-up delays a reader until its next
heartbeat and never loses an event.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

DESK = "desk"


def conversation_topic(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


class Signals:
    """Topics and those who wait on them. `notify` may be called from any thread."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop that readers live in; called once, when the service starts."""
        self._loop = loop

    def notify(self, *topics: str) -> None:
        """Wake everybody who waits on one of the topics. Call it after the commit."""
        if self._loop is None or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._wake, topics)

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

    def _wake(self, topics: tuple[str, ...]) -> None:
        for topic in topics:
            for event in self._waiting.get(topic, ()):
                event.set()
