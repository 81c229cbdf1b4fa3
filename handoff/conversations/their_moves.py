"""What the people of another desk do with a conversation: answer it, and let it go when it is solved."""

from __future__ import annotations

from handoff.conversations import elsewhere, store, waiting
from handoff.conversations.elsewhere import TAKEN_FROM
from handoff.conversations.events import Kind
from handoff.conversations.states import CHATS, State
from handoff.conversations.words import clean
from handoff.database import Database, now


def speak(database: Database, conversation_id: str, *, key: str, text: str, name: str | None) -> int:
    """Somebody there answers; gives the event's number. The same `key` is the same message. What waits is theirs from now on; what the bot or a
    colleague here has by now stays so, and the words are kept. Raises `NotFound`."""
    words, client_id = clean(text), elsewhere.client_id(key)
    with database.write() as session:
        row = store.customers(session, conversation_id)
        before = store.sent_before(session, row.id, client_id)
        if before is not None:
            return before.number
        desk = elsewhere.account(session)
        called = (name or "").strip()[:100] or desk.name
        if State(row.state) in TAKEN_FROM:
            moment = now()
            store.move(row, State.LIVE)
            row.agent_id, row.outcome, row.closed_at = desk.id, None, None
            store.append(session, row, Kind.CLAIMED, actor="agent", agent_id=desk.id, body={"name": called})
            waiting.settle(session, row.id, moment)
            elsewhere.answered(session, row, moment)
        body = {"text": words, "name": called}
        return store.append(session, row, Kind.MESSAGE, actor="agent", agent_id=desk.id, client_id=client_id, body=body).number


def resolve(database: Database, conversation_id: str) -> bool:
    """It is solved there: who is in the chat goes on with the bot, a ticket is closed. True when that changed anything; what somebody here has stays
    theirs. Raises `NotFound`."""
    with database.write() as session:
        row = store.customers(session, conversation_id)
        desk = elsewhere.account(session)
        if row.state == State.WAITING:
            waiting.back_to_bot(session, row)
            return True
        if row.state != State.LIVE or row.agent_id != desk.id:
            return False
        if row.channel not in CHATS:
            store.move(row, State.CLOSED)
            row.outcome = "solved"
            store.append(session, row, Kind.CLOSED, actor="agent", agent_id=desk.id, body={"name": desk.name, "outcome": row.outcome})
            return True
        store.move(row, State.BOT)
        event = store.append(session, row, Kind.GIVEN_BACK, actor="agent", agent_id=desk.id, body={"name": desk.name})
        store.resume_tracker(session, row, event)
        return True
