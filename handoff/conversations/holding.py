"""A legal hold: a supervisor keeps a conversation from being erased, by the retention job and on the customer's own wish, until they let it go.

Why it is kept stands sealed on the conversation; that it was held, and let go, stands in its log and in the trail.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement

from handoff.conversations import store
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow
from handoff.conversations.words import clean
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotFound, Unreadable

LONGEST = 300  # characters of the reason


class Held(MoveRefused):
    """It is not erased while it is held."""

    code = "held"


def hold(database: Database, conversation_id: str, by: Holder, why: str) -> None:
    """Keep the conversation whole from now on. Held already, it gets the new reason. Raises `NotFound` for what was erased, `Unreadable` without a reason."""
    reason = " ".join(clean(why).split())
    if len(reason) > LONGEST:
        raise Unreadable(f"Say why in up to {LONGEST} characters.", code="long_reason", field="why")
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.secret_hash == ERASED:
            raise NotFound("There is nothing left of this conversation to hold.")
        row.held_at, row.held_by, row.held_why = row.held_at or now(), by.id, reason
        store.append(session, row, Kind.HELD, actor="agent", agent_id=by.id, body={"name": by.name, "reason_given": reason})


def let_go(database: Database, conversation_id: str, by: Holder) -> bool:
    """From now on it goes as any other does. True when its customer has asked for its erasure meanwhile: then it is to be erased now.
    One that is not held stays as it is."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.held_at is not None:
            row.held_at = row.held_by = row.held_why = None
            store.append(session, row, Kind.LET_GO, actor="agent", agent_id=by.id, body={"name": by.name})
        return row.wished_gone_at is not None


def not_held() -> ColumnElement[bool]:
    """Whether a conversation may be erased."""
    return ConversationRow.held_at.is_(None)
