"""What the house has in the end, as plain facts: read from its tables, and from the outside where people would look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from handoff.accounts.tables import AgentRow
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow, EventRow, OwedReplyRow, SlaPolicyRow
from handoff.database import Database, Table
from handoff.entries.store import EntryStore
from handoff.outbox import OutboxRow

UNKNOWN = "?"
OWN_WORD = re.compile(r"(?<![a-z])[aeioulmnrst]{12}(?![a-z])")  # as `actors.Actor.word` makes them


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
    of: str | None = None  # to whom it was passed; None for a team, `UNKNOWN` where the event says it no more


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
    erased: bool = False


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
    last backup has it; `minutes` how long customers may wait, by whose they are; `traces` the own words that stand anywhere in the tables, with
    where; `logged` those that stand in what the processes wrote about themselves; `shows` what a fresh look at the desk shows of erased conversations."""

    talks: list[Talk] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    published: Mapping[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    found: dict[str, list[str]] = field(default_factory=dict)
    backup: list[Event] | None = None
    minutes: Mapping[str, int | None] = field(default_factory=dict)
    traces: Mapping[str, str] = field(default_factory=dict)
    logged: frozenset[str] = frozenset()
    shows: dict[str, list[str]] = field(default_factory=dict)


def read(database: Database) -> Ledger:
    """What the tables say."""
    with database.read() as session:
        people = {row.name: row.id for row in session.scalars(select(AgentRow))}
        rows = session.scalars(select(ConversationRow))
        talks = [Talk(row.id, row.state, row.agent_id, row.last_number, erased=row.outcome == ERASED) for row in rows]
        events = [_event(row, people) for row in session.scalars(select(EventRow).order_by(EventRow.conversation_id, EventRow.number))]
        debts = [Debt(row.message_id, row.conversation_id, row.paid_at is not None, row.failed) for row in session.scalars(select(OwedReplyRow))]
        owed = session.scalars(select(OutboxRow))
        deliveries = [Delivery(row.id, row.key.rpartition(":")[2], row.delivered_at is not None, row.dead_at is not None) for row in owed]
        minutes = {row.id: row.first_minutes for row in session.scalars(select(SlaPolicyRow))}
    entries, _ = EntryStore(database).published()
    return Ledger(talks, events, debts, deliveries, published={entry.id: entry.answer for entry in entries}, minutes=minutes)


def traces(database: Database) -> dict[str, str]:
    """Each own word that stands in any column of any table, unsealed, and where it does: not only where one would look."""
    found: dict[str, str] = {}
    with database.read() as session:
        for mapper in Table.registry.mappers:
            for row in session.scalars(select(mapper.class_)):
                for column in mapper.column_attrs:
                    for word in own_words(getattr(row, column.key)):
                        found.setdefault(word, f"{mapper.local_table}.{column.key}")
    return found


def logged(folder: Path) -> frozenset[str]:
    """The own words in the logs of the processes."""
    return frozenset(word for log in folder.glob("*.log") for word in own_words(log.read_text(encoding="utf-8", errors="replace")))


def own_words(value: object) -> Iterator[str]:
    """The words that one person alone has said, wherever they stand in a value."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return (word.group() for word in OWN_WORD.finditer(text))


def _event(row: EventRow, people: Mapping[str, str]) -> Event:
    of = people.get(str(row.body.get("name")), UNKNOWN) if row.kind == "passed" and not row.body.get("team") else None
    return Event(row.id, row.conversation_id, row.number, row.kind, row.actor, row.agent_id, row.client_id, row.body.get("text"), of)
