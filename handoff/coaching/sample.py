"""Which conversations a supervisor may look at this week: chosen by chance, the same ones until the week is over, so nobody picks what they like.

A review remembers whether its conversation came up so, so that an agent's mean is not made of the days that somebody went looking for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from handoff.accounts.tables import AgentRow
from handoff.conversations import matters
from handoff.conversations.feedback_tables import ReviewRow, SurveyRow
from handoff.conversations.states import State
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow, DecisionRow, HandoffRow
from handoff.conversations.walls import reviewable
from handoff.database import Database
from handoff.entries.tables import EntryRow

DAYS = 30
MOST = 2_000  # newest conversations that the choice is made from
MOST_DRAWN = 20
LONG_WAIT = timedelta(minutes=5)
CHANCE, LOW, CHOICE = "chance", "low", "choice"  # how a conversation was come by: in the sample, by its low score, or looked for


@dataclass(frozen=True)
class Wanted:
    """What the sample is of; an empty filter lets all through."""

    team_id: str = ""
    agent_id: str = ""
    topic: str = ""
    low: bool = False
    waited: bool = False
    count: int = 5


@dataclass(frozen=True)
class Drawn:
    """One conversation of the sample. `review`: this reviewer's, shared or begun."""

    row: ConversationRow
    agent: str
    score: int | None
    kind: str | None
    waited: timedelta | None
    review: ReviewRow | None
    asked: str  # in the customer's words


def draw(database: Database, reviewer_id: str, wanted: Wanted, *, week: datetime) -> Sequence[Drawn]:
    """So many of the closed conversations of the last 30 days that an agent had, never the reviewer's own. `week`: when it began."""
    with database.read() as session:
        rows = session.scalars(_candidates(reviewer_id, wanted, since=week - timedelta(days=DAYS))).all()
        waits = _waits(session, rows)
        if wanted.waited:
            rows = [row for row in rows if waits.get(row.id, timedelta(0)) >= LONG_WAIT]
        chosen = sorted(rows, key=lambda row: _lot(week, reviewer_id, row.id))[: wanted.count]
        ids = [row.id for row in chosen]
        surveys = {one.conversation_id: one for one in session.scalars(select(SurveyRow).where(SurveyRow.conversation_id.in_(ids)))}
        reviews = {
            one.conversation_id: one
            for one in session.scalars(select(ReviewRow).where(ReviewRow.conversation_id.in_(ids), ReviewRow.reviewer_id == reviewer_id))
        }
        asked = {row.id: matters.asked(session, row) or "" for row in chosen}
        names = dict(session.execute(select(AgentRow.id, AgentRow.name)).tuples().all())
    return [
        Drawn(
            row,
            names.get(row.agent_id or "", ""),
            surveys[row.id].score if row.id in surveys else None,
            surveys[row.id].kind if row.id in surveys else None,
            waits.get(row.id),
            reviews.get(row.id),
            asked[row.id],
        )
        for row in chosen
    ]


def came_by(session: Session, row: ConversationRow, reviewer_id: str, *, week: datetime) -> str:
    """How this reviewer has come by a conversation: whether this week's sample of its agent's work has it, as long as samples are at most."""
    query = _candidates(reviewer_id, Wanted(agent_id=row.agent_id or ""), since=week - timedelta(days=DAYS))
    ids = session.scalars(query.with_only_columns(ConversationRow.id)).all()
    if row.id in sorted(ids, key=lambda one: _lot(week, reviewer_id, one))[:MOST_DRAWN]:
        return CHANCE
    low = select(SurveyRow.id).where(SurveyRow.conversation_id == row.id, SurveyRow.follow_up.is_not(None))
    return LOW if session.scalar(low) is not None else CHOICE


def _lot(week: datetime, reviewer_id: str, conversation_id: str) -> bytes:
    return hashlib.sha256(f"{week.date()} {reviewer_id} {conversation_id}".encode()).digest()


def _candidates(reviewer_id: str, wanted: Wanted, *, since: datetime) -> Select[tuple[ConversationRow]]:
    row = ConversationRow
    query = select(row).where(row.state == State.CLOSED.value, row.secret_hash != ERASED, row.closed_at >= since, reviewable(reviewer_id))
    query = query.where(row.agent_id.is_not(None), row.agent_id != reviewer_id)
    if wanted.team_id:
        query = query.where(row.team_id == wanted.team_id)
    if wanted.agent_id:
        query = query.where(row.agent_id == wanted.agent_id)
    if wanted.topic:
        about = select(DecisionRow.conversation_id).join(EntryRow, EntryRow.id == DecisionRow.entry_id).where(EntryRow.topic == wanted.topic)
        query = query.where(row.id.in_(about))
    if wanted.low:
        query = query.where(row.id.in_(select(SurveyRow.conversation_id).where(SurveyRow.follow_up.is_not(None))))
    return query.order_by(row.closed_at.desc()).limit(MOST)


def _waits(session: Session, rows: Sequence[ConversationRow]) -> dict[str, timedelta]:
    """The longest wait for a person in each conversation."""
    query = select(HandoffRow.conversation_id, HandoffRow.requested_at, HandoffRow.answered_at)
    found: dict[str, timedelta] = {}
    for conversation_id, asked, answered in session.execute(
        query.where(HandoffRow.conversation_id.in_([row.id for row in rows]), HandoffRow.answered_at.is_not(None))
    ):
        found[conversation_id] = max(found.get(conversation_id, timedelta(0)), answered - asked)
    return found
