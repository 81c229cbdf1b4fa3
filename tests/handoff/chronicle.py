"""Reads a conversation's log as the only truth: who has it after each event, and whether everyone who acted was the one who might.

Where an event leaves open what came of it (a customer who writes again may meet the bot, the old holder or the line), all that is possible
is carried on until a later event tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from handoff.accounts import trail
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import EventRow
from handoff.conversations.undoing import UNDOABLE
from handoff.database import Database
from tests.handoff import talk

AT_THE_BOT = (State.BOT, State.TICKET)
IN_LINE = (State.WAITING, State.TICKET)


class Standing(NamedTuple):
    """Where a conversation stands, and with whom. What is closed remembers who had it."""

    state: State
    holder: str | None = None


def told_by(events: Iterable[EventRow], ids: Mapping[str, str], *, begins: State = State.BOT) -> set[Standing]:
    """Where the log lets the conversation stand at its end. `ids` are agents by name. Raises `AssertionError` at the first event that can't have happened."""
    possible = {Standing(begins)}
    last: EventRow | None = None
    for event in events:
        before, possible = possible, {after for one in possible for after in _after(one, event, last, ids)}
        assert possible, f"event {event.number}, {event.kind} of {event.agent_id or event.actor}, can't follow {sorted(before, key=str)}"
        last = event if event.kind != Kind.OVERDUE else last  # that time is up is nobody's move
    return possible


def _after(now: Standing, event: EventRow, last: EventRow | None, ids: Mapping[str, str]) -> list[Standing]:
    """What may be after the event; nothing where it can't have happened."""
    state, holder = now
    theirs = state is State.LIVE and holder == event.agent_id
    waits, bot = Standing(State.WAITING), Standing(State.BOT)
    match Kind(event.kind):
        case Kind.MESSAGE if event.actor == "agent":
            return [now] if theirs else []
        case Kind.MESSAGE if event.actor == "bot":
            return [now] if state in (*AT_THE_BOT, State.WAITING) or _asks_after(now, event) else []
        case Kind.MESSAGE:
            return [now] if state not in (State.CLOSED, State.SNOOZED) or (last is not None and _asks_after(now, last)) else []
        case Kind.STAGED:
            return [now] if theirs else []
        case Kind.ADDED:
            return [] if state in (State.CLOSED, State.SNOOZED) else [Standing(State.TICKET)] if state is State.BOT else [now]
        case Kind.ALL_WELL | Kind.NOT_WELL:
            return [now] if state is State.CLOSED else []
        case Kind.EDITED | Kind.WITHDRAWN:
            return [now] if theirs else []
        case Kind.HANDOFF_REQUESTED:
            return [waits] if state in (*AT_THE_BOT, State.WAITING) else []
        case Kind.CLAIMED:
            return [Standing(State.LIVE, event.agent_id)] if state in IN_LINE else []
        case Kind.RELEASED:
            return [waits] if theirs or (event.actor == "system" and state is State.LIVE) else []
        case Kind.GIVEN_BACK:
            return [bot] if theirs else []
        case Kind.TAKEN_BACK:
            return [bot] if state is State.WAITING else []
        case Kind.PASSED:
            to = waits if event.body.get("team") else Standing(State.LIVE, ids.get(event.body["name"]))
            return [to] if theirs else []
        case Kind.TAKEN_OVER:
            return [Standing(State.LIVE, event.agent_id)] if state in (State.LIVE, State.SNOOZED) and holder != event.agent_id else []
        case Kind.SNOOZED:
            return [Standing(State.SNOOZED, holder)] if theirs else []
        case Kind.WOKEN if event.actor == "agent":
            return [Standing(State.LIVE, holder)] if state is State.SNOOZED and holder == event.agent_id else []
        case Kind.WOKEN:
            return [Standing(State.LIVE, holder), waits] if state is State.SNOOZED else []
        case Kind.UNDONE:
            was_theirs = last is not None and last.kind in UNDOABLE and last.agent_id == event.agent_id
            return [Standing(State.LIVE, event.agent_id)] if was_theirs else []
        case Kind.CLOSED:
            return [Standing(State.CLOSED, holder)] if state is not State.CLOSED and (theirs or event.actor != "agent") else []
        case Kind.REOPENED:
            back = [bot, waits, Standing(State.TICKET)] + ([Standing(State.LIVE, holder)] if holder else [])
            return back if state is State.CLOSED else []
        case Kind.CONTACT_LEFT:
            return [now, Standing(State.TICKET)] if state is State.BOT else [now]
        case Kind.OFFERED | Kind.DECLINED | Kind.PROMISE_MISSED | Kind.LEFT_ALONE | Kind.CUSTOMER_LEFT | Kind.CUSTOMER_BACK:
            return [now] if state is State.WAITING else []
        case Kind.OVERDUE:
            return [now] if state not in (State.BOT, State.CLOSED) else []
        case _:
            return [now]


def _asks_after(now: Standing, event: EventRow) -> bool:
    """„Kas kõik sai korda?“: the one thing that the bot says, and that is answered, when all is over."""
    return now.state is State.CLOSED and event.actor == "bot" and bool(event.body.get("buttons"))


def expect_one_truth(database: Database, conversation_id: str, people: dict[str, str]) -> None:
    """The log has every number once, nobody acted who might not, and it ends where the conversation stands; the trail is whole."""
    row, events = talk.row(database, conversation_id), talk.events(database, conversation_id)
    assert [event.number for event in events] == list(range(1, row.last_number + 1))
    assert (State(row.state), row.agent_id) in told_by(events, {login.capitalize(): agent_id for login, agent_id in people.items()})
    assert trail.check(database).broken_at is None
