"""What people said of each part of the house: thumbs against what the bot had promised, scores after conversations, times kept, why people were called and
what conversations were about.

A thumb, a score and a clock count on their own day and at their own hour; by the rest they are told apart as their conversation is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session

from handoff.conversations.fact_tables import CallFactRow, PickFactRow, TalkFactRow
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.scores import Scale
from handoff.conversations.tables import RatingRow, SlaClockRow
from handoff.reports import asked, picks, slots
from handoff.reports.asked import Bin
from handoff.reports.counting import By, part_of
from handoff.reports.intervals import Estimate, share
from handoff.reports.wanted import Wanted

Label = Callable[[datetime, Any], str]
Most = Sequence[tuple[str, int]]
JUDGED_AT = func.coalesce(SlaClockRow.broken_at, SlaClockRow.ended_at)  # when it turned out whether a time was kept


@dataclass(frozen=True)
class Voices:
    """Of one part. `promised` is the mean chance that the bot gave to the answers which got a thumb; None: nothing was rated."""

    helpful: Estimate
    promised: float | None
    opinions: Mapping[Scale, Estimate]
    in_time: Estimate
    reasons: Most
    entries: Most
    agreed: Estimate  # of the bot's guesses that agents judged, those that they took over
    rated: Sequence[tuple[float, bool]]  # what the bot had promised, and the thumb

    @property
    def curve(self) -> list[Bin]:
        """Promised against kept, of this part."""
        return asked.bins(self.rated)


@dataclass(frozen=True)
class Heard:
    """Of the whole: thumbs up, times kept, and the bot's guesses that agents took over."""

    helpful: Estimate
    in_time: Estimate
    agreed: Estimate


@dataclass
class _Heard:
    thumbs: list[bool] = field(default_factory=list)
    rated: list[tuple[float, bool]] = field(default_factory=list)
    agreed: Counter[bool] = field(default_factory=Counter)
    scores: dict[Scale, list[int]] = field(default_factory=lambda: defaultdict(list))
    kept: Counter[bool] = field(default_factory=Counter)
    reasons: list[tuple[str, int]] = field(default_factory=list)
    entries: list[tuple[str, int]] = field(default_factory=list)

    def told(self) -> Voices:
        return Voices(
            helpful=share(sum(self.thumbs), len(self.thumbs)),
            promised=sum(promised for promised, _ in self.rated) / len(self.rated) if self.rated else None,
            opinions={kind: asked.opinion(kind, self.scores[kind]) for kind in Scale if self.scores.get(kind)},
            in_time=share(self.kept[True], self.kept.total()),
            reasons=_most_first(self.reasons),
            entries=_most_first(self.entries),
            agreed=share(self.agreed[True], self.agreed.total()),
            rated=self.rated,
        )


def voices(session: Session, of: Wanted, what: By | None, *, zone: ZoneInfo) -> dict[str, Voices]:
    """By the names of the parts, as `counting.by` has them; of parts of which nobody said anything, nothing. Without `what` all is one part, ""."""
    said: dict[str, _Heard] = defaultdict(_Heard)
    label = _label(what, zone)
    for at, part, helpful, promised in asked.rated(session, of, zone, RatingRow.entry_id if what is By.ENTRY else _part(what)):
        said[label(at, part)].thumbs.append(helpful)
        if promised is not None:
            said[label(at, part)].rated.append((promised, helpful))
    _scores(session, of, what, zone, said)
    _clocks(session, of, what, zone, said)
    for name, judged in picks.judged(session, of, part_of(PickFactRow, what)).items():
        said[_name(name)].agreed += judged
    for facts, column, wrote, kept in (
        (CallFactRow, CallFactRow.reason, (), "reasons"),
        (TalkFactRow, TalkFactRow.entry_id, (TalkFactRow.written,), "entries"),
    ):
        part = part_of(facts, what)
        counted = select(part, column, func.count()).where(*of.of(facts), column.is_not(None), *wrote).group_by(*([part, column] if what else [column]))
        for name, value, many in session.execute(counted):
            getattr(said[_name(name)], kept).append((value, many))
    return {name: one.told() for name, one in sorted(said.items())}


def heard(session: Session, of: Wanted, *, zone: ZoneInfo) -> Heard:
    """The figures of the whole period, without telling anything apart."""
    up, kept = (func.sum(case((column.is_(True), 1), else_=0)) for column in (RatingRow.helpful, SlaClockRow.kept))
    thumbs = select(up, func.count()).select_from(RatingRow).join(TalkFactRow, TalkFactRow.conversation_id == RatingRow.conversation_id)
    rated = (RatingRow.helpful.is_not(None), *asked.within(RatingRow.at, of, zone), *of.of(TalkFactRow)[2:])
    clocks = select(kept, func.count()).select_from(SlaClockRow).outerjoin(TalkFactRow, TalkFactRow.conversation_id == SlaClockRow.conversation_id)
    good, whole = session.execute(thumbs.where(*rated)).one()
    held, judged = session.execute(clocks.where(*_judged(of, zone))).one()
    return Heard(share(int(good or 0), whole), share(int(held or 0), judged), picks.agreed(session, of))


def together(parts: Mapping[str, Voices]) -> Heard:
    """The whole from its parts: each thumb, time and pick is in one of them."""

    def added(ones: Sequence[Estimate]) -> Estimate:
        return share(sum(round((one.value or 0.0) * one.size) for one in ones), sum(one.size for one in ones))

    every = list(parts.values())
    return Heard(added([one.helpful for one in every]), added([one.in_time for one in every]), added([one.agreed for one in every]))


def _scores(session: Session, of: Wanted, what: By | None, zone: ZoneInfo, said: dict[str, _Heard]) -> None:
    label, since_until = _label(what, zone), asked.within(SurveyRow.at, of, zone)
    own: dict[By | None, Any] = {By.TEAM: SurveyRow.team_id, By.AGENT: SurveyRow.agent_id, By.LANGUAGE: SurveyRow.language, By.CHANNEL: SurveyRow.channel}
    query = select(SurveyRow.at, own.get(what, _part(what)).label("part"), SurveyRow.kind, SurveyRow.score)
    query = query.outerjoin(TalkFactRow, TalkFactRow.conversation_id == SurveyRow.conversation_id)
    for at, part, kind, score in session.execute(query.where(SurveyRow.score.is_not(None), *since_until, *asked.surveyed(of))):
        said[label(at, part)].scores[Scale(kind)].append(score)


def _clocks(session: Session, of: Wanted, what: By | None, zone: ZoneInfo, said: dict[str, _Heard]) -> None:
    label, part = _label(what, zone), SlaClockRow.team_id if what is By.TEAM else _part(what)
    if what in (By.DAY, By.HOUR):  # each by its own moment, which the database does not know by the house's clock
        part = slots.slot(session, JUDGED_AT, of, zone)
    query = select(part.label("part"), SlaClockRow.kept.label("held"), func.count()).where(*_judged(of, zone))
    query = query.outerjoin(TalkFactRow, TalkFactRow.conversation_id == SlaClockRow.conversation_id).group_by("part", "held")
    for name, kept, many in session.execute(query):
        said[label(slots.moment(name), "") if what in (By.DAY, By.HOUR) else _name(name)].kept[kept] += many


def _judged(of: Wanted, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """The clocks that turned out kept or late in the period, by its filters."""
    named = ((SlaClockRow.team_id, of.team), (TalkFactRow.channel, of.channel), (TalkFactRow.language, of.language), (TalkFactRow.topic, of.topic))
    return [SlaClockRow.kept.is_not(None), *asked.within(JUDGED_AT, of, zone), *(column == value for column, value in named if value)]


def _part(what: By | None) -> Any:
    """Of the conversation; the time is told by each row's own moment."""
    return literal("") if what in (None, By.DAY, By.HOUR) else part_of(TalkFactRow, what)


def _label(what: By | None, zone: ZoneInfo) -> Label:
    if what is By.DAY:
        return lambda at, _part: at.astimezone(zone).date().isoformat()
    if what is By.HOUR:
        return lambda at, _part: str(at.astimezone(zone).hour)
    return lambda _at, part: _name(part)


def _name(part: object) -> str:
    return "" if part is None else str(part)


def _most_first(pairs: list[tuple[str, int]]) -> Most:
    return sorted(pairs, key=lambda one: (-one[1], one[0]))
