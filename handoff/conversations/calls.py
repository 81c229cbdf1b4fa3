"""Calls that were promised: when the customer may be called, how often it was tried and what came of it. One transaction each.

Who has the conversation has the call, so there is one claim for both. What the customer chose stands in the log as their words, what an agent
did as a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.accounts.tables import AgentRow
from handoff.conversations import agents, links, matters, store
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind, words_of
from handoff.conversations.snoozing import check_time
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, ReminderRow
from handoff.conversations.walls import visible
from handoff.conversations.words import clean
from handoff.database import Database, Table, new_id, now
from handoff.errors import MoveRefused, NotFound

MOST = 200  # in one list
REMIND_BEFORE = timedelta(minutes=10)
SIGN = "☎"  # what a reminder of a call is about
SOON = timedelta(minutes=15)  # a call is due so long before its window


class Step(StrEnum):
    """Where a call stands."""

    OPEN = "open"
    DONE = "done"
    UNREACHED = "unreached"
    CANCELLED = "cancelled"  # by the customer


MOVES: Mapping[Step, frozenset[Step]] = {
    Step.OPEN: frozenset({Step.OPEN, Step.DONE, Step.UNREACHED, Step.CANCELLED}),
    Step.DONE: frozenset(),
    Step.UNREACHED: frozenset(),
    Step.CANCELLED: frozenset(),
}


class CallRow(Table):
    """One call. The number stands in the conversation's row."""

    __tablename__ = "phone_call"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey("conversation.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(9), default=Step.OPEN.value)
    tries: Mapped[int] = mapped_column(default=0)  # that nobody answered
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_phone_call_conversation_id", "conversation_id"),
        Index("ix_phone_call_open", "starts", sqlite_where=text("step = 'open'"), postgresql_where=text("step = 'open'")),
    )


@dataclass(frozen=True)
class Window:
    """When the customer may be called."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Listed:
    """One open call as agents see it."""

    id: str
    conversation_id: str
    name: str | None
    phone: str | None
    language: str
    window: Window
    tries: int
    holder_id: str | None
    holder: str | None
    asked: str  # what the customer wrote first


def promise(session: Session, row: ConversationRow, window: Window, said: str) -> None:
    """The customer wants to be called then; `said` is how they put it, where they did. Asked again it is the same call at another time. The row must be
    locked."""
    call = open_call(session, row.id)
    if call is None:
        session.add(CallRow(conversation_id=row.id, starts=window.starts, ends=window.ends))
    else:
        call.starts, call.ends = window.starts, window.ends
        _ring_no_more(session, call)
        if row.agent_id is not None:
            remind(session, call, row.agent_id)
    if said:
        store.append(session, row, Kind.MESSAGE, actor="customer", body={"text": clean(said)})


def choose(database: Database, token: str, *, days: int, window: Window, said: str) -> str:
    """The customer chooses another time on the matter's page; gives the conversation. Raises `NotFound`, and `Unreadable` for a time that is over."""
    check_time(window.ends)
    with database.write() as session:
        row = links.find(session, token, days=days, lock=True)
        matters.come_back(session, row)
        promise(session, row, window, said)
        return row.id


def cancel(database: Database, token: str, *, days: int, said: str) -> bool:
    """The customer needs no call any more. False when none was open: it is done, or was cancelled before. Raises `NotFound`."""
    with database.write() as session:
        row = links.find(session, token, days=days, lock=True)
        call = open_call(session, row.id)
        if call is None:
            return False
        _move(call, Step.CANCELLED)
        _ring_no_more(session, call)
        store.append(session, row, Kind.MESSAGE, actor="customer", body={"text": clean(said)})
        return True


def no_answer(database: Database, call_id: str, agent: Holder, window: Window, note: str) -> str:
    """Nobody answered: it is tried again then; gives the conversation. Only who has the conversation may. Raises `Unreadable` for a time that is over."""
    check_time(window.ends)
    with database.write() as session:
        call, row = _of(session, call_id, agent)
        _move(call, Step.OPEN)
        call.tries, call.starts, call.ends = call.tries + 1, window.starts, window.ends
        _note(session, row, agent, note)
        _ring_no_more(session, call)
        remind(session, call, agent.id)
        return row.id


def finish(database: Database, call_id: str, agent: Holder, note: str, *, reached: bool) -> str:
    """They have spoken, or it is tried no more; gives the conversation. Only who has it may."""
    with database.write() as session:
        call, row = _of(session, call_id, agent)
        _move(call, Step.DONE if reached else Step.UNREACHED)
        _ring_no_more(session, call)
        _note(session, row, agent, note)
        return row.id


def take(database: Database, call_id: str, agent: Holder) -> str:
    """Take the conversation with its call, and be reminded before the time; gives the conversation. Raises as `agents.claim` does."""
    with database.read() as session:
        conversation_id = _call(session, call_id, agent).conversation_id
    agents.claim(database, conversation_id, agent)
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        call = open_call(session, conversation_id)
        if call is not None and row.agent_id == agent.id:
            remind(session, call, agent.id)
    return conversation_id


def remind(session: Session, call: CallRow, agent_id: str) -> None:
    """Ring for the agent shortly before; not when that is now, nor in place of a reminder of their own."""
    moment = call.starts - REMIND_BEFORE
    if moment > now() and session.get(ReminderRow, (call.conversation_id, agent_id)) is None:
        session.add(ReminderRow(conversation_id=call.conversation_id, agent_id=agent_id, due_at=moment, about=SIGN))


def _ring_no_more(session: Session, call: CallRow) -> None:
    """The time that was rung for is another one, or over."""
    for reminder in session.scalars(select(ReminderRow).where(ReminderRow.conversation_id == call.conversation_id)).all():
        if reminder.about == SIGN:  # sealed: the database can't compare it
            session.delete(reminder)
    session.flush()


def listed(database: Database, who: str) -> Sequence[Listed]:
    """Open calls that `who` may see, the earliest first; of a conversation that was closed there is none."""
    query = select(CallRow, ConversationRow, AgentRow.name).join(ConversationRow, ConversationRow.id == CallRow.conversation_id)
    query = query.outerjoin(AgentRow, AgentRow.id == ConversationRow.agent_id).where(*_open_for(who)).order_by(CallRow.starts, CallRow.id).limit(MOST)
    with database.read() as session:
        found = session.execute(query).all()
        asked = store.first_messages(session, [row.id for _call, row, _name in found])
        words = {conversation_id: words_of(first) for conversation_id, first in asked.items()}
        return [
            Listed(
                id=call.id,
                conversation_id=row.id,
                name=row.name,
                phone=row.phone,
                language=row.language,
                window=Window(call.starts, call.ends),
                tries=call.tries,
                holder_id=row.agent_id,
                holder=name,
                asked=words.get(row.id, ""),
            )
            for call, row, name in found
        ]


def due(database: Database, who: str) -> int:
    """How many calls this agent should make about now: those that began and are their own or nobody's."""
    mine = (CallRow.starts <= now() + SOON, (ConversationRow.agent_id.is_(None)) | (ConversationRow.agent_id == who))
    query = select(func.count()).select_from(CallRow).join(ConversationRow, ConversationRow.id == CallRow.conversation_id)
    with database.read() as session:
        return session.scalar(query.where(*_open_for(who), *mine)) or 0


def open_call(session: Session, conversation_id: str) -> CallRow | None:
    """The call that a conversation waits for."""
    return session.scalar(select(CallRow).where(CallRow.conversation_id == conversation_id, CallRow.step == Step.OPEN.value))


def _open_for(who: str) -> tuple[ColumnElement[bool], ...]:
    return CallRow.step == Step.OPEN.value, ConversationRow.state != State.CLOSED.value, visible(who)


def _of(session: Session, call_id: str, agent: Holder) -> tuple[CallRow, ConversationRow]:
    """The call, with its conversation's row locked for who has it."""
    call = _call(session, call_id, agent)
    row = agents.held(session, call.conversation_id, agent)
    session.refresh(call)
    return call, row


def _call(session: Session, call_id: str, agent: Holder) -> CallRow:
    query = select(CallRow).join(ConversationRow, ConversationRow.id == CallRow.conversation_id)
    found = session.scalar(query.where(CallRow.id == call_id, visible(agent.id)))
    if found is None:
        raise NotFound("There is no such call.")
    return found


def _move(call: CallRow, step: Step) -> None:
    if step not in MOVES[Step(call.step)]:
        raise MoveRefused(f"A call that is {call.step} can't become {step.value}.")
    call.step = step.value
    call.ended_at = None if step is Step.OPEN else now()


def _note(session: Session, row: ConversationRow, agent: Holder, note: str) -> None:
    store.append(session, row, Kind.NOTE, actor="agent", agent_id=agent.id, body={"text": clean(note), "name": agent.name})
