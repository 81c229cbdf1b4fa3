"""Takes a no as an answer: to a suggestion, to an answer that did not help, or to the offer of a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.offer_human import offer_human

Events = list[dict[str, Any]]
INSTEAD = "utter_offer_human_instead"


class ActionDeny(Action):
    """A no. What was declined is not offered again in the same breath."""

    def name(self) -> str:
        return "action_deny"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        asked = conversation.asked(tracker)
        declined = asked & (conversation.OFFERS_OF_A_PERSON | conversation.ASKS_FOR_CONTACT)
        answered = any((event.get("data") or {}).get("custom") for event in conversation.last_turn(tracker))
        if "utter_said_before" in asked or (not declined and (answered or asked & conversation.SUGGESTIONS)):
            return offer_human(dispatcher, tracker, INSTEAD)
        dispatcher.utter_message(response="utter_go_on")
        return []


class ActionNoneOfThese(Action):
    """The button under the suggestions."""

    def name(self) -> str:
        return "action_none_of_these"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return offer_human(dispatcher, tracker, INSTEAD)
