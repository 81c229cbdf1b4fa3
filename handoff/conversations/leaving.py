"""Somebody leaves the company: the account closes, and what they had in hand waits for the others, in one transaction."""

from __future__ import annotations

from sqlalchemy import Select, select

from handoff.accounts import staff
from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.database import Database

HELD = (State.LIVE.value, State.SNOOZED.value)


def leave(database: Database, agent_id: str, *, by: str | None) -> list[str]:
    """Close the account and let its conversations go; gives their ids. Raises `NotFound`, and `Unreadable` for the last admin."""
    let_go = _leave(database, agent_id, by=by)
    while _still_has(database, agent_id):  # claimed while the account was closing
        let_go += _leave(database, agent_id, by=by)
    return let_go


def _leave(database: Database, agent_id: str, *, by: str | None) -> list[str]:
    """Conversations are locked before the account, as in every move: whoever moves one of them now does not wait for us while we wait for them."""
    with database.write() as session:
        rows = session.scalars(_held(agent_id).order_by(ConversationRow.id).with_for_update()).all()
        person = staff.close(session, agent_id, by=by)
        for row in rows:
            store.move(row, State.WAITING)
            store.append(session, row, Kind.RELEASED, actor="agent", agent_id=agent_id, body={"name": person.name})
        return [row.id for row in rows]


def _still_has(database: Database, agent_id: str) -> bool:
    with database.read() as session:
        return session.scalar(_held(agent_id).limit(1)) is not None


def _held(agent_id: str) -> Select[tuple[ConversationRow]]:
    return select(ConversationRow).where(ConversationRow.agent_id == agent_id, ConversationRow.state.in_(HELD))
