"""Giving out what waits for a team, one by one: to the least busy of its people who is here and has room, with some seconds to
accept before it goes on to the next. Off unless the team says how many seconds.

An offer is a turn and no lock: whoever claims first has it, so that no customer waits for somebody who is looking away.
Who let it go, or let the time run out, is not asked again in this wait; when nobody is left it waits for anyone.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from handoff.accounts.tables import TeamRow
from handoff.conversations import store, waiting, workload
from handoff.conversations.agents import Holder, agent_name
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database, now
from handoff.errors import MoveRefused


def go_on(database: Database) -> list[str]:
    """Take back the offers whose time is up and make new ones; gives the conversations that changed. Of two processes at it one does each."""
    with database.read() as session:
        late = session.scalars(select(ConversationRow.id).where(*_offered(), ConversationRow.offered_until <= now())).all()
    lapsed = [conversation_id for conversation_id in late if _lapse(database, conversation_id)]
    with database.read() as session:
        given_out = select(TeamRow.id).where(TeamRow.accept_seconds.is_not(None))
        open_ones = select(ConversationRow.id).where(ConversationRow.state == State.WAITING.value, ConversationRow.offered_to.is_(None))
        due = session.scalars(open_ones.where(ConversationRow.team_id.in_(given_out)).order_by(*waiting.urgency())).all()
    return [*lapsed, *(conversation_id for conversation_id in due if _offer(database, conversation_id))]


def decline(database: Database, conversation_id: str, agent: Holder) -> None:
    """Let it go on to the next. Raises `MoveRefused` when it is not this agent's turn."""
    with database.write() as session:
        if not _take_back(session, conversation_id, agent.id):
            raise MoveRefused("The conversation is not offered to you any more.")
        row = store.conversation(session, conversation_id, lock=True)
        store.append(session, row, Kind.DECLINED, actor="agent", agent_id=agent.id, body={"name": agent.name})


def _offer(database: Database, conversation_id: str) -> bool:
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        team = session.get(TeamRow, row.team_id) if row.team_id else None
        if row.state != State.WAITING or row.offered_to is not None or team is None or team.accept_seconds is None:
            return False
        asked = _asked_before(session, row)
        next_one = next((agent for agent in workload.least_busy(session, team.id) if agent.id not in asked), None)
        if next_one is None:
            return False
        guarded = update(ConversationRow).where(
            ConversationRow.id == row.id, ConversationRow.state == State.WAITING.value, ConversationRow.offered_to.is_(None)
        )
        until = now() + timedelta(seconds=team.accept_seconds)
        if session.execute(guarded.values(offered_to=next_one.id, offered_until=until)).rowcount != 1:  # type: ignore[attr-defined]
            return False
        store.append(session, row, Kind.OFFERED, actor="system", body={"name": next_one.name})
        return True


def _lapse(database: Database, conversation_id: str) -> bool:
    """The time to accept is up."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        agent_id = row.offered_to
        if agent_id is None or row.offered_until is None or row.offered_until > now() or not _take_back(session, conversation_id, agent_id):
            return False
        store.append(session, row, Kind.DECLINED, actor="system", body={"name": agent_name(session, agent_id), "agent_id": agent_id})
        return True


def _take_back(session: Session, conversation_id: str, agent_id: str) -> bool:
    guarded = update(ConversationRow).where(ConversationRow.id == conversation_id, *_offered(), ConversationRow.offered_to == agent_id)
    return session.execute(guarded.values(offered_to=None, offered_until=None)).rowcount == 1  # type: ignore[attr-defined, no-any-return]


def _offered() -> tuple[ColumnElement[bool], ...]:
    return ConversationRow.state == State.WAITING.value, ConversationRow.offered_to.is_not(None)


def _asked_before(session: Session, row: ConversationRow) -> set[str]:
    """Those who have let it go in this wait."""
    declined = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.DECLINED.value, EventRow.at >= row.waiting_since)
    return {event.agent_id or event.body.get("agent_id", "") for event in session.scalars(declined)}
