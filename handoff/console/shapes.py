"""The shapes in which the desk's page gets things."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from handoff.console.marks import Verification
from handoff.conversations.queue import ListName


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


class Hold(BaseModel):
    """It is kept from erasure: since when, by whom and why; `wished`: the customer has asked for its erasure, which comes with letting it go."""

    at: datetime
    by: str
    why: str
    wished: bool


class Stands(Owed):
    """How a conversation stands, in a list and on its own.

    `promised_until` is when the customer was told that a person comes, `late_at` when such a promise was broken, `left_at` since when
    their page has given no sign; all of them only while they wait. `offered` names whose turn it is; `stage` is where the matter stands for its
    customer, `again_at` when they said that it is not solved.
    """

    state: str
    holder: str | None
    holder_id: str | None
    promised_until: datetime | None
    late_at: datetime | None
    left_at: datetime | None
    tags: list[str]
    snoozed_until: datetime | None
    offered: str | None
    offered_to: str | None
    offered_until: datetime | None
    verification: Verification | None
    stage: str | None
    stage_at: datetime | None
    again_at: datetime | None
    hold: Hold | None


class Line(Stands):
    """One conversation in a list. `waiting_seconds` is None for whoever does not wait in the chat; `called` and `reminder` are the reader's own."""

    id: str
    channel: str
    name: str
    last: LastWords | None
    waiting_since: datetime | None
    waiting_seconds: int | None
    changed_at: datetime
    reason: str | None
    language: str
    unread: int
    page: str | None
    outcome: str | None
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
    """What stands on the conversation itself. `gone`: the number of its holder's last message where that can't be taken back any more, else 0."""

    email: str | None
    phone: str | None
    orders: list[str]
    gone: int
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


class Event(BaseModel):
    """One event as it was written."""

    event: dict[str, Any]


class Complaint(BaseModel):
    """By when the law wants the complaint answered. `days_left` is below 0 when that day is over."""

    due: date
    days_left: int
    product: str | None = None  # which it is about, as an agent named it
    proposed: str | None = None  # the one that the customer's words name, where nobody has said so


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


class Standing(Stands):
    """Where a conversation stands, after a change and in its stream."""

    seen_by_customer: int
    seen_by_agent: int
    email: str | None
    phone: str | None
    orders: list[str]
    gone: int


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
