"""What the desk reads: the lists with their counts, and one conversation with everything around it. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from handoff.accounts.tables import AgentRow, TeamMemberRow
from handoff.conversations import amending, finding, store, waiting
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow, HandoffRow, MentionRow, RatingRow, ReminderRow
from handoff.conversations.walls import visible
from handoff.database import Database, now

ListName = Literal["waiting", "mine", "team", "all", "closed"]
LISTS: tuple[ListName, ...] = get_args(ListName)
LONGEST_LIST = 200  # rows of one list; the counts go on
MOST_EVENTS = 5_000  # of one conversation
SHOWN_EVENTS = 100  # of an opened conversation; older ones when they are asked for

CLAIMABLE = (State.WAITING.value, State.TICKET.value)
HELD = (State.LIVE.value, State.SNOOZED.value)


@dataclass(frozen=True)
class Item:
    """One line of a list. `last` is the newest customer message; `unread` counts theirs that the holder has not been shown.
    `promised_until` is when the customer was told that a person comes, while that is still to be kept. `offered` is whose turn it
    is while it waits. `verifier` is the agent who checked who the customer is, `keeper` who
    holds it from erasure. `called` and `reminder` are the reader's own.
    `gone` is the holder's last message where it can't be taken back any more, of one conversation that is looked at."""

    row: ConversationRow
    holder: str | None
    last: EventRow | None
    unread: int
    promised_until: datetime | None = None
    offered: str | None = None
    verifier: str | None = None
    keeper: str | None = None
    called: bool = False
    reminder: ReminderRow | None = None
    gone: int = 0


@dataclass(frozen=True)
class Whole:
    """One conversation as an agent needs it."""

    item: Item
    events: Sequence[EventRow]  # the newest
    handoff: HandoffRow | None
    decisions: Sequence[tuple[DecisionRow, int]]  # with the number of the message, newest first
    ratings: Sequence[tuple[RatingRow, int]]  # with the number of the rated answer


def items(database: Database, name: ListName, agent_id: str, *, search: str = "", skip: int = 0, pressing: bool = False) -> list[Item]:
    """The conversations of a list, in the order in which they should be taken, at most `LONGEST_LIST` after the first `skip`.

    `search` keeps those whose name, e-mail, phone or said words begin with its words, or whose id it is; `pressing` those that are due soon or late.
    """
    with database.read() as session:
        query = _ordered(name, agent_id)
        if search.strip():
            query = query.where(finding.has(session, search.strip()))
        if pressing:
            query = query.where(_pressing())
        rows = session.scalars(query.offset(skip).limit(LONGEST_LIST)).all()
        return _items(session, rows, agent_id)


def counts(database: Database, agent_id: str) -> dict[str, int]:
    """How many conversations each list holds; `tickets` of those that wait are answered later, by e-mail or phone."""
    with database.read() as session:
        seen = visible(agent_id)
        found: Sequence[Any] = session.execute(select(ConversationRow.state, func.count()).where(seen).group_by(ConversationRow.state)).all()
        team = session.scalar(select(func.count()).select_from(ConversationRow).where(_of_my_teams(agent_id), seen)) or 0
        mine = session.scalar(select(func.count()).select_from(ConversationRow).where(_mine(agent_id), seen)) or 0
    by_state: dict[str, int] = dict(found)
    closed = by_state.get(State.CLOSED.value, 0)
    return {
        "waiting": sum(by_state.get(state, 0) for state in CLAIMABLE),
        "mine": mine,
        "team": team,
        "all": sum(by_state.values()) - closed,
        "closed": closed,
        "tickets": by_state.get(State.TICKET.value, 0),
    }


def pressing(database: Database, name: ListName, agent_id: str) -> int:
    """How many conversations of a list are due soon or late; nothing closed is."""
    if name == "closed":
        return 0
    with database.read() as session:
        found = _ordered(name, agent_id).where(_pressing()).order_by(None)
        return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def whole(database: Database, conversation_id: str, agent_id: str = "") -> Whole:
    """One conversation with its newest events, its latest request for a person, the bot's decisions and the ratings. Raises `NotFound`."""
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        decided = select(DecisionRow, EventRow.number).join(EventRow, EventRow.id == DecisionRow.message_id)
        rated = select(RatingRow, EventRow.number).join(EventRow, EventRow.id == RatingRow.event_id)
        return Whole(
            item=replace(_items(session, [row], agent_id)[0], gone=amending.gone(session, row)),
            events=store.events_before(session, row.id, row.last_number + 1, limit=SHOWN_EVENTS),
            handoff=store.latest_handoff(session, row.id),
            decisions=[
                tuple(pair) for pair in session.execute(decided.where(DecisionRow.conversation_id == row.id).order_by(EventRow.number.desc()).limit(20)).all()
            ],
            ratings=[tuple(pair) for pair in session.execute(rated.where(RatingRow.conversation_id == row.id).order_by(EventRow.number)).all()],
        )


def lines_of(database: Database, rows: Sequence[ConversationRow]) -> list[Item]:
    """Lines for rows that were found elsewhere."""
    with database.read() as session:
        return _items(session, rows)


def language(database: Database, conversation_id: str) -> str:
    """The customer's. Raises `NotFound`."""
    with database.read() as session:
        return store.conversation(session, conversation_id).language


def events_before(database: Database, conversation_id: str, number: int) -> Sequence[EventRow]:
    """The events with the next smaller numbers, oldest first. Raises `NotFound`."""
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        return store.events_before(session, row.id, number, limit=SHOWN_EVENTS)


def events_since(database: Database, conversation_id: str, number: int) -> tuple[Item, Sequence[EventRow]]:
    """The conversation as it stands and its events with a greater number."""
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        return replace(_items(session, [row])[0], gone=amending.gone(session, row)), store.events_after(session, row.id, number)


def question_and_answer(database: Database, conversation_id: str, *, answer: int | None = None) -> tuple[str, str] | None:
    """The customer's last question and the agent's last reply (or the reply with number `answer`) to it; None without both.

    A tapped button is nobody's question. Of the typed messages before the reply the last that asks („?“) or says more
    than two words is meant: what people write last is often „aitäh“.
    """
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        messages = [event for event in store.events_after(session, row.id, 0, limit=MOST_EVENTS) if event.kind == Kind.MESSAGE and event.body["text"]]
    replies = [event for event in messages if event.actor == "agent" and answer in (None, event.number)]
    if not replies:
        return None
    asked = [event.body["text"] for event in messages if event.actor == "customer" and event.number < replies[-1].number and not event.hidden.get("payload")]
    if not asked:
        return None
    meant = [text for text in asked if "?" in text] or [text for text in asked if len(text.split()) > 2] or asked
    return meant[-1], replies[-1].body["text"]


def _ordered(name: ListName, agent_id: str) -> Select[tuple[ConversationRow]]:
    """Waiting: by urgency, tickets after those who wait in the chat. Mine: what I am offered, then whom I owe
    the next word, the soonest first. The rest: newest change first."""
    query = select(ConversationRow).where(visible(agent_id))
    if name == "waiting":
        in_chat = case((or_(ConversationRow.state == State.WAITING.value, ConversationRow.again_at.is_not(None)), 0), else_=1)
        return query.where(ConversationRow.state.in_(CLAIMABLE)).order_by(in_chat, *waiting.urgency())
    if name == "mine":
        return query.where(_mine(agent_id)).order_by(
            case((ConversationRow.offered_to == agent_id, 0), else_=1),
            case((ConversationRow.overdue_at.is_not(None), 0), (ConversationRow.due_at.is_not(None), 1), else_=2),
            ConversationRow.due_at,
            ConversationRow.changed_at.desc(),
            ConversationRow.id,
        )
    if name == "team":
        query = query.where(_of_my_teams(agent_id))
    elif name == "all":
        query = query.where(ConversationRow.state != State.CLOSED.value)
    else:
        return query.where(ConversationRow.state == State.CLOSED.value).order_by(ConversationRow.closed_at.desc(), ConversationRow.id)
    return query.order_by(ConversationRow.changed_at.desc(), ConversationRow.id)


def _pressing() -> ColumnElement[bool]:
    return (ConversationRow.due_soon_at <= now()) | ConversationRow.overdue_at.is_not(None)


def _mine(agent_id: str) -> ColumnElement[bool]:
    """What an agent has or is offered, is reminded of now, or was called to by a colleague."""
    held = (ConversationRow.agent_id == agent_id) & ConversationRow.state.in_(HELD)
    offered = (ConversationRow.offered_to == agent_id) & (ConversationRow.state == State.WAITING.value)
    due = select(ReminderRow.conversation_id).where(ReminderRow.agent_id == agent_id, ReminderRow.due_at <= now())
    called = select(MentionRow.conversation_id).where(MentionRow.agent_id == agent_id, MentionRow.seen_at.is_(None))
    return or_(held, offered, ConversationRow.id.in_(due), ConversationRow.id.in_(called))


def _of_my_teams(agent_id: str) -> ColumnElement[bool]:
    """What is meant for a team of the agent's, or with somebody of it, and open."""
    teams = select(TeamMemberRow.team_id).where(TeamMemberRow.agent_id == agent_id)
    people = select(TeamMemberRow.agent_id).where(TeamMemberRow.team_id.in_(teams))
    with_them = ConversationRow.agent_id.in_(people) & ConversationRow.state.in_(HELD)
    return or_(ConversationRow.team_id.in_(teams) & (ConversationRow.state != State.CLOSED.value), with_them)


def _items(session: Session, rows: Sequence[ConversationRow], agent_id: str = "") -> list[Item]:
    ids = [row.id for row in rows]
    last = store.last_messages(session, ids)
    unread = _unread(session, ids)
    promises = {key: promise.promised_until for key, promise in waiting.last_promises(session, rows).items() if promise.kept is None}
    names = _names(session, {one for row in rows for one in (row.agent_id, row.offered_to, row.verified_by, row.held_by) if one})
    called = set(session.scalars(select(MentionRow.conversation_id).where(MentionRow.agent_id == agent_id, MentionRow.seen_at.is_(None))))
    mine = session.scalars(select(ReminderRow).where(ReminderRow.agent_id == agent_id, ReminderRow.conversation_id.in_(ids)))
    reminders = {reminder.conversation_id: reminder for reminder in mine}
    return [
        Item(
            row,
            holder=names.get(row.agent_id or "") if row.state in HELD else None,
            last=last.get(row.id),
            unread=unread.get(row.id, 0),
            promised_until=promises.get(row.id),
            offered=names.get(row.offered_to or "") if row.state == State.WAITING else None,
            verifier=names.get(row.verified_by or ""),
            keeper=names.get(row.held_by or ""),
            called=row.id in called,
            reminder=reminders.get(row.id),
        )
        for row in rows
    ]


def _unread(session: Session, ids: Sequence[str]) -> dict[str, int]:
    query = (
        select(EventRow.conversation_id, func.count())
        .join(ConversationRow, ConversationRow.id == EventRow.conversation_id)
        .where(EventRow.conversation_id.in_(ids), EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "customer")
        .where(EventRow.number > ConversationRow.seen_by_agent, ConversationRow.state.in_((*CLAIMABLE, *HELD)))
        .group_by(EventRow.conversation_id)
    )
    found: Sequence[Any] = session.execute(query).all()
    return dict(found)


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    found: Sequence[Any] = session.execute(select(AgentRow.id, AgentRow.name).where(AgentRow.id.in_(ids))).all()
    return dict(found)
