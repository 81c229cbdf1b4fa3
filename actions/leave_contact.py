"""Takes an e-mail address or a phone number to which a person answers later."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, handoff_request, wording
from actions.delivery import send
from handoff.contract import Reason

Events = list[dict[str, Any]]


class ActionLeaveContact(Action):
    """The customer leaves a contact, or wants to."""

    def name(self) -> str:
        return "action_leave_contact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        events = await take_contact(dispatcher, tracker)
        if events is None:
            dispatcher.utter_message(response="utter_ask_contact")
        return events or []


def ask_for_contact(dispatcher: CollectingDispatcher, tracker: Tracker, response: str) -> Events:
    """Ask where to answer, saying when people are back; a contact that was left before is not asked for again."""
    language = conversation.language(tracker)
    back = wording.back(language, conversation.metadata(tracker).get("back_at"))
    known = tracker.slots.get("contact")
    dispatcher.utter_message(response="utter_contact_known" if known else response, back=back)
    return []


async def take_contact(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events | None:
    """Take the contact in the last message. None when there is none and nothing was said about it."""
    found = conversation.entities(tracker, *conversation.CONTACT_KINDS)
    if not found:
        if not conversation.looks_like_contact(tracker):
            return None
        dispatcher.utter_message(response="utter_check_contact")
        return []
    if not await _keep(dispatcher, tracker, found[0]):
        return []
    written = conversation.written(tracker, found[0])
    reply = wording.reply(conversation.language(tracker), conversation.metadata(tracker).get("back_at"))
    dispatcher.utter_message(response="utter_thank_contact", contact=written, reply=reply)
    return [SlotSet("contact", written)]


async def _keep(dispatcher: CollectingDispatcher, tracker: Tracker, entity: Any) -> bool:
    """Into the turn's result in our own process; a separate Rasa hands the conversation over, contact and all."""
    if conversation.metadata(tracker).get("in_process"):
        dispatcher.utter_message(json_message={"contact": {"kind": entity["entity"], "value": str(entity["value"])}})
        return True
    return await send(dispatcher, tracker, handoff_request.build(tracker, Reason.CONTACT_LEFT))
