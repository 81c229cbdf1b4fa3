"""Who has a conversation whose customer waits for a call is reminded before its time, however they came to it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.conversations.call_tables import open_call
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, EventRow, ReminderRow
from handoff.database import now

BEFORE = timedelta(minutes=10)
SIGN = "☎"  # what a reminder of a call is about
CHANGES_HANDS = frozenset({Kind.CLAIMED, Kind.PASSED, Kind.TAKEN_OVER, Kind.RELEASED, Kind.GIVEN_BACK, Kind.CLOSED, Kind.REOPENED, Kind.UNDONE})


def follow(session: Session, row: ConversationRow, event: EventRow) -> None:
    """Somebody else has the conversation now, or nobody: the bell goes with it. The row must be locked."""
    if event.kind in CHANGES_HANDS:
        set_anew(session, row)


def set_anew(session: Session, row: ConversationRow) -> None:
    """Ring for whoever has the conversation shortly before its call, and for nobody else; not when that is now, nor in place of a reminder of their own."""
    call = open_call(session, row.id)
    for reminder in session.scalars(select(ReminderRow).where(ReminderRow.conversation_id == row.id)).all():
        if reminder.about == SIGN:  # sealed: the database can't compare it
            session.delete(reminder)
    session.flush()
    if call is None or row.state != State.LIVE or row.agent_id is None or call.starts - BEFORE <= now():
        return
    if session.get(ReminderRow, (row.id, row.agent_id)) is None:
        session.add(ReminderRow(conversation_id=row.id, agent_id=row.agent_id, due_at=call.starts - BEFORE, about=SIGN))
        session.flush()
