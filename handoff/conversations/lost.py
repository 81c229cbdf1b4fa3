"""An agent whose browser is gone while a customer waits for an answer: the conversation waits for a colleague again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handoff.accounts.tables import AgentRow
from handoff.conversations import store
from handoff.conversations.agents import holder_name
from handoff.conversations.events import Kind
from handoff.conversations.states import CHATS, State
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database, now

AFTER = timedelta(minutes=5)  # a restarted computer is back sooner


def let_go(database: Database) -> list[str]:
    """Let go what agents who are gone leave unanswered; gives the conversations. What the customer does not wait in stays with its agent."""
    gone = (AgentRow.seen_at.is_(None)) | (AgentRow.seen_at < now() - AFTER)
    held = select(ConversationRow.id).join(AgentRow, AgentRow.id == ConversationRow.agent_id)
    with database.read() as session:
        left = session.scalars(held.where(ConversationRow.state == State.LIVE.value, ConversationRow.channel.in_(CHATS), gone)).all()
    return [conversation_id for conversation_id in left if _let_go(database, conversation_id)]


def _let_go(database: Database, conversation_id: str) -> bool:
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        agent = session.get(AgentRow, row.agent_id) if row.agent_id else None
        is_gone = agent is not None and (agent.seen_at is None or agent.seen_at < now() - AFTER)
        if row.state != State.LIVE or not is_gone or not _is_unanswered(session, row):
            return False
        name = holder_name(session, row)
        store.move(row, State.WAITING)
        store.append(session, row, Kind.RELEASED, actor="system", body={"name": name})
        return True


def _is_unanswered(session: Session, row: ConversationRow) -> bool:
    """The customer spoke last, some minutes ago."""
    newest = select(func.max(EventRow.number)).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value)
    last = store.event_at(session, row.id, session.scalar(newest.where(EventRow.actor.in_(("customer", "agent")))) or 0)
    return last is not None and last.actor == "customer" and last.at < now() - AFTER
