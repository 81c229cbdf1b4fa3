"""The shapes in which the desk's page gets things."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from handoff.console.marks import Verification, verification_of
from handoff.conversations import events
from handoff.conversations.queue import Item, ListName, Whole
from handoff.conversations.tables import ConversationRow
from handoff.conversations.typists import CUSTOMER, Typist
from handoff.database import now


class LastWords(BaseModel):
    """The customer's newest message."""

    text: str
    at: datetime


class Reminder(BaseModel):
    """When the reader wants to come back to it, and what for."""

    due_at: datetime
    about: str


class Owed(BaseModel):
    """By when an agent owes the next thing (`due_goal`), when that comes near, and since when something that is owed is late."""

    due_at: datetime | None
    due_soon_at: datetime | None
    due_goal: str | None
    overdue_at: datetime | None


class Line(Owed):
    """One conversation in a list. `waiting_seconds` is None for whoever does not wait in the chat.

    `promised_until` is when the customer was told that a person comes, `late_at` when such a promise was broken, `left_at` since when
    their page has given no sign; all of them only while they wait. `offered` names whose turn it is; `stage` is where the matter stands for its
    customer, `again_at` when they said that it is not solved. `called` and `reminder` are the reader's own.
    """

    id: str
    state: str
    channel: str
    name: str
    last: LastWords | None
    waiting_since: datetime | None
    waiting_seconds: int | None
    promised_until: datetime | None
    late_at: datetime | None
    left_at: datetime | None
    changed_at: datetime
    reason: str | None
    language: str
    unread: int
    holder: str | None
    holder_id: str | None
    page: str | None
    tags: list[str]
    outcome: str | None
    snoozed_until: datetime | None
    offered: str | None
    offered_to: str | None
    offered_until: datetime | None
    verification: Verification | None
    stage: str | None
    stage_at: datetime | None
    again_at: datetime | None
    called: bool
    reminder: Reminder | None


class Queue(BaseModel):
    """One list and how long each of them is. `people` counts colleagues who can take conversations now, `pressing` what in this
    list is to be done soon or is late."""

    name: ListName
    counts: dict[str, int]
    people: int
    pressing: int
    most: int  # lines of one part; the rest is asked for
    conversations: list[Line]


class Details(Line):
    """What stands on the conversation itself."""

    email: str | None
    phone: str | None
    device: str | None
    identified_at: datetime | None
    created_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    last_number: int
    seen_by_customer: int
    seen_by_agent: int


class Handoff(BaseModel):
    """The request for a person; `request` is `handoff.contract.HandoffRequest`."""

    reason: str
    requested_at: datetime
    answered_at: datetime | None
    request: dict[str, Any]


class Decision(BaseModel):
    """What the bot made of message `number`."""

    number: int
    action: str
    intent: str | None
    confidence: float
    language: str
    why: str
    candidates: list[dict[str, Any]]
    entities: list[dict[str, Any]]


class Answer(BaseModel):
    """An entry's answer, ready to be sent."""

    entry_id: str
    text: str


class Rating(BaseModel):
    """A thumb on the bot's answer `number`."""

    number: int
    entry_id: str | None
    helpful: bool | None


class Earlier(BaseModel):
    """Another conversation of the same person."""

    id: str
    state: str
    began: datetime
    outcome: str | None
    holder: str | None
    last: LastWords | None


class Events(BaseModel):
    """Older events, in order; none when there are no more."""

    events: list[dict[str, Any]]


class Complaint(BaseModel):
    """By when the law wants the complaint answered. `days_left` is below 0 when that day is over."""

    due: date
    days_left: int


class Made(BaseModel):
    """An entry that somebody made of the conversation."""

    entry_id: str
    question: str
    status: str


class Opened(BaseModel):
    """A conversation with all its context. Of the events the newest; what is older is asked for."""

    conversation: Details
    events: list[dict[str, Any]]
    earlier: list[Earlier]
    handoff: Handoff | None
    decisions: list[Decision]
    ratings: list[Rating]
    complaint: Complaint | None = None
    made: list[Made] = []


class Standing(Owed):
    """Where a conversation stands, after a change and in its stream."""

    state: str
    holder: str | None
    holder_id: str | None
    promised_until: datetime | None
    late_at: datetime | None
    left_at: datetime | None
    seen_by_customer: int
    seen_by_agent: int
    tags: list[str]
    snoozed_until: datetime | None
    offered: str | None
    offered_to: str | None
    offered_until: datetime | None
    verification: Verification | None
    stage: str | None
    stage_at: datetime | None
    again_at: datetime | None
    email: str | None
    phone: str | None


class Colleague(BaseModel):
    """Somebody who may get a conversation. `here`: their desk is open and they have not said that they are away."""

    id: str
    name: str
    here: bool
    availability: str


class Team(BaseModel):
    """Several colleagues by one name."""

    id: str
    name: str


Guest = Callable[[str], str]
"""Four signs → the name of somebody who has not told theirs, in the reader's language."""


def line(item: Item, guest: Guest) -> Line:
    return Line(**_line(item, guest))


def opened(whole: Whole, before: Sequence[Item], guest: Guest, explained: Callable[[str], str], *, supervises: bool) -> Opened:
    row, handoff = whole.item.row, whole.handoff
    details = {name: getattr(row, name) for name in Details.model_fields if name not in Line.model_fields}
    return Opened(
        conversation=Details(**_line(whole.item, guest), **details),
        events=[events.for_agent(event, supervises=supervises) for event in whole.events],
        earlier=[_earlier(item) for item in before],
        handoff=Handoff(**{name: getattr(handoff, name) for name in Handoff.model_fields}) if handoff else None,
        decisions=[
            Decision(
                number=number,
                action=decision.action,
                intent=decision.intent,
                confidence=decision.confidence,
                language=decision.language,
                why=explained(decision.reading.get("why", "")),
                candidates=decision.reading.get("candidates", []),
                entities=decision.reading.get("entities", []),
            )
            for decision, number in whole.decisions
        ],
        ratings=[Rating(number=number, entry_id=rating.entry_id, helpful=rating.helpful) for rating, number in whole.ratings],
    )


def standing(item: Item) -> Standing:
    row = item.row
    holder_id = row.agent_id if item.holder else None
    return Standing(
        state=row.state,
        holder=item.holder,
        holder_id=holder_id,
        promised_until=item.promised_until,
        late_at=row.late_at,
        left_at=row.left_at,
        seen_by_customer=row.seen_by_customer,
        seen_by_agent=row.seen_by_agent,
        tags=row.tags,
        snoozed_until=row.snoozed_until,
        **_owed(row),
        offered=item.offered,
        offered_to=row.offered_to,
        offered_until=row.offered_until,
        verification=verification_of(item),
        stage=row.stage,
        stage_at=row.stage_at,
        again_at=row.again_at,
        email=row.email,
        phone=row.phone,
    )


def typing(typists: Sequence[Typist]) -> dict[str, Any]:
    """Who writes now: whether the customer does, and the names of colleagues."""
    return {"customer": CUSTOMER in typists, "names": [typist.name for typist in typists if typist != CUSTOMER]}


def _line(item: Item, guest: Guest) -> dict[str, Any]:
    row = item.row
    return {
        "id": row.id,
        "state": row.state,
        "channel": row.channel,
        "name": row.name or guest(hashlib.sha256(row.id.encode()).hexdigest()[:4].upper()),
        "last": _last(item),
        "waiting_since": row.waiting_since,
        "waiting_seconds": int((now() - row.waiting_since).total_seconds()) if row.waiting_since else None,
        "promised_until": item.promised_until,
        "late_at": row.late_at,
        "left_at": row.left_at,
        "changed_at": row.changed_at,
        "reason": row.reason,
        "language": row.language,
        "unread": item.unread,
        "holder": item.holder,
        "holder_id": row.agent_id if item.holder else None,
        "page": row.page,
        "tags": row.tags,
        "outcome": row.outcome,
        "snoozed_until": row.snoozed_until,
        **_owed(row),
        "offered": item.offered,
        "offered_to": row.offered_to,
        "offered_until": row.offered_until,
        "verification": verification_of(item),
        "stage": row.stage,
        "stage_at": row.stage_at,
        "again_at": row.again_at,
        "called": item.called,
        "reminder": Reminder(due_at=item.reminder.due_at, about=item.reminder.about) if item.reminder else None,
    }


def _earlier(item: Item) -> Earlier:
    row = item.row
    return Earlier(id=row.id, state=row.state, began=row.created_at, outcome=row.outcome, holder=item.holder, last=_last(item))


def _owed(row: ConversationRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Owed.model_fields}


def _last(item: Item) -> LastWords | None:
    return LastWords(text=events.words_of(item.last), at=item.last.at) if item.last else None
