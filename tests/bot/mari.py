"""Mari, who writes to the real bot."""

from __future__ import annotations

import json
from typing import Any

from bot.runtime import RasaBot
from bot.understanding import Incoming, Turn


class Mari:
    """A customer: what she writes is answered, and the new events become her history."""

    def __init__(self, bot: RasaBot, name: str = "mari-1", **about: Any) -> None:
        self._bot = bot
        self._name = name
        self._about = about
        self.history: list[Any] = []

    async def writes(self, text: str, *, payload: str | None = None, **about: Any) -> Turn:
        message = Incoming(self._name, f"m{len(self.history)}", text, payload, **(self._about | about))
        turn = await self._bot.reply(self.history, message)
        self.history = json.loads(json.dumps([*self.history, *turn.tracker_events]))  # as the database gives it back
        return turn

    async def taps(self, turn: Turn, title: str) -> Turn:
        """Tap a button of a turn; the server knows what it means."""
        button = next(button for reply in turn.replies for button in reply.buttons if button.title == title)
        return await self.writes(title, payload=button.payload)


def said(turn: Turn) -> str:
    return "\n".join(reply.text for reply in turn.replies)
