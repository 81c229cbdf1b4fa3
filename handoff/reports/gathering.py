"""Writes the facts that figures count, from the numbered events of each conversation that has changed since.

What a conversation comes to is a pure function of its events (`tally`). Who comes back is known by the marks of their contacts, which go when they are
forgotten; that somebody did, stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from handoff.conversations import finding, surveys
from handoff.conversations.events import Kind
from handoff.conversations.fact_tables import CallFactRow, ComplaintFactRow, PickFactRow, TalkFactRow
from handoff.conversations.outcomes import PICKED
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow
from handoff.database import Database
from handoff.entries.tables import EntryRow
from handoff.reports.complained import complained
from handoff.schedule import Hours

COUNTED_AS = "3"  # another number has everything counted anew
BATCH = 500
ONE_AT_A_TIME = 0xAB111F  # names the lock for which processes that count together wait
WISHES = ("ask_human", "complain")  # whoever wants a person has asked nothing that an entry could answer
PAUSE = timedelta(hours=12)  # with the bot nobody closes: a silence of so long ends a contact
TAKES = {Kind.CLAIMED, Kind.PASSED, Kind.TAKEN_OVER}
LETS_GO = {Kind.CLOSED, Kind.RELEASED, Kind.GIVEN_BACK, Kind.SNOOZED}


@dataclass(frozen=True)
class Seen:
    """One event, as far as it is counted."""

    id: str
    number: int
    kind: str
    actor: str
    at: datetime
    agent_id: str | None = None
    entry_id: str | None = None
    reason: str | None = None
    payload: str | None = None
    picked: str | None = None
    tag: str | None = None


@dataclass
class Call:
    """One call for a person and when somebody came and wrote."""

    event_id: str
    at: datetime
    reason: str | None
    claimed_at: datetime | None = None
    answered_at: datetime | None = None
    agent_id: str | None = None


@dataclass
class Tally:
    """What one conversation comes to."""

    began_at: datetime | None = None  # the customer's first words
    entry_id: str | None = None
    agent_id: str | None = None
    contact: bool = False
    left: bool = False
    ended_at: datetime | None = None
    again_at: datetime | None = None
    handled: timedelta | None = None
    calls: list[Call] = field(default_factory=list)

    @property
    def alone(self) -> bool:
        return self.entry_id is not None and not self.calls and not self.contact

    @property
    def lost(self) -> bool:
        return self.left and not self.contact and bool(self.calls) and self.calls[-1].answered_at is None


def tally(events: Sequence[Seen]) -> Tally:
    """Count the events, in their order, of one conversation."""
    found = Tally()
    last: datetime | None = None
    held_since: datetime | None = None
    for event in events:
        if surveys.is_aside(event.payload):
            continue  # who says how it was has not come back
        _follow_words(found, event, last)
        _follow_calls(found, event)
        if event.kind in TAKES and held_since is None:
            held_since = event.at
        elif event.kind in LETS_GO and held_since is not None:
            found.handled, held_since = (found.handled or timedelta()) + (event.at - held_since), None
        if event.kind == Kind.MESSAGE:
            last = event.at
    return found


def _follow_words(found: Tally, event: Seen, last: datetime | None) -> None:
    if event.kind == Kind.MESSAGE and event.actor == "customer":
        found.began_at = found.began_at or event.at
        if last is not None and found.ended_at is None and not found.calls and event.at - last >= PAUSE and last > found.began_at:
            found.ended_at, found.again_at = last, event.at
        found.left = False
    elif event.kind in (Kind.REOPENED, Kind.NOT_WELL) and found.ended_at is not None:
        found.again_at = found.again_at or event.at
    elif event.kind == Kind.CLOSED:
        found.ended_at = found.ended_at or event.at
        found.left = found.left or event.actor == "customer"
    elif event.kind == Kind.CUSTOMER_LEFT:
        found.left = True
    elif event.kind == Kind.CONTACT_LEFT:
        found.contact = True
    if event.actor == "bot" and event.entry_id is not None:
        found.entry_id = found.entry_id or event.entry_id


def _follow_calls(found: Tally, event: Seen) -> None:
    if event.kind == Kind.HANDOFF_REQUESTED:
        found.calls.append(Call(event.id, event.at, event.reason))
    elif event.kind == Kind.CLAIMED and found.calls:
        found.calls[-1].claimed_at = found.calls[-1].claimed_at or event.at
    elif event.kind == Kind.MESSAGE and event.actor == "agent":
        found.agent_id = event.agent_id or found.agent_id
        if found.calls and found.calls[-1].answered_at is None:
            found.calls[-1].answered_at, found.calls[-1].agent_id = event.at, event.agent_id


def picks(events: Sequence[Seen], read: Sequence[DecisionRow]) -> list[tuple[DecisionRow, Seen]]:
    """What the bot had thought of a message, and the answer that an agent took over after it; of several the last. Who writes freely judges nothing."""
    of_message = {one.message_id: one for one in read}
    question: DecisionRow | None = None
    found: dict[str, tuple[DecisionRow, Seen]] = {}
    for event in events:
        if event.kind == Kind.MESSAGE and event.actor == "agent" and event.picked and question is not None and question.probability is not None:
            found[question.message_id] = (question, event)
        question = of_message.get(event.id, question)
    return list(found.values())


def gather(database: Database, hours: Hours, *, most: int | None = None) -> int:
    """Count what is new or has changed, in batches, each a transaction of its own; gives how many conversations. With `most` it stops after so many:
    somebody waits for the page, and the house goes on by itself."""
    made_as = f"{COUNTED_AS} {hours.zone.key}"
    done = 0
    while (most is None or done < most) and (ids := _stale(database, made_as)):
        with database.note() as session:  # after a loss of power it is counted again
            if not database.is_sqlite:  # where one writes at a time anyway; here two would write the same rows, and one be refused
                session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
            _count(session, ids, hours, made_as)
        done += len(ids)
    return done


def _stale(database: Database, made_as: str) -> Sequence[str]:
    known = ConversationRow.id == TalkFactRow.conversation_id
    behind = or_(TalkFactRow.up_to.is_(None), TalkFactRow.up_to != ConversationRow.last_number, TalkFactRow.made_as != made_as)
    with database.read() as session:
        query = select(ConversationRow.id).outerjoin(TalkFactRow, known).where(behind)
        return session.scalars(query.order_by(ConversationRow.created_at).limit(BATCH)).all()


def _count(session: Session, ids: Sequence[str], hours: Hours, made_as: str) -> None:
    rows = session.scalars(select(ConversationRow).where(ConversationRow.id.in_(ids)).order_by(ConversationRow.created_at)).all()
    events, decisions = _events(session, ids), _decisions(session, ids)
    topics = dict(session.execute(select(EntryRow.id, EntryRow.topic)).tuples().all())
    kept = select(TalkFactRow.conversation_id, TalkFactRow.known_before, TalkFactRow.again_seconds).where(TalkFactRow.conversation_id.in_(ids))
    before = {one.conversation_id: one for one in session.execute(kept)}
    talks: list[dict[str, object]] = []
    calls: list[dict[str, object]] = []
    picked: list[dict[str, object]] = []
    complaints: list[dict[str, object]] = []
    for table in (ComplaintFactRow, PickFactRow, CallFactRow, TalkFactRow):
        session.execute(delete(table).where(table.conversation_id.in_(ids)))
    for row in rows:
        counted, read, old = tally(events[row.id]), decisions[row.id], before.get(row.id)
        dimensions = _dimensions(row, counted, topics, read)
        fact = _talk(row, counted, read, made_as) | _when(counted.began_at or row.created_at, hours) | dimensions
        if row.identity or row.email or row.phone:
            _write(session, talks, calls, picked)  # the one before may be among them
        fact["known_before"] = (old is not None and old.known_before) or _returns(session, row, counted)
        fact["again_seconds"] = _seconds(counted.ended_at, counted.again_at) or (old.again_seconds if old is not None else None)
        talks.append(fact)
        calls += [_call(row, call, hours) | dimensions | {"agent_id": call.agent_id, "reason": call.reason} for call in counted.calls]
        picked += [_pick(row, thought, event, hours, dimensions) for thought, event in picks(events[row.id], read)]
        if seen := complained(events[row.id]):
            complaints.append({"event_id": seen.id, "conversation_id": row.id, "product": row.product} | _when(seen.at, hours) | dimensions)
    _write(session, talks, calls, picked)
    if complaints:
        session.execute(insert(ComplaintFactRow), complaints)


def _write(session: Session, talks: list[dict[str, object]], calls: list[dict[str, object]], picked: list[dict[str, object]]) -> None:
    """Write what has come together, and begin to collect anew."""
    for table, made in ((TalkFactRow, talks), (CallFactRow, calls), (PickFactRow, picked)):
        if made:
            session.execute(insert(table), made)
            made.clear()


def _events(session: Session, ids: Sequence[str]) -> dict[str, list[Seen]]:
    body = EventRow.body
    columns = (EventRow.conversation_id, EventRow.id, EventRow.number, EventRow.kind, EventRow.actor, EventRow.at, EventRow.agent_id)
    said = (body["entry_id"].as_string(), body["reason"].as_string())
    facts = (*said, EventRow.hidden["payload"].as_string(), EventRow.hidden[PICKED].as_string(), body["tag"].as_string())
    found: dict[str, list[Seen]] = defaultdict(list)
    query = select(*columns, *facts, body["outcome"].as_string()).where(EventRow.conversation_id.in_(ids)).order_by(EventRow.conversation_id, EventRow.number)
    for conversation_id, *seen, outcome in session.execute(query):
        if outcome != ERASED:  # that it was erased is no part of the talk
            found[conversation_id].append(Seen(*seen))
    return found


def _decisions(session: Session, ids: Sequence[str]) -> dict[str, list[DecisionRow]]:
    found: dict[str, list[DecisionRow]] = defaultdict(list)
    columns = (DecisionRow.conversation_id, DecisionRow.message_id, DecisionRow.action, DecisionRow.intent, DecisionRow.entry_id, DecisionRow.probability)
    for one in session.execute(select(*columns).where(DecisionRow.conversation_id.in_(ids)).order_by(DecisionRow.at)):
        found[one.conversation_id].append(one)  # type: ignore[arg-type]  # a row with the columns that are asked
    return found


def _talk(row: ConversationRow, counted: Tally, read: Sequence[DecisionRow], made_as: str) -> dict[str, object]:
    return {
        "conversation_id": row.id,
        "made_as": made_as,
        "up_to": row.last_number,
        "written": counted.began_at is not None,
        "listened": bool(read),
        "alone": bool(read) and counted.alone,
        "calls": len(counted.calls),
        "questions": len(read),
        "unanswered": sum(one.action == "human" and one.intent not in WISHES for one in read),
        "handled_seconds": counted.handled.total_seconds() if counted.handled is not None else None,
        "ended_at": counted.ended_at,
        "lost": counted.lost,
    }


def _call(row: ConversationRow, call: Call, hours: Hours) -> dict[str, object]:
    waited = (call.claimed_at - call.at).total_seconds() if call.claimed_at else None
    answered = (call.answered_at - call.at).total_seconds() if call.answered_at else None
    ids = {"event_id": call.event_id, "conversation_id": row.id}
    return ids | _when(call.at, hours) | {"in_hours": hours.open_at(call.at), "claimed_seconds": waited, "answered_seconds": answered}


def _pick(row: ConversationRow, thought: DecisionRow, event: Seen, hours: Hours, dimensions: dict[str, object]) -> dict[str, object]:
    told = {"message_id": thought.message_id, "conversation_id": row.id, "picked": event.picked}
    return told | _when(event.at, hours) | dimensions | {"agent_id": event.agent_id, "entry_id": thought.entry_id}


def _when(at: datetime, hours: Hours) -> dict[str, object]:
    local = at.astimezone(hours.zone)
    return {"began_at": at, "day": local.date(), "hour": local.hour, "weekday": local.weekday()}


def _dimensions(row: ConversationRow, counted: Tally, topics: dict[str, str], read: Sequence[DecisionRow]) -> dict[str, object]:
    entry = counted.entry_id or next((one.entry_id for one in read if one.entry_id), None)
    said: dict[str, object] = {"language": row.language, "channel": row.channel, "team_id": row.team_id, "agent_id": counted.agent_id}
    return said | {"entry_id": entry, "topic": topics.get(entry or "") or None, "reason": counted.calls[0].reason if counted.calls else None}


def _returns(session: Session, row: ConversationRow, counted: Tally) -> bool:
    """Whether the same contact was here before; the last time before, it is noted that they came again."""
    known: list[tuple[finding.Fact, str]] = [(fact, value) for fact in ("identity", "email", "phone") if (value := getattr(row, fact))]
    if not known or counted.began_at is None:
        return False
    same = or_(*(finding.same(session, fact, value) for fact, value in known))
    earlier = select(ConversationRow.id).where(same, ConversationRow.id != row.id, ConversationRow.created_at < row.created_at)
    last = session.scalar(earlier.order_by(ConversationRow.created_at.desc()).limit(1))
    if last is None:
        return False
    before = session.get(TalkFactRow, last)
    if before is not None and before.again_seconds is None and before.ended_at is not None and before.ended_at < counted.began_at:
        before.again_seconds = _seconds(before.ended_at, counted.began_at)
    return True


def _seconds(since: datetime | None, until: datetime | None) -> float | None:
    return (until - since).total_seconds() if since is not None and until is not None else None
