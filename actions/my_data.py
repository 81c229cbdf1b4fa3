"""Requests about one's own data: says what will happen and lets a person do it, who checks first who asks."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.request_handoff import hand_over
from handoff.contract import Reason


class ActionMyData(Action):
    """Access, correction, erasure: the bot never tells or deletes personal data itself."""

    def name(self) -> str:
        return "action_my_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_my_data")
        return await hand_over(dispatcher, tracker, Reason.PERSONAL_DATA)
