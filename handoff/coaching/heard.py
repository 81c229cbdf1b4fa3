"""What customers said beside their scores of conversations that ended with an agent, for that agent to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow
from handoff.conversations.walls import visible
from handoff.database import Database

MOST = 30


def heard(database: Database, agent_id: str, since: datetime) -> Sequence[SurveyRow]:
    """The comments since then, the newest first; none of what has been erased or stands behind a wall by now."""
    query = select(SurveyRow).join(ConversationRow, ConversationRow.id == SurveyRow.conversation_id)
    query = query.where(SurveyRow.agent_id == agent_id, SurveyRow.at >= since, SurveyRow.comment.is_not(None))
    with database.read() as session:
        return session.scalars(query.where(ConversationRow.secret_hash != ERASED, visible(agent_id)).order_by(SurveyRow.at.desc()).limit(MOST)).all()
