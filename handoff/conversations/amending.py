"""An agent puts right or takes back the last thing they said. Everyone sees that it happened; what stood before is kept for supervisors."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.conversations import store
from handoff.conversations.agents import Holder, held
from handoff.conversations.channel_debts import say_key
from handoff.conversations.events import BEFORE, Kind
from handoff.conversations.mail_tables import OUT, MailRow
from handoff.conversations.posting import CALLS, CHAT, LETTERS
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.words import clean
from handoff.database import Database
from handoff.errors import MoveRefused
from handoff.outbox import OutboxRow


class NotLast(MoveRefused):
    code = "not_last"


class AlreadySent(MoveRefused):
    code = "already_sent"


class AlreadyThere(MoveRefused):
    code = "already_there"


def edit(database: Database, conversation_id: str, agent: Holder, number: int, text: str) -> None:
    """Put one's own last message right. Only the holder may. Raises `NotLast` for any other message, `AlreadySent` when a letter has taken it.
    Who reads at a messenger gets the correction after it."""
    words = clean(text)
    with database.write() as session:
        row = held(session, conversation_id, agent)
        message = _own_last(session, row, agent, number)
        if words == message.body["text"]:
            return
        _change(session, row, message, {**message.body, "text": words, "edited": True})
        store.append(session, row, Kind.EDITED, actor="agent", agent_id=agent.id, body={"number": number, "text": words, "name": agent.name})


def withdraw(database: Database, conversation_id: str, agent: Holder, number: int) -> None:
    """Take one's own last message back, with its files. Only the holder may. Raises as `edit` does, and `AlreadyThere` when it stands at a messenger."""
    with database.write() as session:
        row = held(session, conversation_id, agent)
        message = _own_last(session, row, agent, number)
        if _stands_there(session, message, lock=True):
            raise AlreadyThere("This stands at a messenger already.")
        _change(session, row, message, {"text": "", "name": agent.name, "withdrawn": True})
        store.append(session, row, Kind.WITHDRAWN, actor="agent", agent_id=agent.id, body={"number": number, "name": agent.name})


def gone(session: Session, row: ConversationRow) -> int:
    """The number of the holder's last message where it has left the house and can't be taken back any more; 0 where it can. Takes no lock."""
    if row.channel == CHAT or row.agent_id is None:
        return 0
    last = _last_of(session, row, row.agent_id)
    if last is None:
        return 0
    left = _has_left(session, row, last.number) if row.channel in (LETTERS, CALLS) else _stands_there(session, last)
    return last.number if left else 0


def _own_last(session: Session, row: ConversationRow, agent: Holder, number: int) -> EventRow:
    last = _last_of(session, row, agent.id)
    if last is None or last.number != number or last.body.get("withdrawn"):
        raise NotLast("Only your own last message can be changed.")
    if row.channel in (LETTERS, CALLS) and _has_left(session, row, number):
        raise AlreadySent("This has gone by e-mail already.")
    return last


def _last_of(session: Session, row: ConversationRow, agent_id: str) -> EventRow | None:
    mine = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.agent_id == agent_id)
    return session.scalar(mine.order_by(EventRow.number.desc()).limit(1))


def _has_left(session: Session, row: ConversationRow, number: int) -> bool:
    """Whether a letter carries it already: from the moment that it is packed nobody can say whether it is on its way."""
    packed = select(MailRow.id).where(MailRow.conversation_id == row.id, MailRow.direction == OUT, MailRow.first <= number, MailRow.upto >= number)
    return session.scalar(packed.limit(1)) is not None


def _stands_there(session: Session, message: EventRow, *, lock: bool = False) -> bool:
    """Whether its reader at a messenger has it, or may: from the first try nobody can say, unless it was given up with nothing sent. With `lock` no try
    begins before this transaction ends, and then it finds the message taken back."""
    query = select(OutboxRow).where(OutboxRow.key == say_key(message))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or row.attempts == 0:
        return False
    return row.dead_at is None or bool(row.payload.get("sent"))


def _change(session: Session, row: ConversationRow, message: EventRow, body: dict[str, Any]) -> None:
    """The message reads differently from now on, also in the words of earlier changes: whoever comes later must not find the old text there."""
    files = {"files": message.body["files"]} if "files" in message.body else {}
    message.hidden = {**message.hidden, BEFORE: [*message.hidden.get(BEFORE, []), {"text": message.body["text"], **files}]}
    message.body = body
    edits = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.EDITED.value, EventRow.number > message.number)
    for earlier in session.scalars(edits):
        if earlier.body.get("number") == message.number:
            earlier.body = {**earlier.body, "text": body["text"]}
