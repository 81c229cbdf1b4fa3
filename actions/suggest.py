"""Asks „Kas mõtlesite …?“ with at most three entries to tap and a way to say that none of them fits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, wording
from bot.understanding import Language

Events = list[dict[str, Any]]
MOST_SUGGESTIONS = 3
LIKELY = 0.6  # with less, a list is about as likely to miss as to help, and a person stands beside it
CHOOSE = "/choose_entry"


def suggest(dispatcher: CollectingDispatcher, tracker: Tracker, entries: Sequence[Mapping[str, Any]]) -> Events:
    """Suggest these entries, best first."""
    language = conversation.language(tracker)
    shown = entries[:MOST_SUGGESTIONS]
    buttons = [choose_button(entry, language) for entry in shown]
    buttons.append({"title": wording.title(language, "none_of_these"), "payload": "/none_of_these"})
    if sum(entry.get("probability", 1.0) for entry in shown) < LIKELY and conversation.people_available(tracker):
        buttons.append({"title": wording.title(language, "person"), "payload": "/ask_human"})
    dispatcher.utter_message(response="utter_suggest_one" if len(shown) == 1 else "utter_suggest", buttons=buttons)
    return []


def choose_button(entry: Mapping[str, Any], language: Language) -> dict[str, str]:
    """A button with the entry's question, in the customer's language where there is one."""
    own = (entry["texts"].get(language) or {}).get("question")
    return {"title": own or entry["texts"]["et"]["question"], "payload": CHOOSE + json.dumps({"entry": entry["entry_id"]})}


def suggested(tracker: Tracker) -> list[str]:
    """Ids of the entries that the bot has just suggested."""
    payloads = [str(button.get("payload") or "") for button in conversation.offered_buttons(tracker)]
    return [str(json.loads(payload.removeprefix(CHOOSE))["entry"]) for payload in payloads if payload.startswith(CHOOSE)]
