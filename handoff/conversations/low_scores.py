"""Low scores wait for a supervisor: what was said, by whom it was looked after, and what came of it. One transaction each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.conversations.agents import Holder
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.store import ERASED
from handoff.conversations.surveys import DONE, OPEN
from handoff.conversations.tables import ConversationRow
from handoff.conversations.walls import reviewable
from handoff.database import Database, now
from handoff.errors import NotFound

MOST = 100
LONGEST_NOTE = 1_000


def listed(database: Database, who: str, *, done: bool = False) -> Sequence[SurveyRow]:
    """Those that `who` may judge: open ones the oldest first, done ones the newest first."""
    order = SurveyRow.followed_at.desc() if done else SurveyRow.at
    query = select(SurveyRow).join(ConversationRow, ConversationRow.id == SurveyRow.conversation_id)
    with database.read() as session:
        return session.scalars(query.where(*_of(who, DONE if done else OPEN)).order_by(order).limit(MOST)).all()


def waiting(database: Database, who: str) -> int:
    """How many wait."""
    query = select(func.count()).select_from(SurveyRow).join(ConversationRow, ConversationRow.id == SurveyRow.conversation_id)
    with database.read() as session:
        return session.scalar(query.where(*_of(who, OPEN))) or 0


def finish(database: Database, survey_id: str, by: Holder, note: str) -> None:
    """It was looked after; again changes only the note. Raises `NotFound`."""
    with database.write() as session:
        survey = _survey(session, survey_id, by)
        if survey.follow_up == OPEN:
            trail.write_down(session, by.id, "followed_low_score", survey.conversation_id)
        survey.follow_up, survey.followed_at, survey.followed_by = DONE, now(), by.id
        survey.follow_note = note.strip()[:LONGEST_NOTE] or None


def take_back(database: Database, survey_id: str, by: Holder) -> None:
    """It waits again; the note stays. Raises `NotFound`."""
    with database.write() as session:
        survey = _survey(session, survey_id, by)
        if survey.follow_up == DONE:
            trail.write_down(session, by.id, "reopened_low_score", survey.conversation_id)
        survey.follow_up, survey.followed_at, survey.followed_by = OPEN, None, None


def _of(who: str, follow_up: str) -> tuple[ColumnElement[bool], ...]:
    return (SurveyRow.follow_up == follow_up, ConversationRow.secret_hash != ERASED, reviewable(who))


def _survey(session: Session, survey_id: str, by: Holder) -> SurveyRow:
    query = select(SurveyRow).join(ConversationRow, ConversationRow.id == SurveyRow.conversation_id)
    found = session.scalar(query.where(SurveyRow.id == survey_id, SurveyRow.follow_up.is_not(None), reviewable(by.id)).with_for_update(of=SurveyRow))
    if found is None:
        raise NotFound("There is no such score.")
    return found
