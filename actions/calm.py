"""Keeps calm: one apology for a complaint, a helping hand for a scolding, a person when it goes on."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.offer_human import offer_human

Events = list[dict[str, Any]]


class ActionApologise(Action):
    """Apologises once in a conversation; again would sound empty. The next step is the rule's next action."""

    def name(self) -> str:
        return "action_apologise"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        again = conversation.said_before(tracker, "utter_apology")
        dispatcher.utter_message(response="utter_heard" if again else "utter_apology")
        return []


class ActionStayCalm(Action):
    """The bot was scolded: it tries once more, then offers a person."""

    def name(self) -> str:
        return "action_stay_calm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        if conversation.asked(tracker) & {"utter_smalltalk_insult", "utter_clarify"}:
            return offer_human(dispatcher, tracker)
        dispatcher.utter_message(response="utter_smalltalk_insult")
        return []
