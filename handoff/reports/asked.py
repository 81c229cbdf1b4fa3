"""What is asked and how well it is answered: entries by use and rating, what is asked more than before, promised chances against thumbs, and what
customers say after a conversation. Entry ids and chances are columns, so no statement reads a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from handoff.conversations.fact_tables import TalkFactRow
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.scores import Scale
from handoff.conversations.tables import DecisionRow, EventRow, RatingRow
from handoff.reports.intervals import Estimate, average, nps, rises, share
from handoff.reports.wanted import Wanted, ends

BINS = 10
SATISFIED = 4  # of five: CSAT is the share of these
EASY = 5  # of seven: the share is told beside the mean


@dataclass(frozen=True)
class Asked:
    """One entry: how often it was the bot's best guess, given as the answer, and what thumbs said of it."""

    entry_id: str
    asked: int
    asked_before: int
    answered: int
    helpful: Estimate

    @property
    def rising(self) -> bool:
        return rises(self.asked, self.asked_before)


@dataclass(frozen=True)
class Bin:
    """Rated answers whose promised chance lay in one tenth: what was promised on average, and how many thumbs went up."""

    low: float
    promised: float
    kept: Estimate


@dataclass(frozen=True)
class Opinion:
    """One kind of question after conversations: its own figure, how many were asked, and each score's count."""

    kind: Scale
    figure: Estimate
    asked: int
    scores: list[tuple[int, int]]


def entries(session: Session, of: Wanted, zone: ZoneInfo) -> list[Asked]:
    """All entries that were asked about, the most asked first."""
    now, before = _asked(session, of, zone), _asked(session, of.before, zone)
    rated = _rated(session, of, zone)
    found = []
    for entry_id, (asked, answered) in now.items():
        up, whole = rated.get(entry_id, (0, 0))
        found.append(Asked(entry_id, asked, before.get(entry_id, (0, 0))[0], answered, share(up, whole)))
    return sorted(found, key=lambda one: (-one.asked, one.entry_id))


def calibration(session: Session, of: Wanted, zone: ZoneInfo) -> list[Bin]:
    """Promised against kept, of the answers that got a thumb; tenths of which there were none are left out."""
    return bins((promised, helpful) for _moment, _whole, helpful, promised in rated(session, of, zone, literal("")) if promised is not None)


def bins(rated: Iterable[tuple[float, bool]]) -> list[Bin]:
    """The curve of pairs of what was promised and whether it held."""
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for promised, helpful in rated:
        tenths.setdefault(min(int(promised * BINS), BINS - 1), []).append((promised, helpful))
    made = []
    for tenth, pairs in sorted(tenths.items()):
        up = sum(helpful for _, helpful in pairs)
        made.append(Bin(tenth / BINS, sum(promised for promised, _ in pairs) / len(pairs), share(up, len(pairs))))
    return made


def rated(session: Session, of: Wanted, zone: ZoneInfo, part: Any) -> Iterator[tuple[datetime, Any, bool, float | None]]:
    """Each thumb of the period: when, the value of `part` (a column of the rating or of its conversation's facts), up or down, and the chance that the bot
    had given to its answer; None where it was no answer of its own."""
    answer, question = EventRow, aliased(EventRow)
    filters = (RatingRow.helpful.is_not(None), *within(RatingRow.at, of, zone), *_part(of))
    read = select(RatingRow.id, DecisionRow.probability).join(answer, answer.id == RatingRow.event_id).join(TalkFactRow, _is_its(RatingRow))
    read = read.join(DecisionRow, (DecisionRow.conversation_id == answer.conversation_id) & (DecisionRow.entry_id == RatingRow.entry_id))
    read = read.join(question, (question.id == DecisionRow.message_id) & (question.number < answer.number)).where(*filters).order_by(question.number)
    promised = dict(session.execute(read).tuples().all())  # one look for all; of several readings the last before the answer
    query = select(RatingRow.id, RatingRow.at, part, RatingRow.helpful).join(answer, answer.id == RatingRow.event_id).join(TalkFactRow, _is_its(RatingRow))
    for rating_id, at, name, helpful in session.execute(query.where(*filters)).tuples():
        yield at, name, bool(helpful), promised.get(rating_id)


def within(moment: Any, of: Wanted, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """That the moment lies in the period."""
    since, until = ends(of, zone)
    return [moment >= since, moment < until]


def surveyed(of: Wanted) -> list[ColumnElement[bool]]:
    """The filters of the period on questions after conversations, which know all but the topic themselves."""
    named = ((SurveyRow.team_id, of.team), (SurveyRow.channel, of.channel), (SurveyRow.language, of.language))
    own: list[ColumnElement[bool]] = [column == value for column, value in named if value]
    if of.topic:
        own.append(SurveyRow.conversation_id.in_(select(TalkFactRow.conversation_id).where(TalkFactRow.topic == of.topic)))
    return own


def opinions(session: Session, of: Wanted, zone: ZoneInfo) -> list[Opinion]:
    """What customers said in the period, for each kind of question that was asked."""
    since, until = ends(of, zone)
    own = surveyed(of)
    query = select(SurveyRow.kind, SurveyRow.score).where(SurveyRow.at >= since, SurveyRow.at < until, SurveyRow.score.is_not(None), *own)
    asked = select(SurveyRow.kind, func.count()).where(SurveyRow.asked_at >= since, SurveyRow.asked_at < until, *own).group_by(SurveyRow.kind)
    many = dict(session.execute(asked).tuples().all())
    scores: dict[str, list[int]] = {kind: [] for kind in many}
    for kind, score in session.execute(query):
        scores.setdefault(kind, []).append(score)
    return [Opinion(Scale(kind), opinion(Scale(kind), own), many.get(kind, 0), sorted(Counter(own).items())) for kind, own in sorted(scores.items())]


def opinion(kind: Scale, scores: Sequence[int]) -> Estimate:
    """CSAT: the share of 4 and 5. NPS: its points. CES: the mean of 1 to 7."""
    if kind is Scale.NPS:
        return nps(scores)
    return share(sum(score >= SATISFIED for score in scores), len(scores)) if kind is Scale.CSAT else average([float(score) for score in scores])


def _asked(session: Session, of: Wanted, zone: ZoneInfo) -> dict[str, tuple[int, int]]:
    since, until = ends(of, zone)
    given = func.sum(case((DecisionRow.action == "answer", 1), else_=0))
    query = select(DecisionRow.entry_id, func.count(), given).where(DecisionRow.entry_id.is_not(None), DecisionRow.at >= since, DecisionRow.at < until)
    if filters := _part(of):
        query = query.join(TalkFactRow, _is_its(DecisionRow)).where(*filters)
    return {entry_id: (many, int(answered)) for entry_id, many, answered in session.execute(query.group_by(DecisionRow.entry_id))}


def _rated(session: Session, of: Wanted, zone: ZoneInfo) -> dict[str, tuple[int, int]]:
    since, until = ends(of, zone)
    up = func.sum(case((RatingRow.helpful.is_(True), 1), else_=0))
    query = select(RatingRow.entry_id, up, func.count()).join(TalkFactRow, _is_its(RatingRow))
    query = query.where(RatingRow.helpful.is_not(None), RatingRow.entry_id.is_not(None), RatingRow.at >= since, RatingRow.at < until, *_part(of))
    return {entry_id: (int(good), many) for entry_id, good, many in session.execute(query.group_by(RatingRow.entry_id))}


def _is_its(table: type[RatingRow] | type[DecisionRow]) -> ColumnElement[bool]:
    return TalkFactRow.conversation_id == table.conversation_id


def _part(of: Wanted) -> list[ColumnElement[bool]]:
    """The filters alone: a thumb or a question counts on its own day, not on that of its conversation."""
    return of.of(TalkFactRow)[2:]
