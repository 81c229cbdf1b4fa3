"""Taking a conversation over from a bot: ours (with its last words, in one transaction) or anyone's (over the intake)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from handoff.contract import HandoffAccepted, HandoffRequest, Reason
from handoff.conversations import complaints, elsewhere, store
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, HandoffRow
from handoff.database import Database

NOBODY = "-"  # a secret hash that no secret has: a foreign conversation has no visitor of ours


def record(session: Session, row: ConversationRow, request: HandoffRequest, *, key: str, forward_url: str = "") -> HandoffRow:
    """Keep the request, let the conversation wait for a person and owe the delivery to another desk, if there is one.

    The row must be locked. The same key again changes nothing and gives back the first request.
    """
    before = session.scalar(select(HandoffRow).where(HandoffRow.idempotency_key == key))
    return before or _keep(session, row, request, key=key, forward_url=forward_url)


def _keep(session: Session, row: ConversationRow, request: HandoffRequest, *, key: str, forward_url: str) -> HandoffRow:
    shape = request.model_dump(mode="json") | ({"orders": row.open_orders} if row.open_orders else {})
    handoff = HandoffRow(conversation_id=row.id, idempotency_key=key, reason=request.reason.value, request=shape, requested_at=request.requested_at)
    session.add(handoff)
    row.reason = request.reason.value
    row.name = row.name or request.name
    complains = {complaints.TAG} if request.reason is Reason.COMPLAINT else set()
    row.tags = sorted({*row.tags, *request.tags, *complains})
    if row.state != State.WAITING:
        store.move(row, State.WAITING)
    store.append(session, row, Kind.HANDOFF_REQUESTED, actor="system", body={"reason": request.reason.value})
    session.flush()
    elsewhere.owe_handoff(session, row, handoff, shape, forward_url)
    return handoff


def accept(database: Database, request: HandoffRequest, *, key: str, forward_url: str = "") -> HandoffAccepted:
    """A handoff from a separate bot. Its conversation is made here when it is not ours, with all that was said so far.

    `request.conversation_id` is the other side's name for it and never opens one of our own visitors' conversations.
    """
    try:
        with database.write() as session:
            return _accepted_before(session, key) or _accept(session, request, key=key, forward_url=forward_url)
    except IntegrityError:  # two repeats raced on PostgreSQL: the other one was kept
        with database.read() as session:
            before = _accepted_before(session, key)
        if before is None:
            raise
        return before


def _accept(session: Session, request: HandoffRequest, *, key: str, forward_url: str) -> HandoffAccepted:
    row = _foreign(session, request)
    handoff = _keep(session, row, request, key=key, forward_url=forward_url)
    return HandoffAccepted(handoff_id=handoff.id, conversation_id=row.id, state=row.state)


def _accepted_before(session: Session, key: str) -> HandoffAccepted | None:
    before = session.scalar(select(HandoffRow).where(HandoffRow.idempotency_key == key))
    if before is None:
        return None
    row = store.conversation(session, before.conversation_id)
    return HandoffAccepted(handoff_id=before.id, conversation_id=row.id, state=row.state, repeated=True)


def _foreign(session: Session, request: HandoffRequest) -> ConversationRow:
    row = ConversationRow(secret_hash=NOBODY, channel=request.channel, language=request.language, page=request.page, name=request.name, tags=[], last_number=0)
    session.add(row)
    session.flush()
    for said in request.messages:
        store.append(session, row, Kind.MESSAGE, actor=said.who, body={"text": said.text})
    return row
