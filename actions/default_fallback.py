"""No rule fits: offers a person instead of Rasa's silence."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import UserUtteranceReverted
from rasa_sdk.executor import CollectingDispatcher

from actions.offer_human import offer_human


class ActionDefaultFallback(Action):
    """Stands in for Rasa's own. The utterance is taken back, or Rasa would predict the fallback again and again."""

    def name(self) -> str:
        return "action_default_fallback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return [*offer_human(dispatcher, tracker), UserUtteranceReverted()]
