"""Gives the answer of one FAQ entry: the one the customer chose, or the one that fits for sure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, wording
from actions.ask_identity import ask_identity, must_be_known
from actions.offer_human import offer_human
from actions.suggest import CHOOSE
from bot.understanding import Language

Events = list[dict[str, Any]]


class ActionAnswerEntry(Action):
    """The customer tapped a suggestion."""

    def name(self) -> str:
        return "action_answer_entry"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        chosen = conversation.entities(tracker, "entry")
        found = conversation.candidate(tracker, str(chosen[0]["value"])) if chosen else None
        return answer_entry(dispatcher, tracker, found) if found else offer_human(dispatcher, tracker)


def answer_entry(dispatcher: CollectingDispatcher, tracker: Tracker, entry: Mapping[str, Any]) -> Events:
    """The answer in the customer's language where the entry has it, otherwise in Estonian, saying so unless they have just agreed to that.

    An answer that was read before comes with an offer of a person: the same words again may not help.
    """
    if must_be_known(tracker, entry):
        return ask_identity(dispatcher, tracker, entry)
    wanted, language = conversation.language(tracker), conversation.language_of(tracker, entry)
    if language != wanted and "utter_estonian_only" not in conversation.asked(tracker):
        dispatcher.utter_message(response="utter_in_estonian")
    about = {"entry_id": entry["entry_id"], "probability": entry["probability"], "language": language}
    dispatcher.utter_message(text=entry["texts"][language]["answer"], buttons=_onward(tracker, entry, language), json_message=about)
    if entry["entry_id"] in conversation.shown_entries(tracker) and conversation.people_available(tracker):
        helped = {"title": wording.title(wanted, "helped"), "payload": "/thank"}
        person = {"title": wording.title(wanted, "person"), "payload": "/ask_human"}
        dispatcher.utter_message(response="utter_said_before", buttons=[helped, person])
    return []


def _onward(tracker: Tracker, entry: Mapping[str, Any], language: Language) -> list[dict[str, str]]:
    """Buttons that ask other entries: our own process looks those up when they are tapped, a separate Rasa could not."""
    if not conversation.metadata(tracker).get("in_process"):
        return []
    return [{"title": button["titles"][language], "payload": CHOOSE + json.dumps({"entry": button["entry"]})} for button in entry.get("buttons") or ()]
