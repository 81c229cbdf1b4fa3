"""Conversations in pages, for other programs: by their newest change, each page going on where the last one ended, whatever has changed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, and_, cast, or_, select

from handoff.conversations import store
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.conversations.walls import visible
from handoff.database import Database


@dataclass(frozen=True)
class Wanted:
    """Which ones: everything that is None matches all. `changed_since` is included."""

    state: State | None = None
    team_id: str | None = None
    agent_id: str | None = None
    tag: str | None = None
    changed_since: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a page ended: the last one's change and id."""

    changed_at: datetime
    id: str


def page(database: Database, reader: str, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[ConversationRow]:
    """The next `limit` conversations that the agent `reader` may see, the newest change first."""
    query = select(ConversationRow).where(visible(reader))
    for name in ("state", "team_id", "agent_id"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(ConversationRow, name) == value)
    if wanted.tag is not None:
        query = query.where(cast(ConversationRow.tags, String).contains(json.dumps(wanted.tag), autoescape=True))
    if wanted.changed_since is not None:
        query = query.where(ConversationRow.changed_at >= wanted.changed_since)
    if after is not None:
        same = and_(ConversationRow.changed_at == after.changed_at, ConversationRow.id < after.id)
        query = query.where(or_(ConversationRow.changed_at < after.changed_at, same))
    with database.read() as session:
        return session.scalars(query.order_by(ConversationRow.changed_at.desc(), ConversationRow.id.desc()).limit(limit)).all()


def one(database: Database, conversation_id: str) -> ConversationRow:
    """One of them. Raises `NotFound`."""
    with database.read() as session:
        return store.conversation(session, conversation_id)
