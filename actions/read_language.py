"""Follows the customer's language. Runs with every message, before the rules, to fill the slot `language`."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from bot.understanding import LANGUAGES


class ActionReadLanguage(Action):
    """The words' own language where they decide it; otherwise the page's, until words have decided and whenever the customer switches it.

    A slot and not an entity, because it stands nowhere in the text.
    """

    def name(self) -> str:
        return "action_read_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        decided_before = any(event.get("event") == "slot" and event.get("name") == "language" for event in tracker.events)
        page = conversation.metadata(tracker).get("language")
        heard = tracker.latest_message.get("language") or (page if not decided_before or page != conversation.language_of_page_before(tracker) else None)
        return [SlotSet("language", heard)] if heard in LANGUAGES else []
