"""Reading and appending rows. Every function works inside the caller's transaction; none commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, func, insert, select
from sqlalchemy.orm import Session

from bot.understanding import Language
from handoff.accounts import trail
from handoff.accounts.tables import TeamRow
from handoff.conversations import bells, channel_debts, clocks, elsewhere, finding, posting
from handoff.conversations.events import Kind
from handoff.conversations.states import State, check_move
from handoff.conversations.tables import OPEN_IN_BODY, ConversationRow, DecisionRow, EventRow, HandoffRow, OwedReplyRow, TrackerEventRow
from handoff.database import now
from handoff.endpoints import telling
from handoff.errors import NotFound
from handoff.placing import Placed, key_of
from handoff.putting import change, put

PAGE = 500
ERASED = "erased"  # as the secret's hash no secret has it; as an outcome it says why the row is empty
SAID = (Kind.MESSAGE, Kind.NOTE)  # what people say stands in the log; what they do with a conversation, in the trail as well

# What every message asks, put together once: SQLAlchemy takes longer to put a statement together than SQLite to answer it.
_ONE = select(ConversationRow).where(ConversationRow.id == bindparam("id"))
_LOCKED = _ONE.with_for_update()
_AFTER = (
    select(EventRow)
    .where(EventRow.conversation_id == bindparam("conversation_id"), EventRow.number > bindparam("number"))
    .order_by(EventRow.number)
    .limit(bindparam("most"))
)
_SENT = select(EventRow).where(EventRow.conversation_id == bindparam("conversation_id"), EventRow.client_id == bindparam("client_id"))
_IS_SENT = select(EventRow.__table__.c.number).where(
    EventRow.__table__.c.conversation_id == bindparam("conversation_id"), EventRow.__table__.c.client_id == bindparam("client_id")
)
_TRACKER = TrackerEventRow.__table__
_HISTORY = select(_TRACKER.c.data).where(_TRACKER.c.conversation_id == bindparam("conversation_id")).order_by(_TRACKER.c.id)
_ADD_TRACKER = insert(_TRACKER)  # type: ignore[arg-type]
_TOLD = (
    select(*(EventRow.__table__.c[name] for name in ("number", "kind", "actor", "at", "client_id", "body")))
    .where(EventRow.__table__.c.conversation_id == bindparam("conversation_id"), EventRow.__table__.c.number > bindparam("number"))
    .order_by(EventRow.__table__.c.number)
    .limit(bindparam("most"))
)
_VISITED = select(
    *(ConversationRow.__table__.c[name] for name in ("id", "secret_hash", "state", "channel", "language", "last_number", "consent", "page"))
).where(ConversationRow.__table__.c.id == bindparam("id"))
OWED = OwedReplyRow.__table__
_OWES = select(exists().where(OWED.c.conversation_id == bindparam("conversation_id"), OWED.c.paid_at.is_(None)))


@dataclass(frozen=True)
class Visited:
    """What a request of a visitor knows of its conversation: as it stood when they were let in."""

    id: str
    secret_hash: str
    state: str
    channel: str
    language: str
    last_number: int
    consent: str | None
    page: str | None


def visited(connection: Connection, conversation_id: str) -> Visited | None:
    """The conversation that somebody asks for, or None."""
    row = connection.execute(_VISITED, {"id": conversation_id}).first()
    return None if row is None else Visited(*row)


def conversation(session: Session, conversation_id: str, *, lock: bool = False) -> ConversationRow:
    """The conversation's row; with `lock`, nobody else changes it until the transaction ends. Raises `NotFound`."""
    row = session.scalar(_LOCKED if lock else _ONE, {"id": conversation_id})
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


def customers(session: Session, conversation_id: str) -> ConversationRow:
    """The locked row, for what its customer does. Raises `NotFound`, also for one that was erased since they were let in: nothing may be kept after that."""
    row = conversation(session, conversation_id, lock=True)
    if row.secret_hash == ERASED:
        raise NotFound("There is no such conversation.")
    return row


def append(
    session: Session,
    row: ConversationRow,
    kind: Kind,
    *,
    actor: str,
    body: Mapping[str, Any] | None = None,
    hidden: Mapping[str, Any] | None = None,
    agent_id: str | None = None,
    client_id: str | None = None,
) -> EventRow:
    """Add the next numbered event, keep the clocks of what is owed and owe what it asks for (a letter, words at a messenger). The conversation's row must be
    locked: the number comes from it."""
    if kind is not Kind.OVERDUE:
        note_overdue(session, row)
    change(session, row, last_number=row.last_number + 1, changed_at=now())
    event = EventRow(
        conversation_id=row.id,
        number=row.last_number,
        kind=kind.value,
        actor=actor,
        agent_id=agent_id,
        client_id=client_id,
        body=dict(body or {}),
        hidden=dict(hidden or {}),
        at=row.changed_at,
    )
    put(session, event)
    finding.keep_said(session, event)
    if agent_id is not None and kind not in SAID:
        trail.write_down(session, agent_id, f"{kind.value}_conversation", row.id)
    clocks.follow(session, row, event)
    bells.follow(session, row, event)
    posting.follow(session, row, event)
    elsewhere.follow(session, row, event)
    channel_debts.follow(session, row, event)
    if endpoints := telling.wanting(session, event.kind):
        telling.owe(session, endpoints, _as_happened(session, row, event))
    return event


def _as_happened(session: Session, row: ConversationRow, event: EventRow) -> telling.Happened:
    """The event as other systems are told of it."""
    team = session.get(TeamRow, row.team_id) if row.team_id else None
    return telling.Happened(
        event_id=event.id,
        conversation_id=row.id,
        number=event.number,
        kind=event.kind,
        actor=event.actor,
        agent_id=event.agent_id,
        at=event.at,
        state=row.state,
        channel=row.channel,
        language=row.language,
        team_id=row.team_id,
        facts={name: event.body[name] for name in OPEN_IN_BODY if name in event.body},
        body=event.body,
        walled=team is not None and team.walled,
    )


def note_overdue(session: Session, row: ConversationRow) -> bool:
    """Write down what was to be done by now and is not, once. The row must be locked. True when there was such."""
    broken = clocks.break_due(session, row, now())
    for goal in broken:
        append(session, row, Kind.OVERDUE, actor="system", body={"goal": goal.value})
    return bool(broken)


def move(row: ConversationRow, state: State) -> None:
    """Put the conversation into `state` and keep the clocks. Raises `MoveRefused`. The row must be locked."""
    check_move(State(row.state), state)
    row.state = state.value
    moment = now()
    row.late_at = row.left_at = row.snoozed_until = row.offered_to = row.offered_until = None
    if state is State.WAITING:
        row.waiting_since, row.agent_id, row.claimed_at = moment, None, None
        row.customer_at = moment
    elif state is State.LIVE:
        row.claimed_at, row.again_at = moment, None
    elif state is State.CLOSED:
        row.closed_at = moment
    if state is not State.CLOSED:
        row.follow_up_at = row.survey_at = None
    if state in (State.BOT, State.CLOSED, State.TICKET):
        row.waiting_since = None
    if state in (State.BOT, State.TICKET):
        row.agent_id, row.claimed_at = None, None


def events_after(session: Session, conversation_id: str, number: int, *, limit: int = PAGE) -> Sequence[EventRow]:
    """Events with a greater number, in order, at most `limit`."""
    return session.scalars(_AFTER, {"conversation_id": conversation_id, "number": number, "most": limit}).all()


def told_after(connection: Connection, conversation_id: str, number: int) -> Sequence[Row[Any]]:
    """Of events with a greater number, in order, what readers are told (`events.for_customer`), at most `PAGE`."""
    return connection.execute(_TOLD, {"conversation_id": conversation_id, "number": number, "most": PAGE}).all()


def events_before(session: Session, conversation_id: str, number: int, *, limit: int) -> Sequence[EventRow]:
    """The last `limit` events with a smaller number, in order."""
    query = select(EventRow).where(EventRow.conversation_id == conversation_id, EventRow.number < number)
    return session.scalars(query.order_by(EventRow.number.desc()).limit(limit)).all()[::-1]


def event_at(session: Session, conversation_id: str, number: int) -> EventRow | None:
    """The event with this number, or None."""
    return session.scalar(select(EventRow).where(EventRow.conversation_id == conversation_id, EventRow.number == number))


def last_event(session: Session, conversation_id: str) -> EventRow | None:
    """The newest thing that somebody did; that time is over for something is nobody's doing."""
    done = select(EventRow).where(EventRow.conversation_id == conversation_id, EventRow.kind != Kind.OVERDUE.value)
    return session.scalar(done.order_by(EventRow.number.desc()).limit(1))


def sent_before(session: Session, conversation_id: str, client_id: str) -> EventRow | None:
    """The event that an earlier try with the same client-made id left, or None."""
    asked = {"conversation_id": conversation_id, "client_id": client_id}
    return session.scalar(_SENT, asked) if session.connection().scalar(_IS_SENT, asked) else None


def tracker_history(session: Session, conversation_id: str) -> list[Mapping[str, Any]]:
    """All tracker events of the conversation, oldest first, as Rasa serialised them."""
    return list(session.connection().scalars(_HISTORY, {"conversation_id": conversation_id}))


def owes(session: Session, conversation_id: str) -> bool:
    """Whether the bot owes the conversation an answer."""
    session.flush()
    return owed(session.connection(), conversation_id)


def owed(connection: Connection, conversation_id: str) -> bool:
    """The same for whoever has changed nothing."""
    return bool(connection.scalar(_OWES, {"conversation_id": conversation_id}))


def spoken_language(session: Session, row: ConversationRow | Visited) -> Language:
    """The language that the bot has last heard the customer write in; until it has heard one, the page's."""
    data = TrackerEventRow.data
    heard = select(data).where(TrackerEventRow.conversation_id == row.id, data["event"].as_string() == "slot", data["name"].as_string() == "language")
    newest = session.scalar(heard.order_by(TrackerEventRow.id.desc()).limit(1))
    return cast(Language, (newest and newest.get("value")) or row.language)


def heard_language(history: Sequence[Mapping[str, Any]], row: ConversationRow) -> Language:
    """`spoken_language` for whoever has the history in hand."""
    heard = (event.get("value") for event in reversed(history) if event.get("event") == "slot" and event.get("name") == "language")
    return cast(Language, next(heard, None) or row.language)


def add_tracker_events(session: Session, conversation_id: str, message_id: str, events: Sequence[Mapping[str, Any]]) -> None:
    """Keep new tracker events; (message, ordinal) is unique, so the same turn can't be kept twice."""
    rows = [
        {"conversation_id": conversation_id, "message_id": message_id, "ordinal": ordinal, "data": Placed(dict(event), key_of((message_id, ordinal)))}
        for ordinal, event in enumerate(events)
    ]
    if rows:  # all at once: as objects each would be asked for the id that it got
        session.connection().execute(_ADD_TRACKER, rows)


def resume_tracker(session: Session, row: ConversationRow, event: EventRow) -> None:
    """Rasa's tracker was paused by the handoff; whoever gives the conversation to the bot resumes it."""
    add_tracker_events(session, row.id, event.id, [{"event": "resume", "timestamp": event.at.timestamp()}])


def latest_handoff(session: Session, conversation_id: str) -> HandoffRow | None:
    """The newest request for a person, or None."""
    query = select(HandoffRow).where(HandoffRow.conversation_id == conversation_id)
    return session.scalar(query.order_by(HandoffRow.requested_at.desc()).limit(1))


def decisions(session: Session, conversation_id: str, *, limit: int = 20) -> Sequence[DecisionRow]:
    """What the bot made of the last messages, newest first."""
    query = select(DecisionRow).where(DecisionRow.conversation_id == conversation_id)
    return session.scalars(query.order_by(DecisionRow.at.desc()).limit(limit)).all()


def last_messages(session: Session, conversation_ids: Sequence[str]) -> dict[str, EventRow]:
    """The newest customer message of each conversation, by conversation id."""
    return _messages(session, conversation_ids, func.max(EventRow.number))


def first_messages(session: Session, conversation_ids: Sequence[str]) -> dict[str, EventRow]:
    """What the customer of each conversation wrote first, by conversation id."""
    return _messages(session, conversation_ids, func.min(EventRow.number))


def _messages(session: Session, conversation_ids: Sequence[str], which: ColumnElement[int]) -> dict[str, EventRow]:
    chosen = (
        select(EventRow.conversation_id, which.label("number"))
        .where(EventRow.conversation_id.in_(conversation_ids), EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "customer")
        .group_by(EventRow.conversation_id)
        .subquery()
    )
    query = select(EventRow).join(chosen, (EventRow.conversation_id == chosen.c.conversation_id) & (EventRow.number == chosen.c.number))
    return {event.conversation_id: event for event in session.scalars(query)}
