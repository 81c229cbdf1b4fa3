"""The answer is there, but not in the customer's language: says so and offers the Estonian one, with a way to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, wording
from actions.suggest import choose_button

Events = list[dict[str, Any]]


def offer_estonian(dispatcher: CollectingDispatcher, tracker: Tracker, entries: Sequence[Mapping[str, Any]]) -> Events:
    """One question for all of these entries; a tap on an entry's button shows its answer."""
    language = conversation.language(tracker)
    buttons = [choose_button(entry, language) for entry in entries]
    if len(buttons) == 1:
        buttons[0]["title"] = wording.title(language, "show_estonian")
    dispatcher.utter_message(response="utter_estonian_only", buttons=[*buttons, _person(tracker)])
    return []


def must_be_offered(tracker: Tracker, entry: Mapping[str, Any]) -> bool:
    """Whether the entry's answer would come in a language that the customer has not been seen to read: asked once in a conversation."""
    return not conversation.reads(tracker, conversation.language_of(tracker, entry))


def _person(tracker: Tracker) -> dict[str, str]:
    """With nobody here, being contacted is offered instead: no one is promised."""
    here = conversation.people_available(tracker)
    return {"title": wording.title(conversation.language(tracker), "person" if here else "contact"), "payload": "/ask_human" if here else "/leave_contact"}
