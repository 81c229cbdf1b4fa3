"""The answer to the bot's own open question: a contact it asked for, or feedback. Whatever the classifier took it for."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.give_feedback import take_feedback
from actions.leave_contact import take_contact

Events = list[dict[str, Any]]


async def take_awaited(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events | None:
    """Take the text as what was asked for. None when nothing was, or the text is something else."""
    if conversation.awaits_contact(tracker):
        return await take_contact(dispatcher, tracker)
    if "utter_ask_feedback" in conversation.asked(tracker):
        return take_feedback(dispatcher, tracker)
    return None
