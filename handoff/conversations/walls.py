"""Who may look into which conversation: a team may keep its own to itself, for matters of money or health."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select

from handoff.accounts.permissions import Permission, roles_with
from handoff.accounts.tables import AgentRow, TeamMemberRow, TeamRow
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.errors import NotFound


def visible(agent_id: str) -> ColumnElement[bool]:
    """What somebody may see: all but the conversations of walled teams, which are for their own people, for who has or is offered one, and for supervisors."""
    walled = select(TeamRow.id).where(TeamRow.walled)
    own = select(TeamMemberRow.team_id).where(TeamMemberRow.agent_id == agent_id)
    supervises = select(AgentRow.id).where(AgentRow.id == agent_id, AgentRow.role.in_(roles_with(Permission.SEE_REPORTS)))
    return or_(
        ConversationRow.team_id.is_(None),
        ConversationRow.team_id.not_in(walled),
        ConversationRow.team_id.in_(own),
        ConversationRow.agent_id == agent_id,
        ConversationRow.offered_to == agent_id,
        supervises.exists(),
    )


def reviewable(reviewer_id: str) -> ColumnElement[bool]:
    """Of what somebody may see, that which they may judge: behind a wall, low scores and the work in conversations are for the team's own reviewers. Where the
    team has none, others look, so that nothing stays unseen."""
    reviews = select(AgentRow.id).where(AgentRow.active, AgentRow.role.in_(roles_with(Permission.REVIEW)))
    looked_after = select(TeamMemberRow.team_id).where(TeamMemberRow.agent_id.in_(reviews))
    own = select(TeamMemberRow.team_id).where(TeamMemberRow.agent_id == reviewer_id)
    others = select(TeamRow.id).where(TeamRow.walled, TeamRow.id.in_(looked_after), TeamRow.id.not_in(own))
    return and_(visible(reviewer_id), or_(ConversationRow.team_id.is_(None), ConversationRow.team_id.not_in(others)))


def check_visible(database: Database, conversation_id: str, agent_id: str) -> None:
    """Raise `NotFound` for a conversation behind the wall of another team; it looks as if there were none."""
    with database.read() as session:
        if session.scalar(select(ConversationRow.id).where(ConversationRow.id == conversation_id, visible(agent_id))) is None:
            raise NotFound("There is no such conversation.")
