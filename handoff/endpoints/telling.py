"""What an endpoint is told of an event, and owing it in the transaction of the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import outbox
from handoff.endpoints.tables import WebhookRow

KIND = "webhook"  # of an outbox row
TYPE, CALL = "conversation.", "callback."  # before the kind of the event
WHERE = "outbox:webhook"  # the address is read when it is sent: one that was put right counts for what waits too

GROUPS: Mapping[str, frozenset[str]] = {
    "messages": frozenset({"message", "edited", "withdrawn"}),
    "people": frozenset({"handoff_requested", "claimed", "released", "passed", "taken_over", "offered", "declined", "given_back", "taken_back", "left_alone"}),
    "endings": frozenset({"closed", "reopened", "snoozed", "woken", "undone"}),
    "notes": frozenset({"note", "tagged", "untagged", "product_named"}),
    "matters": frozenset({"staged", "link_renewed", "added", "all_well", "not_well"}),
    "customers": frozenset(
        {"contact_left", "contact_unclear", "identified", "verified", "unverified", "code_wrong", "code_over", "customer_left", "customer_back", "scored"}
    ),
    "calls": frozenset({"callback_requested", "callback_moved", "callback_done", "callback_unreached", "callback_cancelled"}),
    "times": frozenset({"promise_missed", "overdue"}),
}
OTHER = "other"  # what no group names, also what is still to come
ALL_GROUPS = (*GROUPS, OTHER)


@dataclass(frozen=True)
class Happened:
    """An event of a conversation. `facts` are what figures count and nobody's words; `body` is everything; `walled`: its team keeps the words to itself."""

    event_id: str
    conversation_id: str
    number: int
    kind: str
    actor: str
    agent_id: str | None
    at: datetime
    state: str
    channel: str
    language: str
    team_id: str | None
    facts: Mapping[str, Any]
    body: Mapping[str, Any]
    walled: bool = False


def group_of(kind: str) -> str:
    """The group that a kind of event belongs to."""
    return next((name for name, kinds in GROUPS.items() if kind in kinds), OTHER)


def type_of(kind: str) -> str:
    """What an endpoint reads of the kind: `conversation.closed`; of a call its own, `callback.requested`."""
    return CALL + kind.removeprefix("callback_") if kind in GROUPS["calls"] else TYPE + kind


_OPEN = select(WebhookRow).where(WebhookRow.paused_at.is_(None))  # asked with every event
_ANY_OPEN = select(WebhookRow.__table__.c.id).where(WebhookRow.__table__.c.paused_at.is_(None)).limit(1)


def wanting(session: Session, kind: str) -> list[WebhookRow]:
    """The endpoints that are told of this kind of event."""
    if session.connection().scalar(_ANY_OPEN) is None:
        return []
    open_ones = session.scalars(_OPEN).all()
    return [one for one in open_ones if not one.groups or group_of(kind) in one.groups]


def owe(session: Session, endpoints: list[WebhookRow], happened: Happened) -> None:
    """Owe each endpoint the event, in the caller's transaction."""
    for one in endpoints:
        told = as_payload(happened, with_words=one.with_words and not happened.walled)
        payload = {"conversation_id": happened.conversation_id, "told": told}
        outbox.enqueue(session, kind=KIND, url=WHERE, key=f"webhook:{one.id}:{happened.event_id}", payload=payload, receiver=one.id)


def as_payload(happened: Happened, *, with_words: bool) -> dict[str, Any]:
    """The event in the form of Standard Webhooks: type, time, data. Ids and facts; `body` only where the endpoint gets the words."""
    data: dict[str, Any] = {
        "conversation_id": happened.conversation_id,
        "number": happened.number,
        "kind": happened.kind,
        "actor": happened.actor,
        "agent_id": happened.agent_id,
        "state": happened.state,
        "channel": happened.channel,
        "language": happened.language,
        "team_id": happened.team_id,
        "facts": dict(happened.facts),
    }
    if with_words:
        data["body"] = dict(happened.body)
    return {"type": type_of(happened.kind), "timestamp": happened.at.isoformat(), "data": data}
