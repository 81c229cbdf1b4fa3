"""Earlier conversations of the same person, for whoever answers them now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from handoff.conversations import store
from handoff.conversations.tables import ConversationRow
from handoff.database import Database

MOST = 20


def earlier(database: Database, conversation_id: str) -> Sequence[ConversationRow]:
    """Other conversations of whoever is in this one, newest first: the same log-in at the site, else the same e-mail or phone.

    What a visitor only typed can be somebody else's, so a contact counts only between conversations that no log-in tells apart.
    """
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        same = [column == value for column, value in ((ConversationRow.email, row.email), (ConversationRow.phone, row.phone)) if value]
        if row.identity is not None:
            known = ConversationRow.identity == row.identity
            person = or_(known, ConversationRow.identity.is_(None) & or_(*same)) if same else known
        elif same:
            person = or_(*same)
        else:
            return []
        query = select(ConversationRow).where(ConversationRow.id != row.id, person)
        return session.scalars(query.order_by(ConversationRow.created_at.desc()).limit(MOST)).all()
