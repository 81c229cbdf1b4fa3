"""Bots that are slow, and bots that give what they are told."""

from __future__ import annotations

import asyncio

from bot.understanding import Incoming, Reply, TrackerEvents, Turn
from tests.fakes import FakeBot


class Slow(FakeBot):
    """Answers only when told to; says when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.at_once = self.most_at_once = 0

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        self.asked.append(message)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.was_asked.set()
        try:
            await self.may_answer.wait()
        finally:
            self.at_once -= 1
        return Turn((Reply(f"Vastus: {message.text}"),), ({"event": "user"},))


class Giving(FakeBot):
    """Gives the same turn, whatever is asked; or raises."""

    def __init__(self, turn: Turn | Exception) -> None:
        super().__init__()
        self._turn = turn

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        self.asked.append(message)
        if isinstance(self._turn, Exception):
            raise self._turn
        return self._turn
