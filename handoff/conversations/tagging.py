"""Tags that agents put on a conversation."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from handoff.conversations import store
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow
from handoff.conversations.words import clean
from handoff.database import Database
from handoff.errors import Unreadable

LONGEST = 40
MOST = 20  # on one conversation
LOOKED_AT = 1_000  # newest conversations, for suggestions
SUGGESTED = 50


def add(database: Database, conversation_id: str, agent: Holder, tag: str) -> list[str]:
    """Put a tag on it; gives all tags. Any agent may. The same tag in other letters is the same."""
    wanted = _checked(tag)
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if wanted.casefold() not in {one.casefold() for one in row.tags}:
            if len(row.tags) >= MOST:
                raise Unreadable(f"A conversation has up to {MOST} tags.", code="too_many_tags", field="tag")
            row.tags = sorted([*row.tags, wanted], key=str.casefold)
            store.append(session, row, Kind.TAGGED, actor="agent", agent_id=agent.id, body={"tag": wanted, "name": agent.name})
        return row.tags


def remove(database: Database, conversation_id: str, agent: Holder, tag: str) -> list[str]:
    """Take a tag off; gives the rest. One that is not there changes nothing."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if tag in row.tags:
            row.tags = [one for one in row.tags if one != tag]
            store.append(session, row, Kind.UNTAGGED, actor="agent", agent_id=agent.id, body={"tag": tag, "name": agent.name})
        return row.tags


def suggestions(database: Database) -> list[str]:
    """The tags used lately, the most used first."""
    with database.read() as session:
        used = session.scalars(select(ConversationRow.tags).order_by(ConversationRow.changed_at.desc()).limit(LOOKED_AT))
        return [tag for tag, _times in Counter(tag for tags in used for tag in tags).most_common(SUGGESTED)]


def _checked(tag: str) -> str:
    words = " ".join(clean(tag).split())
    if len(words) > LONGEST:
        raise Unreadable(f"A tag has up to {LONGEST} characters.", code="long_tag", field="tag")
    return words
