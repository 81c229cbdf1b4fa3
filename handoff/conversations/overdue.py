"""Notices what agents were to do by now and have not done: written down once, for agents only; the conversation goes to the front of the lists."""

from __future__ import annotations

from sqlalchemy import select

from handoff.conversations import store
from handoff.conversations.tables import SlaClockRow
from handoff.database import Database, now


def note_due(database: Database) -> list[str]:
    """Mark what is late now; gives the conversations. Of two processes at it one does each; what got late while nobody looked is found by the next look."""
    late = select(SlaClockRow.conversation_id).where(SlaClockRow.due_at <= now(), SlaClockRow.broken_at.is_(None), SlaClockRow.ended_at.is_(None))
    with database.read() as session:
        due = session.scalars(late.distinct()).all()
    return [conversation_id for conversation_id in due if _note(database, conversation_id)]


def _note(database: Database, conversation_id: str) -> bool:
    with database.write() as session:
        return store.note_overdue(session, store.conversation(session, conversation_id, lock=True))
