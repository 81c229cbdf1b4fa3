"""Who is here, has time and room: people who may get a conversation now, the least busy first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from handoff.accounts.permissions import Permission, roles_with
from handoff.accounts.service import PRESENT
from handoff.accounts.tables import AgentRow, Availability, TeamMemberRow
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now


def free_agents(database: Database, moment: datetime | None = None) -> int:
    """How many people could take a conversation now: available by their own word, their desk open, room for one more."""
    with database.read() as session:
        return count_free(session, moment)


def count_free(session: Session, moment: datetime | None = None) -> int:
    """The same for whoever is looking already."""
    session.flush()
    return session.connection().scalar(_COUNT_FREE, {"since": (moment or now()) - PRESENT}) or 0


def present_since() -> datetime:
    """Whose desk was open at this moment or later is here."""
    return now() - PRESENT


def least_busy(session: Session, team_id: str | None = None) -> Sequence[AgentRow]:
    """Those (of a team) who could take a conversation now; who has fewest first, then who has been without a new one for longest."""
    newest = select(func.max(ConversationRow.claimed_at)).where(ConversationRow.agent_id == AgentRow.id).correlate(AgentRow).scalar_subquery()
    free = _free(now() - PRESENT)
    if team_id is not None:
        free = free.where(AgentRow.id.in_(select(TeamMemberRow.agent_id).where(TeamMemberRow.team_id == team_id)))
    return session.scalars(free.order_by(_load(), newest.nulls_first(), AgentRow.name, AgentRow.id)).all()


def is_free(session: Session, agent_id: str | None) -> bool:
    """Whether this agent could take a conversation now."""
    return agent_id is not None and session.scalar(_free(now() - PRESENT).where(AgentRow.id == agent_id)) is not None


def is_here(agent: AgentRow, moment: datetime) -> bool:
    """Whether the agent's desk is open and they have not said that they are away."""
    return agent.active and agent.availability != Availability.AWAY and agent.seen_at is not None and agent.seen_at >= moment - PRESENT


def everyone(database: Database) -> Sequence[AgentRow]:
    """All who answer customers, by name."""
    with database.read() as session:
        return session.scalars(answering().order_by(AgentRow.name, AgentRow.id)).all()


def answering() -> Select[tuple[AgentRow]]:
    """Everyone who answers customers."""
    return select(AgentRow).where(AgentRow.active, AgentRow.role.in_(roles_with(Permission.ANSWER)))


def _free(since: Any) -> Select[tuple[AgentRow]]:
    """`since`: when their desk must have been open at the latest."""
    here = answering().where(AgentRow.availability == Availability.AVAILABLE.value, AgentRow.seen_at >= since)
    return here.where(or_(AgentRow.capacity.is_(None), _load() < AgentRow.capacity))


def _load() -> Any:
    """Conversations that the agent has or is being offered."""
    has = (ConversationRow.agent_id == AgentRow.id) & (ConversationRow.state == State.LIVE.value)
    offered = (ConversationRow.offered_to == AgentRow.id) & (ConversationRow.state == State.WAITING.value)
    return select(func.count()).select_from(ConversationRow).where(or_(has, offered)).correlate(AgentRow).scalar_subquery()


_COUNT_FREE = select(func.count()).select_from(_free(bindparam("since")).with_only_columns(AgentRow.id).subquery())  # asked with every message
FREE = _COUNT_FREE.scalar_subquery()  # the same within another statement, which binds `since`: no earlier than that somebody is here (`present_since`)
