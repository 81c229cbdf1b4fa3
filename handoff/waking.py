"""Wakes the bot with its actions. Of the house it loads nothing: it is called in the bot's own process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.runtime import RasaBot


def woken(model_dir: Path, *, bot_name: str, precision: float | None) -> RasaBot:
    """Rasa in this process, with the actions handed in. Raises `BotUnavailable` when no model was trained."""
    from rasa_sdk.executor import ActionExecutor

    from bot.runtime import RasaBot

    executor = ActionExecutor()
    executor.register_package("actions")
    bot = RasaBot(model_dir, executor, bot_name=bot_name, precision=precision)
    bot.start()
    return bot
