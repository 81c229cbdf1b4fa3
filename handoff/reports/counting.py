"""The figures of a period and the same by day, hour, team, agent, topic, language, channel or entry. Each is counted from the columns of the facts.

What is defined here stands in words in docs/figures.md; a change of one is a change of both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import fsum
from typing import Any

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.orm import Session

from handoff.accounts.tables import AgentRow, TeamRow
from handoff.conversations.fact_tables import CallFactRow, TalkFactRow
from handoff.reports.intervals import Estimate, average, quantile, share
from handoff.reports.wanted import Facts, Wanted

AGAIN_WITHIN = timedelta(days=7)
PERCENTILES = (0.5, 0.8, 0.95)
USUAL_MINUTES = 6.0  # of a person's work on one conversation, until the house has measured its own
MEASURED_FROM = 20  # conversations


class By(StrEnum):
    """By what figures may be told apart."""

    DAY = "day"
    HOUR = "hour"
    TEAM = "team"
    AGENT = "agent"
    TOPIC = "topic"
    LANGUAGE = "language"
    CHANNEL = "channel"
    ENTRY = "entry"


COLUMNS = {By.TEAM: "team_id", By.AGENT: "agent_id", By.ENTRY: "entry_id"}


ADDED = ("conversations", "listened", "alone", "questions", "unanswered", "over", "again", "known", "lost")


@dataclass(frozen=True)
class Counts:
    """All figures of one period, or of one part of it."""

    conversations: int
    alone: Estimate  # share solved by the bot alone, of those that it listened to
    unanswered: Estimate  # share of the questions the bot read
    calls: int
    answered: int  # of the calls
    waits: Mapping[float, float | None]  # seconds to a person's first words, by percentile
    taken: int  # of the calls
    waiting: Mapping[float, float | None]  # seconds until a person took it, by percentile
    handled: Estimate  # seconds that people had a conversation
    solved_at_once: Estimate  # share without a return within seven days, of those ended at least seven days ago
    again: int  # those that did return
    known: int  # customers known from before
    lost: int
    saved_hours: float  # estimate of people's work that the bot took over


@dataclass
class _Part:
    """What is added up of one part while its rows go by."""

    talks: Counter[str] = field(default_factory=Counter)
    answered: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    handled: list[float] = field(default_factory=list)

    def add(self, other: _Part) -> None:
        self.talks.update(other.talks)
        self.answered += other.answered
        self.taken += other.taken
        self.handled += other.handled

    def told(self, minutes: float) -> Counts:
        talks, answered, taken = self.talks, sorted(self.answered), sorted(self.taken)
        return Counts(
            conversations=talks["conversations"],
            alone=share(talks["alone"], talks["listened"]),
            unanswered=share(talks["unanswered"], talks["questions"]),
            calls=talks["calls"],
            answered=len(answered),
            waits={part: quantile(answered, part) for part in PERCENTILES},
            taken=len(taken),
            waiting={part: quantile(taken, part) for part in PERCENTILES},
            handled=average(self.handled),
            solved_at_once=share(talks["over"] - talks["again"], talks["over"]),
            again=talks["again"],
            known=talks["known"],
            lost=talks["lost"],
            saved_hours=talks["alone"] * minutes / 60,
        )


def counts(session: Session, of: Wanted, *, until: datetime) -> Counts:
    """The whole period. `until` is now: what ended less than seven days before it may still come back."""
    return counted(session, of, None, until=until)[0]


def by(session: Session, of: Wanted, what: By | None, *, until: datetime) -> dict[str, Counts]:
    """The figures of each part of the period, by name; of the parts that had none, nothing."""
    return counted(session, of, what, until=until)[1]


def counted(session: Session, of: Wanted, what: By | None, *, until: datetime) -> tuple[Counts, dict[str, Counts]]:
    """The whole period and its parts, in one look at the rows."""
    parts: dict[str, _Part] = defaultdict(_Part)
    for row in session.execute(_talks(of, what, until)):
        parts[_name(row.part)].talks.update({name: int(row._mapping[name] or 0) for name in ADDED})
    waits = select(part_of(CallFactRow, what), CallFactRow.answered_seconds, CallFactRow.claimed_seconds).where(*of.of(CallFactRow))
    rows = session.connection()  # of single columns there are many, and they need not become what the session knows
    for name, answered, taken in rows.execute(waits):
        part = parts[_name(name)]
        part.talks["calls"] += 1
        if answered is not None:
            part.answered.append(answered)
        if taken is not None:
            part.taken.append(taken)
    had = (TalkFactRow.handled_seconds.is_not(None), TalkFactRow.written)
    for name, seconds in rows.execute(select(part_of(TalkFactRow, what), TalkFactRow.handled_seconds).where(*of.of(TalkFactRow), *had)):
        parts[_name(name)].handled.append(seconds)
    whole = _Part()
    for part in parts.values():
        whole.add(part)
    minutes = fsum(whole.handled) / len(whole.handled) / 60 if len(whole.handled) >= MEASURED_FROM else USUAL_MINUTES
    return whole.told(minutes), {name: part.told(minutes) for name, part in sorted(parts.items())}


def busiest(session: Session, of: Wanted) -> dict[tuple[int, int], int]:
    """Conversations by (weekday, hour)."""
    query = select(TalkFactRow.weekday, TalkFactRow.hour, func.count()).where(*of.of(TalkFactRow), TalkFactRow.written)
    return {(weekday, hour): count for weekday, hour, count in session.execute(query.group_by(TalkFactRow.weekday, TalkFactRow.hour))}


def outside(session: Session, of: Wanted) -> Estimate:
    """Share of the calls for a person that came while nobody was expected to be here."""
    away = func.sum(case((CallFactRow.in_hours, 0), else_=1))
    many, part = session.execute(select(func.count(), away).where(*of.of(CallFactRow))).one()
    return share(int(part or 0), many)


def reasons(session: Session, of: Wanted) -> list[tuple[str, int]]:
    """Calls for a person by their reason, most first."""
    query = select(CallFactRow.reason, func.count().label("many")).where(*of.of(CallFactRow)).group_by(CallFactRow.reason)
    return sorted(((reason or "", many) for reason, many in session.execute(query)), key=lambda one: (-one[1], one[0]))


def names(session: Session, what: By) -> dict[str, str]:
    """How teams and agents are called; other parts are called by what they are."""
    table: Any = {By.TEAM: TeamRow, By.AGENT: AgentRow}.get(what)
    return {row.id: row.name for row in session.execute(select(table.id, table.name))} if table else {}


def _talks(of: Wanted, what: By | None, until: datetime) -> Any:
    fact, part = TalkFactRow, part_of(TalkFactRow, what)
    over = and_(fact.ended_at.is_not(None), fact.ended_at <= until - AGAIN_WITHIN)
    came = and_(over, fact.again_seconds <= AGAIN_WITHIN.total_seconds())
    query = select(
        part,
        func.count().label("conversations"),
        _number(fact.listened).label("listened"),
        _number(fact.alone).label("alone"),
        func.sum(fact.questions).label("questions"),
        func.sum(fact.unanswered).label("unanswered"),
        _number(over).label("over"),
        _number(came).label("again"),
        _number(fact.known_before).label("known"),
        _number(fact.lost).label("lost"),
    ).where(*of.of(fact), fact.written)
    return query.group_by(part) if what else query.having(func.count() > 0)


def part_of(facts: Facts, what: By | None) -> Any:
    """The column that tells the parts apart, called `part`; the same for all where nothing is told apart."""
    if what is None:
        return literal("").label("part")
    column = getattr(facts, COLUMNS.get(what, what.value))
    return column.label("part")


def _name(part: object) -> str:
    return "" if part is None else str(part)


def _number(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
