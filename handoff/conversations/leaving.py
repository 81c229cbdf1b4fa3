"""Somebody leaves the company: the account closes, and what they had in hand waits for the others, in one transaction."""

from __future__ import annotations

from sqlalchemy import select

from handoff.accounts import staff
from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.database import Database

HELD = (State.LIVE.value, State.SNOOZED.value)


def leave(database: Database, agent_id: str, *, by: str | None) -> list[str]:
    """Close the account and let its conversations go; gives their ids. Raises `NotFound`, and `Unreadable` for the last admin."""
    with database.write() as session:
        person = staff.close(session, agent_id, by=by)
        held = select(ConversationRow).where(ConversationRow.agent_id == agent_id, ConversationRow.state.in_(HELD)).with_for_update()
        rows = session.scalars(held.order_by(ConversationRow.id)).all()
        for row in rows:
            store.move(row, State.WAITING)
            store.append(session, row, Kind.RELEASED, actor="agent", agent_id=agent_id, body={"name": person.name})
        return [row.id for row in rows]
