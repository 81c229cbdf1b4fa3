"""The bot's answers: owed with the customer's message, claimed by one payer, paid exactly once.

A killed process leaves the row unpaid; after a restart it is claimed again. What the bot says, Rasa's tracker events,
the decision, a handoff and the paid mark are one transaction: all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.understanding import Contact, Incoming, Language, Reading, Turn
from handoff.contract import HandoffRequest, Reason, Said
from handoff.conversations import codes, handoffs, quiet, store, verification, workload
from handoff.conversations.events import Kind, words_of
from handoff.conversations.saying import append_reply
from handoff.conversations.states import State, bot_may_answer
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow, OwedReplyRow
from handoff.database import Database, now
from handoff.putting import put

LONGEST_SAID = 10_000  # characters of one message in a handoff, as the contract has it
CLAIM_SECONDS = 30  # after this a claim by a dead process is taken over


@dataclass(frozen=True)
class Owed:
    """A claimed debt: all that the bot needs to answer."""

    message_id: str
    conversation_id: str
    history: list[Mapping[str, Any]]
    incoming: Incoming
    language: Language  # that the customer writes in; `incoming` has the page's
    since: datetime  # when the message was kept


def unpaid(database: Database) -> list[str]:
    """Conversations that are owed an answer, the longest waiting first."""
    with database.read() as session:
        query = select(OwedReplyRow.conversation_id).where(OwedReplyRow.paid_at.is_(None)).order_by(OwedReplyRow.owed_since)
        return list(dict.fromkeys(session.scalars(query)))


def owes(database: Database, conversation_id: str) -> bool:
    """Whether an answer of the conversation is not paid yet. Takes no lock."""
    with database.look() as connection:
        return store.owed(connection, conversation_id)


def claim(database: Database, conversation_id: str, *, people_available: bool, back_at: str | None = None, sends_codes: bool = False) -> Owed | None:
    """Take the oldest unpaid answer of the conversation, or None when there is none or somebody else is at it."""
    moment = now()
    with database.note() as session:  # a claim that a power cut takes is one of a dead process
        row = store.conversation(session, conversation_id, lock=True)
        lasts = timedelta(seconds=CLAIM_SECONDS)
        debt = session.scalar(_OLDEST_CLAIMABLE, {"conversation_id": conversation_id, "stale": moment - lasts, "ahead": moment + lasts})
        if debt is None:
            return None
        debt.claimed_at = moment
        event = session.get_one(EventRow, debt.message_id)
        return _owed(session, row, event, debt, people_available=people_available, back_at=back_at, sends_codes=sends_codes)


def take(session: Session, row: ConversationRow, event: EventRow, *, back_at: str | None, sends_codes: bool) -> Owed | None:
    """Owe an answer to a message in the transaction that keeps it, and claim it for whoever does: all that `claim` would look up is at hand.
    None, and only owed, while an earlier one is unpaid. The row must be locked."""
    waits = store.owes(session, row.id)
    debt = OwedReplyRow(message_id=event.id, conversation_id=row.id, number=event.number, owed_since=now(), claimed_at=None if waits else now())
    put(session, debt)
    available = workload.count_free(session) > 0
    return None if waits else _owed(session, row, event, debt, people_available=available, back_at=back_at, sends_codes=sends_codes)


def _owed(
    session: Session, row: ConversationRow, event: EventRow, debt: OwedReplyRow, *, people_available: bool, back_at: str | None, sends_codes: bool
) -> Owed:
    incoming = replace(
        _incoming(row, event, people_available, back_at),
        verified=verification.verified(row),
        may_get_code=sends_codes and codes.on_file(session, row),
        data_page=sends_codes,
    )
    history = store.tracker_history(session, row.id)
    return Owed(event.id, row.id, history, incoming, store.heard_language(history, row), debt.owed_since)


def release(database: Database, message_id: str) -> None:
    """Give an unpaid claim back, so that it is taken again at once (the payer is shutting down)."""
    with database.write() as session:
        session.execute(update(OwedReplyRow).where(OwedReplyRow.message_id == message_id, OwedReplyRow.paid_at.is_(None)).values(claimed_at=None))


def pay(database: Database, owed: Owed, turn: Turn, *, failed: bool = False, forward_url: str = "") -> bool:
    """Commit the turn. False when it was paid before: then nothing is said twice.

    When a person has taken the conversation meanwhile, the bot stays silent and only the debt is settled.
    """
    with database.write() as session:
        row = store.conversation(session, owed.conversation_id, lock=True)
        if session.connection().execute(_PAY, {"owed_id": owed.message_id, "paid_at": now(), "failed": failed}).rowcount != 1:
            return False
        if not bot_may_answer(State(row.state), row.channel):
            return True
        store.add_tracker_events(session, row.id, owed.message_id, turn.tracker_events)
        if turn.reading is not None:
            put(session, decision_row(owed.message_id, owed.conversation_id, turn.reading))
        for reply in turn.replies:
            append_reply(session, row, reply)
        if turn.contact is not None:
            if turn.handoff is None and row.state == State.BOT:
                store.move(row, State.TICKET)
            _keep_contact(session, row, turn.contact)
        if turn.handoff is not None:
            handoffs.record(session, row, HandoffRequest.model_validate(turn.handoff), key=f"turn:{owed.message_id}", forward_url=forward_url)
        quiet.follow(session, row, turn, failed=failed)
        return True


def bare_handoff(database: Database, owed: Owed, reason: Reason) -> dict[str, Any]:
    """A handoff without the bot's help (it is down or too slow): what the conversation itself knows."""
    with database.read() as session:
        row = store.conversation(session, owed.conversation_id)
        events = store.events_after(session, row.id, row.last_number - store.PAGE)  # of a very long talk, the end
        said = [Said(who=event.actor, text=words_of(event)[:LONGEST_SAID], at=event.at) for event in events if event.kind == Kind.MESSAGE]
        request = HandoffRequest(conversation_id=row.id, reason=reason, requested_at=now(), messages=said, language=owed.language, name=row.name, page=row.page)
        return request.model_dump(mode="json")


def _oldest_claimable() -> Select[tuple[OwedReplyRow]]:
    earlier = aliased(OwedReplyRow)
    blocked = exists().where(earlier.conversation_id == OwedReplyRow.conversation_id, earlier.paid_at.is_(None), earlier.number < OwedReplyRow.number)
    stale = or_(OwedReplyRow.claimed_at < bindparam("stale"), OwedReplyRow.claimed_at > bindparam("ahead"))  # claimed in the future: by a wrong clock
    return (
        select(OwedReplyRow)
        .where(OwedReplyRow.conversation_id == bindparam("conversation_id"), OwedReplyRow.paid_at.is_(None), ~blocked)
        .where(or_(OwedReplyRow.claimed_at.is_(None), stale))
        .limit(1)
    )


_OLDEST_CLAIMABLE = _oldest_claimable()  # put together once
_PAY = update(store.OWED).where(store.OWED.c.message_id == bindparam("owed_id"), store.OWED.c.paid_at.is_(None))  # type: ignore[arg-type]
_PAY = _PAY.values(paid_at=bindparam("paid_at"), failed=bindparam("failed"))


def _incoming(row: ConversationRow, event: EventRow, people_available: bool, back_at: str | None) -> Incoming:
    return Incoming(
        conversation_id=row.id,
        message_id=event.id,
        text=event.body["text"],
        payload=event.hidden.get("payload"),
        language=cast(Language, row.language),
        page=row.page,
        name=row.name,
        people_available=people_available,
        back_at=None if people_available else back_at,
    )


def decision_row(message_id: str, conversation_id: str, reading: Reading) -> DecisionRow:
    """What the bot made of a message, to be kept."""
    best = reading.candidates[0] if reading.candidates else None
    return DecisionRow(
        message_id=message_id,
        conversation_id=conversation_id,
        action=reading.action,
        intent=reading.intent,
        confidence=reading.intent_confidence,
        entry_id=best.entry_id if best else None,
        probability=best.probability if best else None,
        language=reading.language,
        reading={
            "candidates": [dict(vars(one)) for one in reading.candidates],
            "why": reading.why,
            "entities": [dict(one) for one in reading.entities],
            "shift": reading.shift,
        },
    )


def _keep_contact(session: Session, row: ConversationRow, contact: Contact) -> None:
    verification.keep_contact(session, row, **{contact.kind: contact.value})
    store.append(session, row, Kind.CONTACT_LEFT, actor="customer", body={"contact": contact.kind})
