"""Offers a person, never without a way to say no; with nobody there it asks for a contact instead."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, wording
from actions.leave_contact import ask_for_contact

Events = list[dict[str, Any]]


def offer_human(dispatcher: CollectingDispatcher, tracker: Tracker, response: str = "utter_offer_human") -> Events:
    """Offer with a yes and a no to tap."""
    if not conversation.people_available(tracker):
        return ask_for_contact(dispatcher, tracker, "utter_offer_contact")
    language = conversation.language(tracker)
    yes = {"title": wording.title(language, "accept"), "payload": "/ask_human"}
    no = {"title": wording.title(language, "decline"), "payload": "/deny"}
    dispatcher.utter_message(response=response, buttons=[yes, no])
    return []


def say_machine_and_offer_human(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """For „kas siin mõni elus inimene ka on“, which asks whether this is a machine and may wish for a person."""
    if not conversation.people_available(tracker):
        dispatcher.utter_message(response="utter_ask_bot")
        return []
    return offer_human(dispatcher, tracker, "utter_offer_human_by_machine")
