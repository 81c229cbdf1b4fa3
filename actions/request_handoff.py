"""Hands the conversation over to a person, with everything said so far; afterwards the bot is silent."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ConversationPaused
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, handoff_request
from actions.delivery import send
from actions.leave_contact import ask_for_contact, take_contact
from handoff.contract import Reason

Events = list[dict[str, Any]]
REASONS_BY_INTENT = {"complain": Reason.COMPLAINT, "my_data": Reason.PERSONAL_DATA}
REASONS_BY_OFFER = {
    "utter_trouble": Reason.BOT_FAILED,
    "utter_offer_human_instead": Reason.NOT_HELPED,
    "utter_said_before": Reason.NOT_HELPED,
    "utter_offer_human": Reason.UNSURE,
    "utter_my_data_page": Reason.PERSONAL_DATA,
}


class ActionRequestHandoff(Action):
    """The customer asked for a person, accepted one or complained."""

    def name(self) -> str:
        return "action_request_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return await hand_over(dispatcher, tracker, reason(tracker))


def reason(tracker: Tracker) -> Reason:
    """Why: the complaint or the accepted offer, otherwise because the customer asked."""
    by_intent = REASONS_BY_INTENT.get(conversation.intent(tracker))
    by_offer = (found for name, found in REASONS_BY_OFFER.items() if name in conversation.asked(tracker))
    return by_intent or next(by_offer, Reason.ASKED)


async def hand_over(dispatcher: CollectingDispatcher, tracker: Tracker, why: Reason) -> Events:
    """Say who takes over and pause; with nobody there ask for a contact instead, promising no one. „Helistage 5123 4567“ has said it."""
    if not conversation.people_available(tracker):
        told = conversation.entities(tracker, *conversation.CONTACT_KINDS) or conversation.awaits_contact(tracker)
        taken = await take_contact(dispatcher, tracker) if told else None
        return ask_for_contact(dispatcher, tracker, "utter_nobody_here") if taken is None else taken
    request = handoff_request.build(tracker, why)
    if not await send(dispatcher, tracker, request):
        return []
    dispatcher.utter_message(response="utter_handoff")
    return [ConversationPaused()]
