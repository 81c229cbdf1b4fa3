"""Gives a handoff on: into the turn's result in our own process, over HTTP from a separate Rasa."""

from __future__ import annotations

import logging

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, wording
from handoff.client import HandoffNotDelivered, deliver
from handoff.contract import HandoffRequest

log = logging.getLogger(__name__)


async def send(dispatcher: CollectingDispatcher, tracker: Tracker, request: HandoffRequest) -> bool:
    """True when it is on its way. When it can't be delivered the customer is told kindly and False comes back."""
    if conversation.metadata(tracker).get("in_process"):
        dispatcher.utter_message(json_message={"handoff": request.model_dump(mode="json")})
        return True
    try:
        await deliver(request, key=f"rasa:{tracker.sender_id}:{conversation.message_id(tracker)}")
    except HandoffNotDelivered as error:
        log.error("handoff not delivered: %s", error)
        again = {"title": wording.title(conversation.language(tracker), "again"), "payload": "/ask_human"}
        dispatcher.utter_message(response="utter_handoff_delayed", buttons=[again])
        return False
    return True
