"""Collects what the bot says in one turn. Rasa's own collector cuts a message into pieces; this one keeps it whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa.core.channels.channel import OutputChannel

from bot.understanding import Button, Language, Reply


class TurnChannel(OutputChannel):
    """The replies of one turn, in order."""

    def __init__(self) -> None:
        self._replies: list[Reply] = []

    @classmethod
    def name(cls) -> str:
        """What `channel:` in a response of domain.yml would name."""
        return "abiline"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one message; one without words is not for the customer."""
        if message.get("text"):
            self._replies.append(_reply(message))

    def replies(self, language: Language) -> tuple[Reply, ...]:
        """What was said, in order; but for entries' answers it is in the conversation's language."""
        return tuple(replace(reply, language=reply.language or language) for reply in self._replies)


def _reply(message: Mapping[str, Any]) -> Reply:
    """`custom` says which entry the text answers with."""
    about = message.get("custom") or {}
    buttons = tuple(Button(button["title"], button["payload"]) for button in message.get("buttons") or [])
    return Reply(message["text"], buttons, about.get("entry_id"), about.get("probability"), about.get("language"))
