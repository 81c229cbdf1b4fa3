"""Does what the customer says yes to: the person offered, the entry suggested."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.answer_entry import answer_entry
from actions.request_handoff import hand_over, reason
from actions.suggest import suggested

Events = list[dict[str, Any]]


class ActionAffirm(Action):
    """A yes; to nothing in particular it is answered by staying at hand."""

    def name(self) -> str:
        return "action_affirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        asked = conversation.asked(tracker)
        if "utter_said_before" in asked:  # "does this help?"
            dispatcher.utter_message(response="utter_glad")
            return []
        if asked & conversation.OFFERS_OF_A_PERSON:
            return await hand_over(dispatcher, tracker, reason(tracker))
        if asked & conversation.SUGGESTIONS:
            return _choose(dispatcher, tracker)
        dispatcher.utter_message(response="utter_ask_contact" if conversation.awaits_contact(tracker) else "utter_glad")
        return []


def _choose(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Yes to one suggestion is that entry; yes to several asks which one."""
    entries = suggested(tracker)
    found = conversation.candidate(tracker, entries[0]) if len(entries) == 1 else None
    if found:
        return answer_entry(dispatcher, tracker, found)
    dispatcher.utter_message(response="utter_which_one", buttons=[dict(button) for button in conversation.offered_buttons(tracker)])
    return []
