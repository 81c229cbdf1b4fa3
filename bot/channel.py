"""Collects what the bot says in one turn. Rasa's own collector cuts a message into pieces; this one keeps it whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.core.channels.channel import OutputChannel

from bot.understanding import Button, Language, Reply


class TurnChannel(OutputChannel):
    """The replies of one turn, in order."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.replies: list[Reply] = []

    @classmethod
    def name(cls) -> str:
        """What `channel:` in a response of domain.yml would name."""
        return "abiline"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one message; one without words is not for the customer."""
        if message.get("text"):
            self.replies.append(_reply(message, self._language))


def _reply(message: Mapping[str, Any], language: Language) -> Reply:
    """`custom` says which entry the text answers with; the other replies are in the conversation's language."""
    about = message.get("custom") or {}
    buttons = tuple(Button(button["title"], button["payload"]) for button in message.get("buttons") or [])
    return Reply(message["text"], buttons, about.get("entry_id"), about.get("probability"), about.get("language", language))
