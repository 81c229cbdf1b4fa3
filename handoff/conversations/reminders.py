"""An agent's own reminders to come back to a conversation. Nobody else sees them, and they change nothing for the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from handoff.conversations import store
from handoff.conversations.agents import Holder
from handoff.conversations.snoozing import check_time
from handoff.conversations.tables import ReminderRow
from handoff.database import Database, now

LONGEST = 200  # characters of what it is about


@dataclass(frozen=True)
class Reminder:
    """When, and what about."""

    due_at: datetime
    about: str


def remind(database: Database, conversation_id: str, agent: Holder, due_at: datetime, about: str = "") -> None:
    """Remind this agent at the time; an earlier wish is replaced. Raises `Unreadable` (code `bad_time`) for a time that is over."""
    check_time(due_at)
    with database.write() as session:
        store.conversation(session, conversation_id, lock=True)
        row = session.get(ReminderRow, (conversation_id, agent.id))
        if row is None:
            row = ReminderRow(conversation_id=conversation_id, agent_id=agent.id)
            session.add(row)
        row.due_at, row.about, row.rung_at = due_at, about.strip()[:LONGEST], None


def forget(database: Database, conversation_id: str, agent: Holder) -> None:
    """The agent has come back to it, or needs no reminder any more."""
    with database.write() as session:
        session.execute(delete(ReminderRow).where(ReminderRow.conversation_id == conversation_id, ReminderRow.agent_id == agent.id))


def ring(database: Database) -> bool:
    """Note that the due ones are told. True when there are such: the desks must look."""
    due = (ReminderRow.due_at <= now(), ReminderRow.rung_at.is_(None))
    with database.read() as session:
        if session.scalar(select(ReminderRow.agent_id).where(*due).limit(1)) is None:
            return False
    with database.write() as session:
        return bool(session.execute(update(ReminderRow).where(*due).values(rung_at=now())).rowcount)  # type: ignore[attr-defined]
