"""Which messages asked something and were not answered well: the bot found nothing, the list did not help, a thumb went down, a person was wanted
right after the answer."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.conversations.events import Kind
from handoff.conversations.outcomes import CHOOSE, NONE
from handoff.conversations.tables import DecisionRow, EventRow, RatingRow

NO_QUESTION = frozenset({"asks_person", "maybe_person", "gibberish", "no_words", "chat", "flow", ""})  # codes of `Reading.why`; nothing where it was forgotten


class Cause(StrEnum):
    """Why a question counts as not answered; where several hold, the last of these that does."""

    NOTHING = "nothing"  # the bot knew no answer
    LIST = "list"  # it offered a list, and nothing of it was chosen
    NONE = "none"  # „Ükski neist“
    PERSON = "person"  # after the answer the customer wanted a person
    THUMB = "thumb"  # the answer got a thumb down


@dataclass(frozen=True)
class Unanswered:
    """A message of a customer, by reference: its text is read where it was said."""

    message_id: str
    conversation_id: str
    at: datetime
    language: str
    cause: Cause


@dataclass(frozen=True)
class Followed:
    """What came after one message and before the next that was read."""

    chosen: bool = False
    none_of_these: bool = False
    handed_over: bool = False
    thumbs: tuple[bool, ...] = ()


def unanswered(session: Session, conversation_ids: Sequence[str]) -> list[Unanswered]:
    """All of these conversations, a conversation's in their order."""
    read = _read(session, conversation_ids)
    signs = _signs(session, conversation_ids)
    found = []
    for conversation_id, decisions in read.items():
        numbers = [number for number, _ in decisions]
        followed: dict[int, list[tuple[int, str | bool]]] = defaultdict(list)
        for number, sign in sorted(signs.get(conversation_id, ()), key=lambda pair: pair[0]):
            followed[bisect_right(numbers, number) - 1].append((number, sign))
        for place, (_, decision) in enumerate(decisions):
            after = decisions[place + 1][1] if place + 1 < len(decisions) else None
            cause = cause_of(decision, _followed(followed[place]), after)
            if cause is not None:
                found.append(Unanswered(decision.message_id, conversation_id, decision.at, decision.language, cause))
    return found


def cause_of(decision: DecisionRow, then: Followed, after: DecisionRow | None = None) -> Cause | None:
    """Why the message was not answered well, or None where it was, or asked nothing. `after` is what was made of the next message."""
    if then.thumbs:
        return None if then.thumbs[-1] else Cause.THUMB
    if decision.action == "answer" or then.chosen:
        wished = then.handed_over or (after is not None and _code(after) in ("asks_person", "maybe_person"))
        return Cause.PERSON if wished else None
    if decision.action == "suggest":
        return Cause.NONE if then.none_of_these else Cause.LIST
    return Cause.NOTHING if decision.action in ("human", "clarify") and _code(decision) not in NO_QUESTION else None


def _code(decision: DecisionRow) -> str:
    return str(decision.reading.get("why") or "").split(" ", 1)[0]


def _read(session: Session, conversation_ids: Sequence[str]) -> dict[str, list[tuple[int, DecisionRow]]]:
    """What the bot read, by conversation, with the messages' numbers. A tapped button asks nothing of its own."""
    query = select(DecisionRow, EventRow).join(EventRow, EventRow.id == DecisionRow.message_id)
    found: dict[str, list[tuple[int, DecisionRow]]] = defaultdict(list)
    for decision, event in session.execute(query.where(DecisionRow.conversation_id.in_(conversation_ids)).order_by(EventRow.number)):
        if event.body.get("text") and not event.hidden.get("payload"):
            found[event.conversation_id].append((event.number, decision))
    return found


def _signs(session: Session, conversation_ids: Sequence[str]) -> dict[str, list[tuple[int, str | bool]]]:
    """Taps on a list, handoffs, and thumbs at the number of the answer that they are about."""
    signs: dict[str, list[tuple[int, str | bool]]] = defaultdict(list)
    kinds = (Kind.MESSAGE.value, Kind.HANDOFF_REQUESTED.value)
    told = select(EventRow).where(EventRow.conversation_id.in_(conversation_ids), EventRow.kind.in_(kinds), EventRow.actor != "agent")
    for event in session.scalars(told):
        if event.kind == Kind.HANDOFF_REQUESTED:
            signs[event.conversation_id].append((event.number, Kind.HANDOFF_REQUESTED))
        elif payload := str(event.hidden.get("payload") or ""):
            signs[event.conversation_id].append((event.number, payload))
    rated = select(EventRow.conversation_id, EventRow.number, RatingRow.helpful).join(RatingRow, RatingRow.event_id == EventRow.id)
    for conversation_id, number, helpful in session.execute(rated.where(EventRow.conversation_id.in_(conversation_ids), RatingRow.helpful.is_not(None))):
        signs[conversation_id].append((number, helpful))
    return signs


def _followed(signs: Iterable[tuple[int, str | bool]]) -> Followed:
    told = [sign for _, sign in signs]
    taps = [sign for sign in told if isinstance(sign, str)]
    return Followed(
        chosen=any(tap.startswith(CHOOSE) for tap in taps),
        none_of_these=any(tap.startswith(NONE) for tap in taps),
        handed_over=Kind.HANDOFF_REQUESTED in taps,
        thumbs=tuple(sign for sign in told if isinstance(sign, bool)),
    )
