"""What people said of the bot's best candidates: from it the bot learns how sure it may be.

Three voices count: the customer's thumb on an answer, the choice from a list of suggestions („Ükski neist“ is a choice), and the answer
that an agent took over from the FAQ. Whoever says nothing has said nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.understanding import Outcome
from handoff.conversations.tables import DecisionRow, EventRow, RatingRow
from handoff.database import Database, now
from handoff.entries.rows import present_ids

DAYS = 180  # entries change, and with them what is right
MOST = 5_000
PICKED = "picked"  # in an agent's message, kept on the server: the entry whose answer it is
CHOOSE, NONE = "/choose_entry", "/none_of_these"


@dataclass(frozen=True)
class Judgement:
    """Somebody said at event `number` that the entry was right, or that it was not (no entry: that none was)."""

    conversation_id: str
    number: int
    entry_id: str | None
    right: bool
    of_a_list: bool = False


def outcomes(database: Database) -> list[Outcome]:
    """One outcome for each decision that somebody judged; of several judgements the last."""
    since = now() - timedelta(days=DAYS)
    with database.read() as session:
        decided, moved = decisions(session, since), present_ids(session)
        judged: dict[str, Outcome] = {}
        for judgement in sorted(judgements(session, since), key=lambda one: one.number):
            before = [pair for pair in decided.get(judgement.conversation_id, ()) if pair[0] < judgement.number]
            if before:
                _, decision = max(before, key=lambda pair: pair[0])
                best = moved.get(decision.entry_id or "", decision.entry_id)
                outcome = _outcome(decision, best, judgement)
                if outcome is not None:
                    judged[decision.message_id] = outcome
        return list(judged.values())


def _outcome(decision: DecisionRow, best: str | None, judgement: Judgement) -> Outcome | None:
    """What the judgement says of the decision's best candidate, by the id it has now; None where it says nothing of it."""
    if judgement.of_a_list and decision.action != "suggest":
        return None
    if not judgement.right and judgement.entry_id not in (None, best):
        return None  # another entry was wrong
    right = judgement.right and judgement.entry_id == best
    return Outcome(float(decision.probability or 0.0), right, float(decision.reading.get("shift", 0.0)))


def decisions(session: Session, since: datetime) -> dict[str, list[tuple[int, DecisionRow]]]:
    """By conversation, with the number of the message that was read."""
    query = select(DecisionRow, EventRow.number).join(EventRow, EventRow.id == DecisionRow.message_id)
    query = query.where(DecisionRow.at >= since, DecisionRow.probability.is_not(None)).order_by(DecisionRow.at.desc()).limit(MOST)
    found: dict[str, list[tuple[int, DecisionRow]]] = {}
    for row, number in session.execute(query):
        found.setdefault(row.conversation_id, []).append((number, row))
    return found


def judgements(session: Session, since: datetime) -> Iterator[Judgement]:
    """Thumbs, choices and agents' picks, in no order, each about the entry by the id that it has now."""
    moved = present_ids(session)
    for one in _judgements(session, since):
        yield replace(one, entry_id=moved[one.entry_id]) if one.entry_id in moved else one


def _judgements(session: Session, since: datetime) -> Iterator[Judgement]:
    """By the ids of then."""
    rated = select(EventRow.conversation_id, EventRow.number, RatingRow.entry_id, RatingRow.helpful).join(EventRow, EventRow.id == RatingRow.event_id)
    for conversation_id, number, entry_id, helpful in session.execute(rated.where(RatingRow.helpful.is_not(None), RatingRow.at >= since)):
        yield Judgement(conversation_id, number, entry_id, helpful)
    payload, picked = EventRow.hidden["payload"].as_string(), EventRow.hidden[PICKED].as_string()
    spoken = select(EventRow).where(EventRow.at >= since, or_(payload.startswith(CHOOSE), payload.startswith(NONE), picked.is_not(None)))
    for event in session.scalars(spoken.order_by(EventRow.at.desc()).limit(MOST)):
        if event.hidden.get(PICKED):
            yield Judgement(event.conversation_id, event.number, event.hidden[PICKED], right=True)
        elif event.hidden["payload"].startswith(NONE):
            yield Judgement(event.conversation_id, event.number, None, right=False, of_a_list=True)
        else:
            yield Judgement(event.conversation_id, event.number, _chosen(event.hidden["payload"]), right=True, of_a_list=True)


def _chosen(payload: str) -> str | None:
    """The entry in `/choose_entry{"entry": "x"}`."""
    try:
        return str(json.loads(payload.removeprefix(CHOOSE))["entry"])
    except (ValueError, KeyError, TypeError):
        return None
