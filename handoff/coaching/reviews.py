"""A review of one agent's work in a conversation: begun, filled in, shared once, taken note of and answered by the agent. One transaction each.

Nobody reviews themselves; a draft is the reviewer's alone; what is shared is read by the agent and by whoever may review.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.accounts.tables import AgentRow
from handoff.coaching.criteria import Criterion, mean
from handoff.coaching.sample import came_by
from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.feedback_tables import ReviewNoteRow, ReviewRow
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.walls import reviewable
from handoff.database import Database, now
from handoff.errors import NotAllowed, NotFound, Unreadable

LONGEST = 4_000  # characters of the words to the agent and of the agent's answer
LONGEST_NOTE = 1_000
MOST_LISTED = 50


@dataclass(frozen=True)
class Filled:
    """What a reviewer has written: marks by criterion, words to the agent, notes by the number of a message."""

    marks: Mapping[str, int | None]
    words: str
    notes: Mapping[int, str]


@dataclass(frozen=True)
class Looked:
    """A conversation with one agent's review as it stands; `review` is None before anything was written."""

    row: ConversationRow
    agent: AgentRow
    others: Sequence[AgentRow]  # who else spoke in it
    said: Sequence[EventRow]
    review: ReviewRow | None
    notes: Mapping[int, str]


def look(database: Database, conversation_id: str, reviewer_id: str, agent_id: str = "") -> Looked:
    """For a reviewer: of the agent who had it last, or of another who spoke in it. Raises `NotFound`, and `NotAllowed` for one's own work."""
    with database.read() as session:
        row = _seen_by(session, conversation_id, reviewer_id)
        spoke = _who_spoke(session, row)
        chosen = _chosen(spoke, row, reviewer_id, agent_id)
        review = session.scalar(_review_of(row.id, chosen.id, reviewer_id))
        notes = _notes(session, review)
        return Looked(row, chosen, [one for one in spoke if one.id not in (chosen.id, reviewer_id)], _messages(session, row.id), review, notes)


def save(
    database: Database, conversation_id: str, reviewer_id: str, *, agent_id: str, filled: Filled, criteria: Sequence[Criterion], share: bool, week: datetime
) -> str:
    """Keep the draft, and with `share` show it to the agent; gives the review's id. `week`: when this one began. Raises as `look` does, and `Unreadable` (code
    `shared`) for what the agent has seen already, or `no_marks` for sharing an empty card."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        _seen_by(session, conversation_id, reviewer_id)
        chosen = _chosen(_who_spoke(session, row), row, reviewer_id, agent_id)
        review = session.scalar(_review_of(row.id, chosen.id, reviewer_id))
        if review is None:
            review = ReviewRow(conversation_id=row.id, agent_id=chosen.id, reviewer_id=reviewer_id, team_id=row.team_id)
            review.came_by = came_by(session, row, reviewer_id, week=week)
            session.add(review)
            session.flush()
        if review.shared_at is not None:
            raise Unreadable("This review is shared and stays as it is.", code="shared", field="marks")
        review.marks = {one.id: filled.marks.get(one.id) for one in criteria if one.id in filled.marks}
        review.words = filled.words.strip()[:LONGEST] or None
        _keep_notes(session, review, filled.notes)
        if share:
            review.score = mean(review.marks, criteria)
            if review.score is None and not review.words:
                raise Unreadable("There is nothing to share yet.", code="no_marks", field="marks")
            review.shared_at = now()
            trail.write_down(session, reviewer_id, "shared_review", f"{row.id} of {chosen.id}")
        return review.id


def read(database: Database, review_id: str, who: str, *, reviews: bool) -> Looked:
    """A shared review, for its agent, who has seen it from now on, or for who `reviews`. Raises `NotFound` for all others."""
    with database.write() as session:
        review = _shared(session, review_id, who, reviews=reviews)
        if review.agent_id == who and review.seen_at is None:
            review.seen_at = now()
        row = store.conversation(session, review.conversation_id)
        agent = session.get_one(AgentRow, review.agent_id)
        return Looked(row, agent, (), _messages(session, row.id), review, _notes(session, review))


def acknowledge(database: Database, review_id: str, who: str) -> None:
    """The agent takes note of it; again changes nothing. Raises `NotFound` for anybody else."""
    with database.write() as session:
        review = _shared(session, review_id, who, reviews=False)
        if review.acknowledged_at is None:
            review.acknowledged_at = now()
            trail.write_down(session, who, "acknowledged_review", review.conversation_id)


def reply(database: Database, review_id: str, who: str, text: str) -> None:
    """The agent's answer; the last one counts. Raises `NotFound` for anybody else, `Unreadable` for nothing."""
    words = text.strip()[:LONGEST]
    if not words:
        raise Unreadable("The answer is empty.", code="empty", field="text")
    with database.write() as session:
        review = _shared(session, review_id, who, reviews=False)
        review.reply, review.replied_at = words, now()
        review.acknowledged_at = review.acknowledged_at or review.replied_at
        trail.write_down(session, who, "answered_review", review.conversation_id)


def of_agent(database: Database, agent_id: str) -> Sequence[tuple[ReviewRow, str]]:
    """The agent's shared reviews with the reviewers' names, the newest first."""
    query = select(ReviewRow, AgentRow.name).join(AgentRow, AgentRow.id == ReviewRow.reviewer_id)
    with database.read() as session:
        found = session.execute(query.where(ReviewRow.agent_id == agent_id, ReviewRow.shared_at.is_not(None)).order_by(ReviewRow.shared_at.desc()))
        return found.tuples().fetchmany(MOST_LISTED)


def new_ones(database: Database, agent_id: str) -> int:
    """How many were shared with the agent that they have not taken note of."""
    query = select(func.count()).select_from(ReviewRow).where(ReviewRow.agent_id == agent_id, ReviewRow.shared_at.is_not(None))
    with database.read() as session:
        return session.scalar(query.where(ReviewRow.acknowledged_at.is_(None))) or 0


def of_reviewer(database: Database, reviewer_id: str) -> Sequence[tuple[ReviewRow, str]]:
    """What a reviewer has begun and shared and may still look at, with the agents' names, the newest first."""
    query = select(ReviewRow, AgentRow.name).join(AgentRow, AgentRow.id == ReviewRow.agent_id).where(ReviewRow.reviewer_id == reviewer_id)
    query = query.join(ConversationRow, ConversationRow.id == ReviewRow.conversation_id).where(reviewable(reviewer_id))
    with database.read() as session:
        return session.execute(query.order_by(ReviewRow.created_at.desc())).tuples().fetchmany(MOST_LISTED)


def _seen_by(session: Session, conversation_id: str, who: str) -> ConversationRow:
    row = session.scalar(select(ConversationRow).where(ConversationRow.id == conversation_id, ConversationRow.secret_hash != ERASED, reviewable(who)))
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


def _who_spoke(session: Session, row: ConversationRow) -> Sequence[AgentRow]:
    spoke = select(EventRow.agent_id).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "agent")
    return session.scalars(select(AgentRow).where(or_(AgentRow.id.in_(spoke), AgentRow.id == row.agent_id)).order_by(AgentRow.name)).all()


def _chosen(spoke: Sequence[AgentRow], row: ConversationRow, reviewer_id: str, agent_id: str) -> AgentRow:
    wanted = agent_id or next((one.id for one in spoke if one.id == row.agent_id and one.id != reviewer_id), "")
    if wanted == reviewer_id:
        raise NotAllowed("Nobody reviews their own work.")
    others = [one for one in spoke if one.id != reviewer_id]
    found = next((one for one in others if one.id == wanted), others[0] if others and not agent_id else None)
    if found is None:
        if any(one.id == reviewer_id for one in spoke):
            raise NotAllowed("Nobody reviews their own work.")
        raise NotFound("No agent has spoken in this conversation.")
    return found


def _review_of(conversation_id: str, agent_id: str, reviewer_id: str) -> Select[tuple[ReviewRow]]:
    return select(ReviewRow).filter_by(conversation_id=conversation_id, agent_id=agent_id, reviewer_id=reviewer_id)


def _shared(session: Session, review_id: str, who: str, *, reviews: bool) -> ReviewRow:
    review = session.scalar(select(ReviewRow).where(ReviewRow.id == review_id, ReviewRow.shared_at.is_not(None)).with_for_update())
    if review is None or (review.agent_id != who and not (reviews and _may_see(session, review, who))):
        raise NotFound("There is no such review.")
    return review


def _may_see(session: Session, review: ReviewRow, who: str) -> bool:
    return session.scalar(select(ConversationRow.id).where(ConversationRow.id == review.conversation_id, reviewable(who))) is not None


def _messages(session: Session, conversation_id: str) -> Sequence[EventRow]:
    said = select(EventRow).where(EventRow.conversation_id == conversation_id, EventRow.kind == Kind.MESSAGE.value)
    return session.scalars(said.order_by(EventRow.number).limit(store.PAGE)).all()


def _notes(session: Session, review: ReviewRow | None) -> dict[int, str]:
    if review is None:
        return {}
    return {note.number: note.text for note in session.scalars(select(ReviewNoteRow).where(ReviewNoteRow.review_id == review.id))}


def _keep_notes(session: Session, review: ReviewRow, notes: Mapping[int, str]) -> None:
    session.execute(delete(ReviewNoteRow).where(ReviewNoteRow.review_id == review.id))
    session.flush()
    numbers = set(session.scalars(select(EventRow.number).where(EventRow.conversation_id == review.conversation_id, EventRow.kind == Kind.MESSAGE.value)))
    session.add_all(
        ReviewNoteRow(review_id=review.id, number=number, text=text.strip()[:LONGEST_NOTE])
        for number, text in notes.items()
        if number in numbers and text.strip()
    )
