"""What can happen in a conversation, and what each reader gets to see of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from handoff.conversations.tables import EventRow


class Kind(StrEnum):
    """Facts, in the past tense."""

    MESSAGE = "message"  # body: text (may be empty where there are files), files, and for the bot buttons (titles), entry_id, probability
    NOTE = "note"  # agents only; body: text
    HANDOFF_REQUESTED = "handoff_requested"  # body: reason
    CLAIMED = "claimed"  # body: name of the agent
    RELEASED = "released"  # the agent let it go; it waits again
    GIVEN_BACK = "given_back"  # the bot goes on
    TAKEN_BACK = "taken_back"  # the customer went back to the bot
    PASSED = "passed"  # body: name of the next agent
    CLOSED = "closed"  # body: outcome
    REOPENED = "reopened"
    CONTACT_LEFT = "contact_left"  # body: contact ("email" or "phone"); the value stays in the conversation's row
    IDENTIFIED = "identified"  # agents only: the site says who is logged in; who, stays in the conversation's row
    PROMISE_MISSED = "promise_missed"  # agents only, as the next three: it takes longer than the customer was told; the words to them are a message
    LEFT_ALONE = "left_alone"  # nobody is here any more while the customer waits
    CUSTOMER_LEFT = "customer_left"  # no sign of the customer's page for some minutes of waiting
    CUSTOMER_BACK = "customer_back"


FOR_AGENTS_ONLY = frozenset({Kind.NOTE, Kind.IDENTIFIED, Kind.PROMISE_MISSED, Kind.LEFT_ALONE, Kind.CUSTOMER_LEFT, Kind.CUSTOMER_BACK})


def words_of(message: EventRow) -> str:
    """What was said, in one text; of a message without words, the names of its files."""
    return message.body["text"] or ", ".join(file["name"] for file in message.body.get("files", ()))


def for_customer(event: EventRow) -> dict[str, Any] | None:
    """The event as the customer's page gets it, or None when it is not theirs to see. Never the payload of a button."""
    if Kind(event.kind) in FOR_AGENTS_ONLY:
        return None
    body = {key: value for key, value in event.body.items() if key != "probability"}
    return _view(event, body)


def for_agent(event: EventRow) -> dict[str, Any]:
    """The event as the desk gets it."""
    return _view(event, event.body) | {"agent_id": event.agent_id}


def _view(event: EventRow, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": event.number,
        "kind": event.kind,
        "actor": event.actor,
        "at": event.at.isoformat(),
        "client_id": event.client_id,
        "body": body,
    }
