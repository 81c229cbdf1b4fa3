"""Earlier conversations of the same person, for whoever answers them now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from handoff.conversations import finding, store
from handoff.conversations.tables import ConversationRow
from handoff.conversations.walls import visible
from handoff.database import Database

MOST = 20


def earlier(database: Database, conversation_id: str, agent_id: str | None = None) -> Sequence[ConversationRow]:
    """Other conversations of whoever is in this one, newest first: the same log-in at the site, else the same e-mail or phone.
    With `agent_id` those that this agent may see.

    What a visitor only typed can be somebody else's, so a contact counts only between conversations that no log-in tells apart.
    """
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        same = [finding.same(session, "email", row.email)] if row.email else []
        same += [finding.same(session, "phone", row.phone)] if row.phone else []
        if row.identity is not None:
            known = finding.same(session, "identity", row.identity)
            person = or_(known, ConversationRow.identity.is_(None) & or_(*same)) if same else known
        elif same:
            person = or_(*same)
        else:
            return []
        query = select(ConversationRow).where(ConversationRow.id != row.id, person)
        if agent_id is not None:
            query = query.where(visible(agent_id))
        return session.scalars(query.order_by(ConversationRow.created_at.desc()).limit(MOST)).all()
