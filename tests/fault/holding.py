"""Rules of who has a conversation: one at a time, and nothing is done with it that nobody asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.fault.journal import Claimed, Journal, Moved, Moving
from tests.fault.ledger import UNKNOWN, Event, Ledger
from tests.fault.verdict import Wrong

GIVEN_UP = frozenset({"released", "given_back", "closed", "snoozed", "taken_back"})  # after these nobody has it
ASLEEP = ""  # put off: nobody speaks, but a supervisor may take it over
ANYBODY = UNKNOWN  # it may be with its last holder again: a customer has written in what was closed or put off
CAN_BE_UNDONE = frozenset({"closed", "passed", "snoozed", "released"})
TAKEN = frozenset({"claimed", "passed", "taken_over"})
MOVES = frozenset({"released", "given_back", "closed", "snoozed", "passed", "taken_over", "undone"})  # by agents, when they say so


def one_holder(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """Nobody takes what a colleague has but by taking over, nobody but the holder speaks or passes it on as one, it is with whom it was passed to,
    and who was told that they have it did take it."""
    for conversation, events in _logs(ledger).items():
        yield from _held(conversation, events)
    took = {(event.conversation, event.agent) for event in ledger.events if event.kind == "claimed"}
    for note in journal.of(Claimed):
        if (note.conversation, note.who) not in took:
            yield Wrong("one_holder", note.conversation, f"{note.who} was told to have it, and never took it")


def moves_made(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """What agents were told to be done with a conversation stands in its log as theirs, as often; nothing stands there that they never asked for."""
    asked = {(note.conversation, note.who, note.way) for note in journal.of(Moving)}
    passed_to = {(note.conversation, note.who, note.to) for note in journal.of(Moving) if note.way == "passed"}
    done = Counter((event.conversation, event.agent, event.kind) for event in ledger.events if event.kind in MOVES and event.actor == "agent")
    for conversation, who, way in done:
        if (conversation, who, way) not in asked:
            yield Wrong("moves_made", conversation, f"{way} stands there as {who}'s, who never asked for it")
    for event in ledger.events:
        if event.kind == "passed" and event.of != UNKNOWN and (event.conversation, event.agent, event.of) not in passed_to:
            yield Wrong("moves_made", event.conversation, f"{event.number} went to {event.of or 'a team'}, and {event.agent} meant somebody else")
    told = Counter((note.conversation, note.who, note.way) for note in journal.of(Moved))
    got = _got(ledger, passed_to)
    for (conversation, who, way), times in told.items():
        enough = (conversation, who) in got if way == "taken_over" else done[conversation, who, way] >= times  # what one has oneself is no event
        if not enough:
            yield Wrong("moves_made", conversation, f"{who} was told {times} times of {way}, and it is there {done[conversation, who, way]} times")


def _got(ledger: Ledger, passed_to: set[tuple[str, str, str | None]]) -> set[tuple[str, str | None]]:
    """Who had which conversation at some time. Where a log says no more to whom it was passed, since it was erased, to whomever the passer meant."""
    got: set[tuple[str, str | None]] = set()
    for event in ledger.events:
        if event.kind == "passed" and event.of == UNKNOWN:
            got |= {(event.conversation, to) for conversation, who, to in passed_to if (conversation, who) == (event.conversation, event.agent)}
        elif event.kind in TAKEN:
            got.add((event.conversation, event.of if event.kind == "passed" else event.agent))
    return got


def _logs(ledger: Ledger) -> dict[str, list[Event]]:
    logs: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(ledger.events, key=lambda event: event.number):
        logs[event.conversation].append(event)
    return logs


def _held(conversation: str, events: list[Event]) -> Iterator[Wrong]:
    holder: str | None = None
    before: Event | None = None
    for event in events:
        if wrong := _not_allowed(event, holder, before):
            yield Wrong("one_holder", conversation, f"{event.agent} {wrong} {event.number}, and {holder or 'nobody'} had it")
        if event.kind in ("claimed", "taken_over", "undone") or (event.kind == "message" and event.actor == "agent"):
            holder = event.agent
        elif event.kind == "passed":
            holder = event.of
        elif event.kind in GIVEN_UP:
            holder = ASLEEP if event.kind == "snoozed" else None
        elif event.kind in ("reopened", "woken"):
            holder = ANYBODY
        before = event


def _not_allowed(event: Event, holder: str | None, before: Event | None) -> str:
    """What is wrong with the event where `holder` has the conversation; empty when nothing is."""
    is_theirs = holder in (ANYBODY, event.agent)
    if event.kind == "claimed" and not (is_theirs or not holder):
        return "took at"
    if event.kind == "message" and event.actor == "agent" and not is_theirs:
        return "spoke at"
    if event.kind == "taken_over" and holder is None:
        return "took over at"
    if event.kind == "passed" and not is_theirs:
        return "passed on at"
    if event.kind in ("released", "given_back", "snoozed", "closed") and event.actor == "agent" and not is_theirs:
        return f"made {event.kind} of it at"
    if event.kind == "undone" and not (before and before.agent == event.agent and before.kind in CAN_BE_UNDONE):
        return "took back at"
    return ""
