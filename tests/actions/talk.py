"""Builds a conversation as an action meets it: a saved Rasa tracker, event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

RETURNS: dict[str, Any] = {
    "entry_id": "tagastamise-tahtaeg",
    "question": "Mitu päeva on mul aega kaup tagastada?",
    "probability": 0.93,
    "topic": "tagastamine",
    "texts": {
        "et": {"question": "Mitu päeva on mul aega kaup tagastada?", "answer": "Tagastada saate **14 päeva jooksul**."},
        "ru": {"question": "Сколько дней у меня есть на возврат товара?", "answer": "Вернуть товар можно **в течение 14 дней**."},
    },
}
DELIVERY: dict[str, Any] = {
    "entry_id": "tarneaeg",
    "question": "Kui kiiresti pakk kohale jõuab?",
    "probability": 0.41,
    "topic": "tarne",
    "texts": {"et": {"question": "Kui kiiresti pakk kohale jõuab?", "answer": "Pakk jõuab teieni **1–3 tööpäevaga**."}},
}


def decided(action: str, *candidates: Mapping[str, Any], intent: str = "ask_question") -> dict[str, Any]:
    """A decision as it stands in the parse data."""
    return {"action": action, "why": "proov", "intent": intent, "confidence": 0.9, "language": "et", "candidates": list(candidates)}


class Talk:
    """A conversation so far. Mari writes with `mari`, the bot speaks with `bot`; then an action runs."""

    def __init__(self, *, language: str = "et", contact: str | None = None, **about: Any) -> None:
        self._slots = {"language": language, "contact": contact, "bot_name": "Abiline"}
        self._about = {"in_process": True, "people_available": True} | about
        self._events: list[dict[str, Any]] = [{"event": "action", "name": "action_listen", "timestamp": 1.0}]
        self._latest: dict[str, Any] = {}

    def mari(
        self, text: str, intent: str = "ask_question", *, decision: Mapping[str, Any] | None = None, entities: Sequence[tuple[str, str]] = (), **values: Any
    ) -> Talk:
        """Mari writes; `entities` are (kind, value) with the value standing in the text, or given by `values` without a place."""
        found: list[dict[str, Any]] = []
        for kind, value in entities:
            start = text.find(value)
            found.append({"entity": kind, "value": value} | ({"start": start, "end": start + len(value)} if start >= 0 else {}))
        self._latest = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": found} | values
        if decision is not None:
            self._latest["decision"] = dict(decision)
        number = len(self._events)
        about = {"message_id": f"m{number}", "metadata": self._about, "timestamp": 1000.0 + number}
        self._events.append({"event": "user", "text": text, "parse_data": self._latest} | about)
        return self

    def bot(self, *responses: str, text: str = "…", buttons: Sequence[Mapping[str, str]] = (), custom: Mapping[str, Any] | None = None) -> Talk:
        """The bot speaks with responses of domain.yml, or with an entry's answer (`custom` names it)."""
        for response in responses or ("",):
            data = {"buttons": [dict(button) for button in buttons], "custom": dict(custom or {})}
            about = {"utter_action": response} if response else {}
            self._events.append({"event": "bot", "text": text, "data": data, "metadata": about, "timestamp": 1000.0 + len(self._events)})
        return self

    @property
    def tracker(self) -> Tracker:
        return Tracker("mari-1", self._slots, self._latest, self._events, False, None, {}, "action_listen")

    async def does(self, action: Action) -> Done:
        """Run the action on the conversation."""
        dispatcher = CollectingDispatcher()
        events = await _awaited(action.run(dispatcher, self.tracker, {}))
        return Done(dispatcher.messages, events)


class Done:
    """What an action said and which events it gave back."""

    def __init__(self, messages: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
        self.events = events
        self.responses = [message["response"] for message in messages if message["response"]]
        self.texts = [message["text"] for message in messages if message["text"]]
        self.buttons = [(button["title"], button["payload"]) for message in messages for button in message["buttons"]]
        self.custom: dict[str, Any] = {key: value for message in messages for key, value in message["custom"].items()}
        self.values = {key: value for message in messages for key, value in message.items() if key in ("back", "contact", "reply")}

    @property
    def paused(self) -> bool:
        return any(event["event"] == "pause" for event in self.events)


async def _awaited(result: Any) -> list[dict[str, Any]]:
    return list(await result)
