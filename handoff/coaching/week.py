"""One agent's own week in figures, for their eyes only. Counted anew at each look; small enough for that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, median
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from handoff.coaching.sample import CHANCE
from handoff.conversations.events import Kind
from handoff.conversations.feedback_tables import ReviewRow, SurveyRow
from handoff.conversations.scores import Scale
from handoff.conversations.tables import EventRow, HandoffRow
from handoff.database import Database

DAYS = 7


@dataclass(frozen=True)
class Scores:
    """What customers said: the mean on this scale, of how many."""

    scale: Scale
    mean: float
    count: int


@dataclass(frozen=True)
class Week:
    """`conversations`: those in which the agent said something. `first_response`: the median seconds from the wish for a person to the agent's first words,
    of `responses` such wishes that this agent answered first. `review`: the mean of `reviews` shared in this week, of conversations that came up by chance:
    one that somebody looked for tells nothing of the others."""

    begins: date
    conversations: int
    first_response: float | None
    responses: int
    scores: tuple[Scores, ...]
    review: float | None
    reviews: int


def monday(moment: datetime, zone: ZoneInfo, weeks_ago: int = 0) -> datetime:
    """Midnight in the zone with which the week began, `weeks_ago` weeks before this one."""
    local = moment.astimezone(zone)
    day = local.date() - timedelta(days=local.weekday() + DAYS * weeks_ago)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def week(database: Database, agent_id: str, moment: datetime, zone: ZoneInfo, *, weeks_ago: int = 0) -> Week:
    """The agent's week; this one, or one before."""
    since, until = monday(moment, zone, weeks_ago), monday(moment, zone, weeks_ago - 1)
    with database.read() as session:
        said = select(func.count(EventRow.conversation_id.distinct())).where(
            EventRow.agent_id == agent_id, EventRow.kind == Kind.MESSAGE.value, EventRow.at >= since, EventRow.at < until
        )
        waits = list(_first_responses(session, agent_id, since, until))
        shared = select(ReviewRow.score).where(ReviewRow.agent_id == agent_id, ReviewRow.shared_at >= since, ReviewRow.shared_at < until)
        by_chance = or_(ReviewRow.came_by == CHANCE, ReviewRow.came_by.is_(None))
        given = [mark for mark in session.scalars(shared.where(by_chance)) if mark is not None]
        return Week(
            since.date(),
            session.scalar(said) or 0,
            median(waits) if waits else None,
            len(waits),
            tuple(_scores(session, agent_id, since, until)),
            fmean(given) if given else None,
            len(given),
        )


def _first_responses(session: Session, agent_id: str, since: datetime, until: datetime) -> Iterable[float]:
    """Seconds of each wish of this time to the first words of a person, where those were this agent's."""
    wishes = select(HandoffRow.conversation_id, HandoffRow.requested_at).where(HandoffRow.requested_at >= since, HandoffRow.requested_at < until)
    mine = select(EventRow.conversation_id).where(EventRow.agent_id == agent_id, EventRow.kind == Kind.MESSAGE.value, EventRow.at >= since)
    for conversation_id, requested_at in session.execute(wishes.where(HandoffRow.conversation_id.in_(mine))).all():
        first = session.execute(
            select(EventRow.agent_id, EventRow.at)
            .where(EventRow.conversation_id == conversation_id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "agent", EventRow.at >= requested_at)
            .order_by(EventRow.number)
            .limit(1)
        ).first()
        if first is not None and first.agent_id == agent_id:
            yield (first.at - requested_at).total_seconds()


def _scores(session: Session, agent_id: str, since: datetime, until: datetime) -> Iterable[Scores]:
    query = select(SurveyRow.kind, func.avg(SurveyRow.score), func.count()).where(SurveyRow.agent_id == agent_id, SurveyRow.score.is_not(None))
    for kind, mean, count in session.execute(query.where(SurveyRow.at >= since, SurveyRow.at < until).group_by(SurveyRow.kind)):
        yield Scores(Scale(kind), float(mean), count)
