"""Those who wait for a person: their line, what each was promised, and how the promises turned out. Changes are one transaction each.

A conversation is in the line while its state is WAITING; `waiting_since` tells its waits apart. What was promised last in a wait stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, func, select, update
from sqlalchemy.orm import Session

from bot.understanding import Reply
from handoff.contract import Reason
from handoff.conversations import store
from handoff.conversations.estimate import Situation, Wait, told
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, EventRow, HandoffRow, PromiseRow
from handoff.database import Database, now

LONGEST_LINE = 500
REMEMBERED = 600  # ended waits that the next promises are learned from
MEMORY = timedelta(days=60)
SIGN_SECONDS = 20  # a page's sign is written down at most so often
MOST_APOLOGIES = 2  # in one wait: after that, saying it again would only nag

KEEP_WAITING, LEAVE_CONTACT, BACK_TO_BOT = "/keep_waiting", "/leave_contact", "/back_to_bot"
CHOICES = (KEEP_WAITING, LEAVE_CONTACT, BACK_TO_BOT)  # what somebody who waits is offered when it takes long


@dataclass(frozen=True)
class Place:
    """Where a customer stands in the line, and until when a person was promised; None where no time was told."""

    ahead: int
    promised_until: datetime | None

    def left(self, moment: datetime) -> timedelta | None:
        """The time that is left, as it is told; a promise whose time is just up still reads as the shortest."""
        return told(max(self.promised_until - moment, timedelta(0))) if self.promised_until else None


@dataclass(frozen=True)
class InLine:
    """A waiting conversation, with what was promised last in this wait and how often that was too soon."""

    row: ConversationRow
    ahead: int
    promise: PromiseRow | None
    missed: int
    told_alone: bool

    @property
    def promised_until(self) -> datetime | None:
        """None where no time was told, or it is up."""
        return self.promise.promised_until if self.promise is not None and self.promise.kept is None else None

    @property
    def place(self) -> Place:
        return Place(self.ahead, self.promised_until)

    def is_due(self, moment: datetime) -> bool:
        """Whether the promised time is up, and nothing has been said about it."""
        return self.promised_until is not None and self.promised_until <= moment


def urgency() -> tuple[ColumnElement[int], ...]:
    """The order in which waiting conversations should be taken: what was solved and is not, complaints, then broken promises (the customer's, the
    team's own), then who waits longest."""
    again = case((ConversationRow.again_at.is_not(None), 0), else_=1)
    complaint = case((ConversationRow.reason == Reason.COMPLAINT.value, 0), else_=1)
    late = case((ConversationRow.late_at.is_not(None) | ConversationRow.overdue_at.is_not(None), 0), else_=1)
    since = func.coalesce(ConversationRow.waiting_since, ConversationRow.changed_at)
    return again, complaint, late, since, ConversationRow.id  # type: ignore[return-value]


def place(session: Session, row: ConversationRow) -> Place:
    """Where a waiting conversation stands."""
    ids = session.scalars(select(ConversationRow.id).where(ConversationRow.state == State.WAITING.value).order_by(*urgency()).limit(LONGEST_LINE)).all()
    last = session.scalar(_promises(row).order_by(PromiseRow.given_at.desc()).limit(1))
    open_until = last.promised_until if last is not None and last.kept is None else None
    return Place(ids.index(row.id) if row.id in ids else len(ids), open_until)


def line(database: Database) -> list[InLine]:
    """Everyone who waits, in the order in which they should be taken."""
    with database.read() as session:
        rows = session.scalars(select(ConversationRow).where(ConversationRow.state == State.WAITING.value).order_by(*urgency()).limit(LONGEST_LINE)).all()
        if not rows:
            return []
        ids = [row.id for row in rows]
        last = last_promises(session, rows)
        said: dict[tuple[str, str], list[datetime]] = {}
        marks = select(EventRow).where(EventRow.conversation_id.in_(ids), EventRow.kind.in_((Kind.PROMISE_MISSED.value, Kind.LEFT_ALONE.value)))
        for event in session.scalars(marks):
            said.setdefault((event.conversation_id, event.kind), []).append(event.at)
    found = []
    for ahead, row in enumerate(rows):
        since = row.waiting_since or row.changed_at
        missed = sum(at >= since for at in said.get((row.id, Kind.PROMISE_MISSED), ()))
        alone = any(at >= since for at in said.get((row.id, Kind.LEFT_ALONE), ()))
        found.append(InLine(row, ahead, last.get(row.id), missed, alone))
    return found


def last_promises(session: Session, rows: Sequence[ConversationRow]) -> dict[str, PromiseRow]:
    """What each of these conversations was promised last in its present wait, by conversation id."""
    since = {row.id: row.waiting_since for row in rows if row.state == State.WAITING}
    query = select(PromiseRow).where(PromiseRow.conversation_id.in_(since), PromiseRow.ended_at.is_(None)).order_by(PromiseRow.given_at)
    return {promise.conversation_id: promise for promise in session.scalars(query) if promise.waiting_since == since[promise.conversation_id]}


def held(database: Database) -> int:
    """How many conversations agents have now."""
    with database.read() as session:
        return session.scalar(select(func.count()).where(ConversationRow.state == State.LIVE.value)) or 0


def experience(database: Database, zone: ZoneInfo) -> list[Wait]:
    """Waits that have ended with an agent, in the order they ended, then those of the people who wait now; moments in the zone."""
    moment = now()
    with database.read() as session:
        over = select(PromiseRow).where(PromiseRow.picked_up.is_(True), PromiseRow.ended_at >= moment - MEMORY)
        ended = session.scalars(over.order_by(PromiseRow.ended_at.desc()).limit(REMEMBERED)).all()
        open_now = session.scalars(select(PromiseRow).where(PromiseRow.ended_at.is_(None))).all()
    return [_wait(row, row.ended_at or moment, zone) for row in reversed(ended)] + [_wait(row, moment, zone) for row in open_now]


def give(database: Database, conversation_id: str, situation: Situation, promised_until: datetime | None, *, instead_of: str | None = None) -> bool:
    """Write down what a customer is told. False when the wait is over or somebody else has told something meanwhile."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.state != State.WAITING or row.waiting_since is None:
            return False
        last = session.scalar(_promises(row).order_by(PromiseRow.given_at.desc()).limit(1))
        if (last.id if last is not None else None) != instead_of:
            return False
        promise = PromiseRow(conversation_id=row.id, waiting_since=row.waiting_since, given_at=situation.at, promised_until=promised_until)
        promise.ahead, promise.agents, promise.held = situation.ahead, situation.agents or 0, situation.held or 0
        session.add(promise)
        return True


def settle(session: Session, conversation_id: str, moment: datetime) -> None:
    """An agent has come: judge what was promised."""
    for promise in session.scalars(select(PromiseRow).where(PromiseRow.conversation_id == conversation_id, PromiseRow.ended_at.is_(None))):
        _end(promise, moment, picked_up=True)


def settle_strays(database: Database) -> None:
    """Judge the promises of waits that ended in any other way than with an agent: back to the bot, closed, erased."""
    elsewhere = (ConversationRow.state != State.WAITING.value) | (ConversationRow.waiting_since != PromiseRow.waiting_since)
    strays = select(PromiseRow, ConversationRow.changed_at).join(ConversationRow, ConversationRow.id == PromiseRow.conversation_id)
    strays = strays.where(PromiseRow.ended_at.is_(None), elsewhere)
    with database.read() as session:
        if session.execute(strays.limit(1)).first() is None:
            return
    with database.write() as session:
        for promise, changed_at in session.execute(strays):
            _end(promise, changed_at, picked_up=False)


def miss(database: Database, promise_id: str, conversation_id: str, words: Reply | None) -> bool:
    """The time is up: mark the promise broken, let the conversation go first and say so to the customer (`words`; None says nothing).

    False when the wait is over or it was done before: of many processes one apologises.
    """
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        guarded = update(PromiseRow).where(PromiseRow.id == promise_id, PromiseRow.kept.is_(None), PromiseRow.ended_at.is_(None))
        if row.state != State.WAITING or session.execute(guarded.values(kept=False)).rowcount != 1:  # type: ignore[attr-defined]
            return False
        row.late_at = row.late_at or now()
        if words is not None:
            store.append(session, row, Kind.PROMISE_MISSED, actor="system")
            _say(session, row, words)
        return True


def leave_alone(database: Database, conversation_id: str, words: Reply) -> bool:
    """Nobody is here any more: say so once to a customer who waits. False when the wait is over or it was said before."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        said = select(EventRow.id).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.LEFT_ALONE.value, EventRow.at >= row.waiting_since)
        if row.state != State.WAITING or session.scalar(said.limit(1)) is not None:
            return False
        store.append(session, row, Kind.LEFT_ALONE, actor="system")
        _say(session, row, words)
        return True


def here(database: Database, row: ConversationRow) -> bool:
    """The waiting customer's page gives a sign. True when the customer had been taken to have left."""
    moment = now()
    if row.state != State.WAITING or (row.left_at is None and row.customer_at is not None and moment - row.customer_at < timedelta(seconds=SIGN_SECONDS)):
        return False
    with database.write() as session:
        row = store.conversation(session, row.id, lock=True)
        row.customer_at = moment
        if row.left_at is None:
            return False
        row.left_at = None
        store.append(session, row, Kind.CUSTOMER_BACK, actor="system")
        return True


def mark_left(database: Database, conversation_id: str, *, silent_since: datetime) -> bool:
    """Mark a waiting customer as gone unless a sign has come since. True when that is news."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.state != State.WAITING or row.left_at is not None or row.customer_at is None or row.customer_at > silent_since:
            return False
        row.left_at = now()
        store.append(session, row, Kind.CUSTOMER_LEFT, actor="system")
        return True


def back_to_bot(session: Session, row: ConversationRow) -> EventRow:
    """The customer leaves the line for the bot. The row must be locked and WAITING."""
    store.move(row, State.BOT)
    event = store.append(session, row, Kind.TAKEN_BACK, actor="customer")
    store.resume_tracker(session, row, event)
    return event


def kept_lately(database: Database, since: datetime) -> tuple[int, int]:
    """How many promises were kept, of how many that are judged."""
    with database.read() as session:
        judged = session.scalars(select(PromiseRow.kept).where(PromiseRow.given_at >= since, PromiseRow.kept.is_not(None))).all()
    return sum(bool(kept) for kept in judged), len(judged)


def pick_ups(database: Database) -> list[tuple[datetime, datetime]]:
    """When a person was asked for and when an agent took over, for every handoff that was answered; the oldest first."""
    with database.read() as session:
        answered = select(HandoffRow.requested_at, HandoffRow.answered_at).where(HandoffRow.answered_at.is_not(None)).order_by(HandoffRow.requested_at)
        return [(since, claimed) for since, claimed in session.execute(answered) if claimed >= since]


def _promises(row: ConversationRow) -> Select[tuple[PromiseRow]]:
    return select(PromiseRow).where(PromiseRow.conversation_id == row.id, PromiseRow.waiting_since == row.waiting_since, PromiseRow.ended_at.is_(None))


def _end(promise: PromiseRow, moment: datetime, *, picked_up: bool) -> None:
    """Who goes away before the time is up leaves a promise neither kept nor broken."""
    promise.ended_at, promise.picked_up = moment, picked_up
    if promise.kept is None and promise.promised_until is not None:
        in_time = moment <= promise.promised_until
        promise.kept = in_time if picked_up or not in_time else None


def _wait(row: PromiseRow, until: datetime, zone: ZoneInfo) -> Wait:
    start = Situation(row.given_at.astimezone(zone), row.ahead, row.agents, row.held)
    return Wait(start, until - row.given_at, open=row.ended_at is None, kept=row.kept)


def _say(session: Session, row: ConversationRow, words: Reply) -> None:
    body = {"text": words.text, "buttons": [button.title for button in words.buttons]}
    store.append(session, row, Kind.MESSAGE, actor="bot", body=body, hidden={"payloads": [button.payload for button in words.buttons]})
