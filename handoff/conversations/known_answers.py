"""Real questions of which somebody has said what answers them: a thumb up, a choice from a list, an answer that an agent took over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from handoff.conversations.outcomes import DAYS, decisions, judgements
from handoff.conversations.tables import DecisionRow, EventRow
from handoff.database import Database, now
from handoff.entries.rows import present_ids

AT_ONCE = 500  # ids in one statement
NEAR = 3  # of a decision's candidates, how many were near


@dataclass(frozen=True)
class KnownAnswer:
    """A customer's words and the entry that answers them. `near` are the entries that the bot thought of."""

    text: str
    entry_id: str
    near: frozenset[str]


def known_answers(database: Database) -> list[KnownAnswer]:
    """The newest first; of several judgements of a question the last. What was erased is not there any more."""
    since = now() - timedelta(days=DAYS)
    with database.read() as session:
        decided, moved = decisions(session, since), present_ids(session)
        known: dict[str, tuple[DecisionRow, str]] = {}
        for judgement in sorted(judgements(session, since), key=lambda one: one.number):
            before = [pair for pair in decided.get(judgement.conversation_id, ()) if pair[0] < judgement.number]
            if judgement.right and judgement.entry_id and before:
                _, decision = max(before, key=lambda pair: pair[0])
                known[decision.message_id] = (decision, judgement.entry_id)
        ids = list(known)
        texts: dict[str, str] = {}
        for start in range(0, len(ids), AT_ONCE):
            said = session.execute(select(EventRow.id, EventRow.body).where(EventRow.id.in_(ids[start : start + AT_ONCE])))
            texts.update({event_id: str(body.get("text") or "").strip() for event_id, body in said})
        found = sorted(known.values(), key=lambda pair: pair[0].at, reverse=True)
        return [KnownAnswer(texts[one.message_id], entry_id, _near(one, moved)) for one, entry_id in found if texts.get(one.message_id)]


def _near(decision: DecisionRow, moved: Mapping[str, str]) -> frozenset[str]:
    return frozenset(moved.get(one["entry_id"], str(one["entry_id"])) for one in decision.reading.get("candidates", [])[:NEAR])
