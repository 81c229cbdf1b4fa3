"""An agent puts right or takes back the last thing they said. Everyone sees that it happened; what stood before is kept for supervisors."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.conversations import store
from handoff.conversations.agents import Holder, held
from handoff.conversations.events import BEFORE, Kind
from handoff.conversations.mail_tables import OUT, MailRow
from handoff.conversations.posting import CALLS, LETTERS
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.words import clean
from handoff.database import Database
from handoff.errors import MoveRefused


class NotLast(MoveRefused):
    code = "not_last"


class AlreadySent(MoveRefused):
    code = "already_sent"


def edit(database: Database, conversation_id: str, agent: Holder, number: int, text: str) -> None:
    """Put one's own last message right. Only the holder may. Raises `NotLast` for any other message, `AlreadySent` when a letter has taken it."""
    words = clean(text)
    with database.write() as session:
        row = held(session, conversation_id, agent)
        message = _own_last(session, row, agent, number)
        if words == message.body["text"]:
            return
        _change(session, row, message, {**message.body, "text": words, "edited": True})
        store.append(session, row, Kind.EDITED, actor="agent", agent_id=agent.id, body={"number": number, "text": words, "name": agent.name})


def withdraw(database: Database, conversation_id: str, agent: Holder, number: int) -> None:
    """Take one's own last message back, with its files. Only the holder may. Raises as `edit` does."""
    with database.write() as session:
        row = held(session, conversation_id, agent)
        message = _own_last(session, row, agent, number)
        _change(session, row, message, {"text": "", "name": agent.name, "withdrawn": True})
        store.append(session, row, Kind.WITHDRAWN, actor="agent", agent_id=agent.id, body={"number": number, "name": agent.name})


def _own_last(session: Session, row: ConversationRow, agent: Holder, number: int) -> EventRow:
    mine = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.agent_id == agent.id)
    last = session.scalar(mine.order_by(EventRow.number.desc()).limit(1))
    if last is None or last.number != number or last.body.get("withdrawn"):
        raise NotLast("Only your own last message can be changed.")
    if row.channel in (LETTERS, CALLS) and _has_left(session, row, number):
        raise AlreadySent("This has gone by e-mail already.")
    return last


def _has_left(session: Session, row: ConversationRow, number: int) -> bool:
    """Whether a letter carries it already: from the moment that it is packed nobody can say whether it is on its way."""
    packed = select(MailRow.id).where(MailRow.conversation_id == row.id, MailRow.direction == OUT, MailRow.first <= number, MailRow.upto >= number)
    return session.scalar(packed.limit(1)) is not None


def _change(session: Session, row: ConversationRow, message: EventRow, body: dict[str, Any]) -> None:
    """The message reads differently from now on, also in the words of earlier changes: whoever comes later must not find the old text there."""
    files = {"files": message.body["files"]} if "files" in message.body else {}
    message.hidden = {**message.hidden, BEFORE: [*message.hidden.get(BEFORE, []), {"text": message.body["text"], **files}]}
    message.body = body
    edits = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.EDITED.value, EventRow.number > message.number)
    for earlier in session.scalars(edits):
        if earlier.body.get("number") == message.number:
            earlier.body = {**earlier.body, "text": body["text"]}
