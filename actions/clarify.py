"""Asks what was meant, once: the second time in a row a person is offered."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.awaited import take_awaited
from actions.offer_human import offer_human

Events = list[dict[str, Any]]


class ActionClarify(Action):
    """The text has no meaning that the bot could find."""

    def name(self) -> str:
        return "action_clarify"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        awaited = await take_awaited(dispatcher, tracker)
        return clarify(dispatcher, tracker) if awaited is None else awaited


def clarify(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """One kind question, or the offer when that question was the last thing said."""
    if "utter_clarify" in conversation.asked(tracker):
        return offer_human(dispatcher, tracker)
    dispatcher.utter_message(response="utter_clarify")
    return []
