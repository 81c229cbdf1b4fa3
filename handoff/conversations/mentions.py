"""Notes call colleagues by name: the called one gets a mark until they have opened the conversation."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handoff.accounts.tables import AgentRow
from handoff.conversations import workload
from handoff.conversations.tables import EventRow, MentionRow
from handoff.database import Database, now


def known(session: Session, agent_ids: Iterable[str]) -> list[str]:
    """Those of the ids that belong to people who answer customers, each once, in order."""
    wanted = list(dict.fromkeys(agent_ids))
    there = set(session.scalars(workload.answering().with_only_columns(AgentRow.id).where(AgentRow.id.in_(wanted))))
    return [agent_id for agent_id in wanted if agent_id in there]


def keep(session: Session, event: EventRow, agent_ids: Iterable[str]) -> None:
    """The note calls these people. Who writes it needs no mark."""
    session.add_all(
        MentionRow(event_id=event.id, agent_id=agent_id, conversation_id=event.conversation_id) for agent_id in agent_ids if agent_id != event.agent_id
    )


def mark_seen(database: Database, conversation_id: str, agent_id: str, number: int) -> bool:
    """The agent has opened the conversation up to event `number`. True when they had been called there."""
    mine = (MentionRow.conversation_id == conversation_id, MentionRow.agent_id == agent_id, MentionRow.seen_at.is_(None))
    with database.read() as session:
        if session.scalar(select(MentionRow.event_id).where(*mine).limit(1)) is None:
            return False
    shown = select(EventRow.id).where(EventRow.conversation_id == conversation_id, EventRow.number <= number)
    with database.write() as session:
        marked = session.execute(update(MentionRow).where(*mine, MentionRow.event_id.in_(shown)).values(seen_at=now()))
        return bool(marked.rowcount)  # type: ignore[attr-defined]
