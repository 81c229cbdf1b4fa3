"""What the house has in the end, as plain facts: read from its tables, and from the outside where people would look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from handoff.conversations.tables import ConversationRow, EventRow, OwedReplyRow
from handoff.database import Database
from handoff.entries.store import EntryStore
from handoff.outbox import OutboxRow


@dataclass(frozen=True)
class Event:
    """One row of the numbered log."""

    id: str
    conversation: str
    number: int
    kind: str
    actor: str
    agent: str | None = None
    client_id: str | None = None
    text: str | None = None
    of: str | None = None  # whom the event names: the next holder of what is passed on


@dataclass(frozen=True)
class Debt:
    """An answer that the bot owed to the message `event`."""

    event: str
    conversation: str
    paid: bool
    failed: bool = False


@dataclass(frozen=True)
class Talk:
    """How a conversation stands."""

    id: str
    state: str
    holder: str | None
    last_number: int


@dataclass(frozen=True)
class Delivery:
    """What another system was owed. `event` is the event it tells of."""

    id: str
    event: str
    delivered: bool
    dead: bool


@dataclass
class Ledger:
    """Everything that is judged. `shown` are the conversations in the desk's list of those who wait, `answers` what each process answers by entry,
    `published` what the catalogue says, `found` the conversations that a search for a message's own word gives, by its client id; `backup` the log as the
    last backup has it."""

    talks: list[Talk] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    published: Mapping[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    found: dict[str, list[str]] = field(default_factory=dict)
    backup: list[Event] | None = None


def read(database: Database) -> Ledger:
    """What the tables say."""
    with database.read() as session:
        talks = [Talk(row.id, row.state, row.agent_id, row.last_number) for row in session.scalars(select(ConversationRow))]
        rows = session.scalars(select(EventRow).order_by(EventRow.conversation_id, EventRow.number))
        events = [
            Event(row.id, row.conversation_id, row.number, row.kind, row.actor, row.agent_id, row.client_id, row.body.get("text"), row.body.get("agent_id"))
            for row in rows
        ]
        debts = [Debt(row.message_id, row.conversation_id, row.paid_at is not None, row.failed) for row in session.scalars(select(OwedReplyRow))]
        owed = session.scalars(select(OutboxRow))
        deliveries = [Delivery(row.id, row.key.rpartition(":")[2], row.delivered_at is not None, row.dead_at is not None) for row in owed]
    entries, _ = EntryStore(database).published()
    return Ledger(talks, events, debts, deliveries, published={entry.id: entry.answer for entry in entries})
