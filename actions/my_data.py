"""Requests about one's own data: the page where people see to it themselves, and a person, who checks first who asks."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, wording
from actions.request_handoff import hand_over
from handoff.contract import Reason

WISH = "my_data"
SURELY = 0.5


class ActionMyData(Action):
    """Access, correction, erasure: the bot never tells or deletes personal data itself. Where the page can't make sure who asks, a person does."""

    def name(self) -> str:
        return "action_my_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if not conversation.metadata(tracker).get("data_page"):
            dispatcher.utter_message(response="utter_my_data")
            return await hand_over(dispatcher, tracker, Reason.PERSONAL_DATA)
        lead_to_page(dispatcher, tracker)
        return []


def lead_to_page(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Name the page of one's own data, with a person beside it."""
    title = wording.title(conversation.language(tracker), "person" if conversation.people_available(tracker) else "contact")
    dispatcher.utter_message(response="utter_my_data_page", buttons=[{"title": title, "payload": "/ask_human"}])


def may_mean_their_data(tracker: Tracker) -> bool:
    """Whether a question that an entry answers is surely about the customer's own data too: the entry knows the shop's habits, the page knows theirs."""
    found = conversation.decision(tracker)
    is_wish = found.get("intent") == WISH and float(found.get("confidence") or 0.0) >= SURELY
    return is_wish and bool(conversation.metadata(tracker).get("data_page")) and not conversation.said_before(tracker, "utter_my_data_page")
