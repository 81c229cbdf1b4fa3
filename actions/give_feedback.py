"""Takes feedback: what was written already is kept, a mere wish to give some is asked for the words."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation

Events = list[dict[str, Any]]
LONGEST_WISH = 7  # words; a longer text says something itself
_WISH = re.compile(r"tagasi\s?sid|hinnata|kiita|ettepanek|kogemus|mõte|idee|feedback|suggestion|review|отзыв|предложени|otzyv", re.IGNORECASE)


class ActionGiveFeedback(Action):
    """The customer praises, suggests, rates, or wants to."""

    def name(self) -> str:
        return "action_give_feedback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        waits_for_it = "utter_ask_feedback" in conversation.asked(tracker)
        if not waits_for_it and is_mere_wish(conversation.text(tracker)):
            dispatcher.utter_message(response="utter_ask_feedback")
            return []
        return take_feedback(dispatcher, tracker)


def is_mere_wish(words: str) -> bool:
    """Whether the text only announces feedback: „soovin tagasisidet anda“."""
    return len(words.split()) <= LONGEST_WISH and bool(_WISH.search(words))


def take_feedback(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Keep the text as feedback and thank. A separate Rasa keeps it in its tracker only."""
    if conversation.metadata(tracker).get("in_process"):
        dispatcher.utter_message(json_message={"feedback": conversation.text(tracker)})
    dispatcher.utter_message(response="utter_thank_feedback")
    return []
