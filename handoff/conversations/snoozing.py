"""Putting a conversation off until a time or the customer's next word, and what brings it back. One transaction each."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.conversations import store, workload
from handoff.conversations.agents import Holder, held, holder_name
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotAllowed, Unreadable

LONGEST = timedelta(days=92)


def snooze(database: Database, conversation_id: str, agent: Holder, until: datetime) -> None:
    """Put it off; the holder keeps it. Raises `Unreadable` (code `bad_time`) for a time that is over or further than `LONGEST`."""
    check_time(until)
    with database.write() as session:
        row = held(session, conversation_id, agent)
        store.move(row, State.SNOOZED)
        row.snoozed_until = until
        store.append(session, row, Kind.SNOOZED, actor="agent", agent_id=agent.id, body={"name": agent.name, "until": until.isoformat()})


def resume(database: Database, conversation_id: str, agent: Holder) -> None:
    """The holder goes on with it before the time."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.state != State.SNOOZED:
            raise MoveRefused(f"The conversation is {row.state}, not snoozed.")
        if row.agent_id != agent.id:
            raise NotAllowed(f"{holder_name(session, row)} has put this conversation off.")
        store.move(row, State.LIVE)
        store.append(session, row, Kind.WOKEN, actor="agent", agent_id=agent.id, body={"name": agent.name})


def wake_due(database: Database) -> list[str]:
    """Bring back what was put off until now; gives the conversations. Of two processes at it one does each."""
    due = (ConversationRow.state == State.SNOOZED.value, ConversationRow.snoozed_until <= now())
    with database.read() as session:
        ids = session.scalars(select(ConversationRow.id).where(*due).order_by(ConversationRow.snoozed_until)).all()
    return [conversation_id for conversation_id in ids if _wake_due(database, conversation_id)]


def wake(session: Session, row: ConversationRow, *, actor: str) -> None:
    """It goes on with its holder when they are here and have room, else it waits for anyone: who comes back meets the
    person who knows the matter, and never an empty chair. The row must be locked."""
    name = holder_name(session, row)
    store.move(row, State.LIVE if workload.is_free(session, row.agent_id) else State.WAITING)
    store.append(session, row, Kind.WOKEN, actor=actor, body={"name": name})


def check_time(moment: datetime) -> None:
    """Raise `Unreadable` (code `bad_time`) unless the time is to come, and not too far."""
    if not now() < moment <= now() + LONGEST:
        raise Unreadable(f"The time must be to come, and within {LONGEST.days} days.", code="bad_time", field="until")


def _wake_due(database: Database, conversation_id: str) -> bool:
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.state != State.SNOOZED or row.snoozed_until is None or row.snoozed_until > now():
            return False
        wake(session, row, actor="system")
        return True
