"""What an action needs to know of the conversation, read off Rasa's tracker. No state of its own.

The tracker's events are dictionaries as Rasa serialises them. What the bot asked last is recognised by the names of the
responses it used (`utter_action`), so a "yes" can be understood without a slot that might go stale.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from rasa_sdk import Tracker

from bot.understanding import LANGUAGES, Language

Event = Mapping[str, Any]

OFFERS_OF_A_PERSON = frozenset({"utter_offer_human", "utter_offer_human_by_machine", "utter_offer_human_instead", "utter_said_before", "utter_trouble"})
SUGGESTIONS = frozenset({"utter_suggest", "utter_suggest_one", "utter_which_one", "utter_estonian_only"})
ASKS_FOR_CONTACT = frozenset({"utter_nobody_here", "utter_offer_contact", "utter_ask_contact", "utter_check_contact"})
CONTACT_KINDS = ("email", "phone")
LEAST_DIGITS_OF_A_PHONE = 5


def language(tracker: Tracker) -> Language:
    """The language of the conversation so far."""
    found = tracker.slots.get("language")
    return cast(Language, found) if found in LANGUAGES else "et"


def text(tracker: Tracker) -> str:
    """What the customer wrote last."""
    return str(tracker.latest_message.get("text") or "")


def intent(tracker: Tracker) -> str:
    """The intent the dialogue went on with; empty when there is none."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def metadata(tracker: Tracker) -> Mapping[str, Any]:
    """What came along with the last message: `in_process`, `people_available`, `back_at`, `page`, `name`."""
    last = next(_backwards(tracker, "user"), {})
    return last.get("metadata") or {}


def language_of_page_before(tracker: Tracker) -> str | None:
    """The language in which the customer's page stood when they wrote the time before."""
    users = _backwards(tracker, "user")
    next(users, None)
    found = (next(users, {}).get("metadata") or {}).get("language")
    return str(found) if found else None


def message_id(tracker: Tracker) -> str:
    """The last message's own id: the same however often it is handled."""
    return str(next(_backwards(tracker, "user"), {}).get("message_id") or len(tracker.events))


def people_available(tracker: Tracker) -> bool:
    """Whether a person may be promised. A separate Rasa can't know and lets the desk queue the conversation."""
    return bool(metadata(tracker).get("people_available", True))


def decision(tracker: Tracker) -> Mapping[str, Any]:
    """What the pipeline decided about the last message; empty when it has no such component."""
    return tracker.latest_message.get("decision") or {}


def candidates(tracker: Tracker) -> list[Mapping[str, Any]]:
    """FAQ entries considered for the last message, best first. Those that may be shown carry `texts` by language."""
    return list(decision(tracker).get("candidates") or [])


def parts(tracker: Tracker) -> list[Mapping[str, Any]]:
    """The separate questions of the last message, where it asked several that are answered one by one; empty otherwise."""
    return list(decision(tracker).get("parts") or [])


def candidate(tracker: Tracker, entry_id: str) -> Mapping[str, Any] | None:
    """The entry as it was last offered, with its texts; None when it never was or is no longer published."""
    if "decision" in tracker.latest_message and "action" not in decision(tracker):  # our own process looks the entry up for the button's message
        offered = [tracker.latest_message["decision"]]
    else:
        offered = [(event.get("parse_data") or {}).get("decision") or {} for event in _backwards(tracker, "user")]
    for one in offered:
        in_parts = [found for part in one.get("parts") or [] for found in part["candidates"]]
        for found in [*(one.get("candidates") or []), *in_parts]:
            if found["entry_id"] == entry_id and found.get("texts"):
                return cast(Mapping[str, Any], found)
    return None


def entities(tracker: Tracker, *kinds: str) -> list[Mapping[str, Any]]:
    """Entities of these kinds in the last message, in the order they stand in."""
    return [entity for entity in tracker.latest_message.get("entities") or [] if entity.get("entity") in kinds]


def written(tracker: Tracker, entity: Mapping[str, Any]) -> str:
    """An entity as the customer wrote it; its plain value where its place is unknown."""
    return text(tracker)[entity["start"] : entity["end"]] if "start" in entity else str(entity["value"])


def last_turn(tracker: Tracker) -> list[Event]:
    """What the bot said just before the customer's last message, the oldest first."""
    said: list[Event] = []
    messages_seen = 0
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            messages_seen += 1
            if messages_seen == 2:
                break
        elif event.get("event") == "bot" and messages_seen == 1:
            said.append(event)
    return said[::-1]


def asked(tracker: Tracker) -> frozenset[str]:
    """Names of the responses the bot used just before the customer's last message."""
    return frozenset(name for event in last_turn(tracker) if (name := response_name(event)))


def response_name(event: Event) -> str:
    """The response of domain.yml that a bot event was made from; empty for an entry's answer."""
    return str((event.get("metadata") or {}).get("utter_action") or "")


def said_before(tracker: Tracker, *responses: str) -> bool:
    """Whether the bot has used one of these responses earlier in the conversation."""
    return any(response_name(event) in responses for event in _backwards(tracker, "bot"))


def language_of(tracker: Tracker, entry: Mapping[str, Any]) -> Language:
    """The language in which an entry answers this customer: their own where the entry has it, otherwise Estonian."""
    wanted = language(tracker)
    return wanted if (entry["texts"].get(wanted) or {}).get("answer") else "et"


def reads(tracker: Tracker, written_in: Language) -> bool:
    """Whether the customer speaks the language, or has had an answer in it before."""
    custom = ((event.get("data") or {}).get("custom") or {} for event in _backwards(tracker, "bot"))
    return written_in == language(tracker) or any(found.get("entry_id") and found.get("language") == written_in for found in custom)


def shown_entries(tracker: Tracker) -> frozenset[str]:
    """Ids of the entries whose answers the customer has already read."""
    custom = ((event.get("data") or {}).get("custom") or {} for event in _backwards(tracker, "bot"))
    return frozenset(str(found["entry_id"]) for found in custom if found.get("entry_id"))


def offered_buttons(tracker: Tracker) -> list[Mapping[str, Any]]:
    """Buttons under what the bot said last."""
    return [button for event in last_turn(tracker) for button in (event.get("data") or {}).get("buttons") or []]


def awaits_contact(tracker: Tracker) -> bool:
    """Whether the bot has just asked for an e-mail address or a phone number."""
    return bool(asked(tracker) & ASKS_FOR_CONTACT)


def looks_like_contact(tracker: Tracker) -> bool:
    """Whether somebody tried to write an address or a number, however wrong it came out."""
    words = text(tracker)
    return "@" in words or (len(re.findall(r"\d", words)) >= LEAST_DIGITS_OF_A_PHONE and not entities(tracker, "order_number"))


def _backwards(tracker: Tracker, kind: str) -> Iterator[Event]:
    return (event for event in reversed(tracker.events) if event.get("event") == kind)
