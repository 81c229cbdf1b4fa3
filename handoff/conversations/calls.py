"""Calls that were promised: when the customer may be called, how often it was tried and what came of it. One transaction each.

Who has the conversation has the call, so there is one claim for both. What the customer chose stands in the log as their words, what an agent
did as a note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from handoff.accounts.tables import AgentRow
from handoff.conversations import agents, bells, links, matters, store
from handoff.conversations.agents import Holder
from handoff.conversations.call_tables import CallRow, Step, open_call
from handoff.conversations.events import Kind, words_of
from handoff.conversations.snoozing import check_time
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.walls import visible
from handoff.conversations.words import clean
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotFound
from handoff.mail import Letter

MOST = 200  # in one list
MOST_LETTERS = 5  # of one conversation that say that a call is moved or cancelled: nobody fills other people's mailboxes from here
Tell = Callable[[ConversationRow], Letter | None]  # the letter to a customer whose address is known
SOON = timedelta(minutes=15)  # a call is due so long before its window


MOVES: Mapping[Step, frozenset[Step]] = {
    Step.OPEN: frozenset(Step),
    **{step: frozenset() for step in Step if step is not Step.OPEN},
}
ENDS: Mapping[Step, Kind] = {Step.DONE: Kind.CALLBACK_DONE, Step.UNREACHED: Kind.CALLBACK_UNREACHED, Step.WRONG: Kind.CALLBACK_UNREACHED}
WRONG_NUMBER = "wrong_number"  # why somebody was not reached


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


def promise(session: Session, row: ConversationRow, window: Window, said: str, tell: Tell | None = None) -> None:
    """The customer wants to be called then; `said` is how they put it, where they did. Asked again it is the same call at another time. The row must be
    locked."""
    call, kind = open_call(session, row.id), Kind.CALLBACK_MOVED
    if call is None:
        call, kind = CallRow(conversation_id=row.id, tries=0), Kind.CALLBACK_REQUESTED
        session.add(call)
    elif (call.starts, call.ends) == (window.starts, window.ends):
        return
    call.starts, call.ends = window.starts, window.ends
    session.flush()
    bells.set_anew(session, row)
    if said:
        store.append(session, row, Kind.MESSAGE, actor="customer", body={"text": clean(said)})
    _write(session, row, store.append(session, row, kind, actor="customer", body=_told(call)), tell)


def choose(database: Database, token: str, *, days: int, window: Window, said: str, tell: Tell | None = None) -> str:
    """The customer chooses another time on the matter's page; gives the conversation. Raises `NotFound`, and `Unreadable` for a time that is over."""
    check_time(window.ends)
    with database.write() as session:
        row = links.find(session, token, days=days, lock=True)
        matters.come_back(session, row)
        promise(session, row, window, said, tell)
        return row.id


def cancel(database: Database, token: str, *, days: int, said: str, tell: Tell | None = None) -> bool:
    """The customer needs no call any more. False when none was open: it is done, or was cancelled before. Raises `NotFound`."""
    with database.write() as session:
        row = links.find(session, token, days=days, lock=True)
        call = open_call(session, row.id)
        if call is None:
            return False
        _move(call, Step.CANCELLED)
        bells.set_anew(session, row)
        store.append(session, row, Kind.MESSAGE, actor="customer", body={"text": clean(said)})
        _write(session, row, store.append(session, row, Kind.CALLBACK_CANCELLED, actor="customer", body=_told(call)), tell)
        return True


def no_answer(database: Database, call_id: str, agent: Holder, window: Window, note: str, *, tell: Tell | None = None) -> str:
    """Nobody answered: it is tried again then; gives the conversation. Only who has the conversation may. Raises `Unreadable` for a time that is over."""
    check_time(window.ends)
    with database.write() as session:
        call, row = _of(session, call_id, agent)
        _move(call, Step.OPEN)
        call.tries, call.starts, call.ends = call.tries + 1, window.starts, window.ends
        bells.set_anew(session, row)
        _note(session, row, agent, note)
        body = _told(call) | {"name": agent.name}
        _write(session, row, store.append(session, row, Kind.CALLBACK_MOVED, actor="agent", agent_id=agent.id, body=body), tell)
        return row.id


def finish(database: Database, call_id: str, agent: Holder, note: str, step: Step) -> str:
    """They have spoken, it is tried no more, or the number was wrong; gives the conversation. Only who has it may."""
    with database.write() as session:
        call, row = _of(session, call_id, agent)
        _move(call, step)
        bells.set_anew(session, row)
        _note(session, row, agent, note)
        why = {"why": WRONG_NUMBER} if step is Step.WRONG else {}
        store.append(session, row, ENDS[step], actor="agent", agent_id=agent.id, body=_told(call) | why | {"name": agent.name})
        return row.id


def take(database: Database, call_id: str, agent: Holder) -> str:
    """Take the conversation with its call, and be reminded before the time; gives the conversation. Raises as `agents.claim` does."""
    with database.read() as session:
        conversation_id = _call(session, call_id, agent).conversation_id
    agents.claim(database, conversation_id, agent)
    return conversation_id


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


def _write(session: Session, row: ConversationRow, event: EventRow, tell: Tell | None) -> None:
    """Owe the letter of this event, within bounds: anybody may have typed anybody's address."""
    if tell is None or not row.email or matters.told_enough(session, row):
        return
    kinds = (Kind.CALLBACK_MOVED.value, Kind.CALLBACK_CANCELLED.value)
    count = select(func.count()).select_from(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind.in_(kinds))
    if (session.scalar(count) or 0) <= MOST_LETTERS:
        matters.send(session, tell(row), key=f"call:{event.id}")


def _told(call: CallRow) -> dict[str, Any]:
    """What an event says of the call: its time, and how often nobody answered. Nobody's number."""
    return {"starts": call.starts.isoformat(), "ends": call.ends.isoformat(), "tries": call.tries}


def _note(session: Session, row: ConversationRow, agent: Holder, note: str) -> None:
    store.append(session, row, Kind.NOTE, actor="agent", agent_id=agent.id, body={"text": clean(note), "name": agent.name})
