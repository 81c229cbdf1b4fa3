"""Rasa's own connectors, for what they know of each messenger: what an update is, and how buttons are drawn there. The only import of them.

Their web server (Sanic), their sending and their checks of signatures stay unused: sending is the outbox's, which keeps and repeats, and signatures are
compared in constant time here. They are imported when the first messenger is used, so that a house without one starts as fast as ever.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

Button = Mapping[str, str]  # title, payload
SLACK_ROW, SLACK_TITLE = 5, 75  # buttons in a row, characters on one
TelegramKind = Literal["press", "edited", "text", "location", "other"]


@lru_cache(maxsize=1)
def _telegram() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rasa.core.channels import telegram
    return telegram


def telegram_kind(update: Mapping[str, Any]) -> TelegramKind:
    """What an update of Telegram is. Raises whatever an update that is none makes aiogram raise."""
    connector, read = _telegram().TelegramInput, _telegram().Update(**update)
    if connector._is_button(read):
        return "press"
    if connector._is_edited_message(read):
        return "edited"
    if read.message is None:
        return "other"
    if connector._is_user_message(read.message):
        return "text"
    return "location" if connector._is_location(read.message) else "other"


async def telegram_keyboard(buttons: Sequence[Button]) -> dict[str, Any]:
    """The keyboard below a message, one button a row, as the Bot API takes it."""

    class Drawing(_telegram().TelegramOutput):  # type: ignore[misc]
        """Keeps what would have been sent."""

        async def send_message(self, _recipient: str, _text: str, reply_markup: Any = None) -> None:
            self.drawn = reply_markup.to_python()

    drawing = Drawing("0:drawing")
    await drawing.send_text_with_buttons("0", "", list(buttons), button_type="vertical")
    drawn: dict[str, Any] = drawing.drawn
    return drawn


@lru_cache(maxsize=1)
def _slack() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rasa.core.channels import slack
    return slack


@lru_cache(maxsize=1)
def _facebook() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rasa.core.channels import facebook
    return facebook


def slack_words(text: str, ours: Sequence[str]) -> str:
    """The text without mentions of us and without Slack's titles of links."""
    return str(_slack().SlackInput._sanitize_user_message(text, list(ours)))


def slack_pressed(payload: Mapping[str, Any]) -> str | None:
    """What a pressed button brings; None where nothing was pressed that brings something."""
    connector = _slack().SlackInput
    if not connector._is_interactive_message(payload):
        return None
    brought = connector._get_interactive_response(payload["actions"][0])
    return None if brought is None else str(brought)


async def slack_buttons(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Blocks of buttons, five in each, as Block Kit takes them."""

    class Drawing(_slack().SlackBot):  # type: ignore[misc]
        """Keeps what would have been sent."""

        def __init__(self) -> None:
            self.slack_channel = None
            self.drawn: list[dict[str, Any]] = []

        async def _post_message(self, channel: str, **said: Any) -> None:
            self.drawn += said["blocks"][1:]

    drawing = Drawing()
    for first in range(0, len(buttons), SLACK_ROW):
        row = [{**one, "title": one["title"][:SLACK_TITLE]} for one in buttons[first : first + SLACK_ROW]]
        await drawing.send_text_with_buttons("", "", row)
    return drawing.drawn


def facebook_kind(event: Mapping[str, Any]) -> tuple[Literal["press", "text", "other"], str]:
    """What a message of Messenger's is, and what a pressed quick reply brings."""
    connector = _facebook().Messenger
    if connector._is_quick_reply_message(event):
        return "press", str(event["message"]["quick_reply"]["payload"])
    return ("text" if connector._is_user_message(event) else "other"), ""


async def facebook_quick_replies(text: str, buttons: Sequence[Button]) -> dict[str, Any]:
    """A message with quick replies, as the Send API takes it."""
    drawn: list[dict[str, Any]] = []

    class Client:
        """Keeps what would have been sent."""

        def send(self, message: dict[str, Any], _recipient: str, _kind: str) -> None:
            drawn.append(message)

    await _facebook().MessengerBot(Client()).send_quick_replies("", text, [dict(one) for one in buttons])
    return drawn[0]
