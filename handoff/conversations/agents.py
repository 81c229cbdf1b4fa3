"""What an agent may do with a conversation. One transaction each; every change is guarded by the state it expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handoff.accounts.tables import AgentRow
from handoff.conversations import mentions, store, surveys, waiting
from handoff.conversations.events import Kind
from handoff.conversations.outcomes import PICKED
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, HandoffRow
from handoff.conversations.words import clean
from handoff.database import Database, now
from handoff.errors import AlreadyTaken, MoveRefused, NotAllowed

OUTCOMES = ("solved", "not_solved", "spam")
CLAIMABLE = (State.WAITING.value, State.TICKET.value)


@dataclass(frozen=True)
class Holder:
    """The agent who acts, as the conversation shows them."""

    id: str
    name: str


def claim(database: Database, conversation_id: str, agent: Holder) -> None:
    """Take a waiting conversation. Of many who try at once exactly one wins: the old state stands in the WHERE.

    Raises `AlreadyTaken`, naming the holder, or `MoveRefused` when it does not wait for anybody.
    """
    with database.write() as session:
        moment = now()
        guarded = update(ConversationRow).where(ConversationRow.id == conversation_id, ConversationRow.state.in_(CLAIMABLE))
        gone = dict.fromkeys(("late_at", "left_at", "offered_to", "offered_until", "again_at"))
        won = session.execute(guarded.values(state=State.LIVE.value, agent_id=agent.id, claimed_at=moment, **gone))
        row = store.conversation(session, conversation_id, lock=True)
        if won.rowcount != 1:  # type: ignore[attr-defined]
            _explain_refusal(session, row, agent)
            return
        store.append(session, row, Kind.CLAIMED, actor="agent", agent_id=agent.id, body={"name": agent.name})
        waiting.settle(session, row.id, moment)
        session.execute(update(HandoffRow).where(HandoffRow.conversation_id == row.id, HandoffRow.answered_at.is_(None)).values(answered_at=moment))


def answer(database: Database, conversation_id: str, agent: Holder, *, client_id: str, text: str, picked: str | None = None) -> int:
    """Say something to the customer; gives the event's number. Only the holder may. The same `client_id` is the same message.

    `picked` is the entry whose answer this is: the bot learns from it how sure it might have been.
    """
    words = clean(text)
    with database.write() as session:
        hidden = {PICKED: picked} if picked else {}
        return say(session, held(session, conversation_id, agent), agent, client_id, {"text": words}, hidden=hidden)


def say(session: Session, row: ConversationRow, agent: Holder, client_id: str, body: Mapping[str, Any], *, hidden: Mapping[str, Any] | None = None) -> int:
    """The holder's words in their name, in the caller's transaction; gives the event's number. The same `client_id` is the same message."""
    before = store.sent_before(session, row.id, client_id)
    named = {**body, "name": agent.name}
    said = before or store.append(session, row, Kind.MESSAGE, actor="agent", agent_id=agent.id, client_id=client_id, body=named, hidden=hidden)
    return said.number


def note(database: Database, conversation_id: str, agent: Holder, *, client_id: str, text: str, calls: Sequence[str] = ()) -> int:
    """Write a note that only agents see; anyone of them may. `calls` are the ids of colleagues whom it calls by name."""
    words = clean(text)
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        before = store.sent_before(session, conversation_id, client_id)
        if before is not None:
            return before.number
        called = mentions.known(session, calls)
        body = {"text": words, "name": agent.name} | ({"calls": called} if called else {})
        event = store.append(session, row, Kind.NOTE, actor="agent", agent_id=agent.id, client_id=client_id, body=body)
        mentions.keep(session, event, called)
        return event.number


def release(database: Database, conversation_id: str, agent: Holder) -> None:
    """Let it go: it waits again, for anyone."""
    with database.write() as session:
        row = held(session, conversation_id, agent)
        store.move(row, State.WAITING)
        store.append(session, row, Kind.RELEASED, actor="agent", agent_id=agent.id, body={"name": agent.name})


def give_back(database: Database, conversation_id: str, agent: Holder) -> None:
    """Give it back to the bot, whose tracker is resumed in the same transaction."""
    with database.write() as session:
        row = held(session, conversation_id, agent)
        store.move(row, State.BOT)
        event = store.append(session, row, Kind.GIVEN_BACK, actor="agent", agent_id=agent.id, body={"name": agent.name})
        store.resume_tracker(session, row, event)


def close(database: Database, conversation_id: str, agent: Holder, *, outcome: str = "solved") -> None:
    """End it with an outcome: `solved`, `not_solved` or `spam`."""
    if outcome not in OUTCOMES:
        raise MoveRefused(f"The outcome is one of {', '.join(OUTCOMES)}, not {outcome!r}.")
    with database.write() as session:
        row = held(session, conversation_id, agent)
        store.move(row, State.CLOSED)
        row.outcome = outcome
        store.append(session, row, Kind.CLOSED, actor="agent", agent_id=agent.id, body={"name": agent.name, "outcome": outcome})
        surveys.plan(session, row)


def mark_seen(database: Database, conversation_id: str, agent: Holder, number: int) -> bool:
    """The holder's desk has shown everything up to `number`. True when that is news."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        seen = max(row.seen_by_agent, min(number, row.last_number)) if row.agent_id == agent.id else row.seen_by_agent
        news, row.seen_by_agent = seen != row.seen_by_agent, seen
        return news


def check_holder(database: Database, conversation_id: str, agent: Holder) -> None:
    """Raise `MoveRefused` or `NotAllowed` unless the agent has the conversation."""
    with database.read() as session:
        held(session, conversation_id, agent, lock=False)


def held(session: Session, conversation_id: str, agent: Holder, *, lock: bool = True) -> ConversationRow:
    """The conversation's row for the agent who has it. Raises `MoveRefused` when nobody has it, `NotAllowed` when somebody else does."""
    row = store.conversation(session, conversation_id, lock=lock)
    if row.agent_id == agent.id and row.state == State.LIVE:
        return row
    if row.state != State.LIVE:
        raise MoveRefused(f"The conversation is {row.state}, not live: claim it first.")
    raise NotAllowed(f"{holder_name(session, row)} has this conversation.")


def _explain_refusal(session: Session, row: ConversationRow, agent: Holder) -> None:
    if row.state == State.LIVE and row.agent_id == agent.id:
        return  # the same agent's second click
    if row.state == State.LIVE:
        name = holder_name(session, row)
        raise AlreadyTaken(f"{name} has already taken this conversation.", holder=name)
    raise MoveRefused(f"A conversation can't go from {row.state} to live: it does not wait for a person.")


def holder_name(session: Session, row: ConversationRow) -> str:
    """What the holder is called."""
    return agent_name(session, row.agent_id)


def agent_name(session: Session, agent_id: str | None) -> str:
    """What an agent is called."""
    return session.scalar(select(AgentRow.name).where(AgentRow.id == agent_id)) or "Somebody"
