"""From Rasa's tracker to a `HandoffRequest`: everything a person needs to go on without asking again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rasa_sdk import Tracker

from actions import conversation, wording
from handoff.contract import Entity, FaqCandidate, HandoffRequest, IntentGuess, Reason, Said

LONGEST_TEXT = 10_000
MOST_MESSAGES = 2_000
LAST_INTENTS = 5
MOST_CANDIDATES = 10
POSSIBLE = 0.05  # below this an entry tells an agent nothing
LIKELY = 0.3  # from this probability on the topic of one of the best entries becomes a tag
MOST_TOPICS = 3
HANDED_ON = ("order_number", "email", "phone")


def build(tracker: Tracker, reason: Reason) -> HandoffRequest:
    """The request for the conversation as it stands now."""
    about = conversation.metadata(tracker)
    users = [event for event in tracker.events if event.get("event") == "user"]
    last_question = next((found for event in reversed(users) if _is_about_an_entry(found := _decision(event))), {})
    return HandoffRequest(
        conversation_id=tracker.sender_id,
        reason=reason,
        requested_at=datetime.now(UTC),
        messages=_messages(tracker)[-MOST_MESSAGES:],
        intents=[guess for event in users[-LAST_INTENTS:] if (guess := _guess(event))],
        candidates=_candidates(last_question, conversation.shown_entries(tracker)),
        entities=_entities(users),
        name=about.get("name"),
        tags=_tags(users, last_question),
        language=conversation.language(tracker),
        page=about.get("page"),
        extra={"why": why} if (why := conversation.decision(tracker).get("why")) else {},
    )


def _messages(tracker: Tracker) -> list[Said]:
    said: list[Said] = []
    titles: dict[str, str] = {}
    for event in tracker.events:
        words = str(event.get("text") or "")
        if event.get("event") == "bot":
            titles |= {button["payload"]: button["title"] for button in (event.get("data") or {}).get("buttons") or []}
        elif event.get("event") != "user":
            continue
        if words:
            written = titles.get(words, words)[:LONGEST_TEXT]
            said.append(Said(who="customer" if event["event"] == "user" else "bot", text=written, at=_moment(event)))
    return said


def _moment(event: conversation.Event) -> datetime | None:
    timestamp = event.get("timestamp")
    return datetime.fromtimestamp(timestamp, UTC) if timestamp else None


def _decision(event: conversation.Event) -> dict[str, Any]:
    return (event.get("parse_data") or {}).get("decision") or {}


def _guess(event: conversation.Event) -> IntentGuess | None:
    """The classifier's own guess, before the decision put a question in its place."""
    found = _decision(event)
    intent = (event.get("parse_data") or {}).get("intent") or {}
    name, confidence = found.get("intent") or intent.get("name"), found.get("confidence", intent.get("confidence"))
    if not name:
        return None
    return IntentGuess(text=str(event.get("text") or "")[:LONGEST_TEXT], intent=name, confidence=min(max(confidence or 0.0, 0.0), 1.0))


def _is_about_an_entry(decision: dict[str, Any]) -> bool:
    """Whether the text was a question that an entry comes near: „tahan inimest“ is about none."""
    return any(one["probability"] >= POSSIBLE for one in decision.get("candidates") or [])


def _candidates(decision: dict[str, Any], shown: frozenset[str]) -> list[FaqCandidate]:
    return [
        FaqCandidate(entry_id=one["entry_id"], question=one["question"], probability=min(max(one["probability"], 0.0), 1.0), shown=one["entry_id"] in shown)
        for one in (decision.get("candidates") or [])[:MOST_CANDIDATES]
        if one["probability"] >= POSSIBLE
    ]


def _entities(users: list[dict[str, Any]]) -> list[Entity]:
    found: dict[tuple[str, str], Entity] = {}
    for event in users:
        words = str(event.get("text") or "")
        for entity in (event.get("parse_data") or {}).get("entities") or []:
            if entity.get("entity") in HANDED_ON:
                written = words[entity["start"] : entity["end"]] if "start" in entity else None
                found[entity["entity"], str(entity["value"])] = Entity(kind=entity["entity"], value=str(entity["value"]), text=written)
    return list(found.values())


def _tags(users: list[dict[str, Any]], decision: dict[str, Any]) -> list[str]:
    topics = [str(one["topic"]) for one in (decision.get("candidates") or [])[:MOST_TOPICS] if one.get("topic") and one["probability"] >= LIKELY]
    intents = [(event.get("parse_data") or {}).get("intent") or {} for event in users]
    named = [tag for intent in intents if (tag := wording.tag(str(intent.get("name"))))]
    return list(dict.fromkeys([*topics, *named]))
