"""What the house tells about its own work: how long each part of an answer took, what was decided, which conversation a log line belongs to.

Never a word that somebody wrote, never who it was: numbers, names of ours, and random ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Protocol

conversation_now: ContextVar[str | None] = ContextVar("conversation_now", default=None)
"""The conversation that this task or thread works on, for the log and for traces."""
request_now: ContextVar[str | None] = ContextVar("request_now", default=None)
"""The request that began the work."""


class Watch(Protocol):
    """Who is told. Any thread may tell; telling raises nothing and waits for nothing."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """A part of the way from a message to its answer is gone through inside the `with` block."""

    def took(self, name: str, seconds: float) -> None:
        """A part has just ended that was measured elsewhere."""

    def decided(self, action: str) -> None:
        """A message was answered so: answer, suggest, handoff …, or `other` where nothing was decided."""

    def failed(self, why: str) -> None:
        """The bot gave no answer: `slow`, or `error`."""


class NobodyWatches:
    """The default: tests and commands that serve nobody."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        yield

    def took(self, name: str, seconds: float) -> None:
        pass

    def decided(self, action: str) -> None:
        pass

    def failed(self, why: str) -> None:
        pass


@contextmanager
def working_on(conversation_id: str) -> Iterator[None]:
    """What is logged inside the block says which conversation it was about."""
    token = conversation_now.set(conversation_id)
    try:
        yield
    finally:
        conversation_now.reset(token)
