"""The figures of a period and the same by day, hour, team, agent, topic, language, channel or entry. Each is counted from the columns of the facts.

What is defined here stands in words in docs/figures.md; a change of one is a change of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
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


@dataclass(frozen=True)
class Counts:
    """All figures of one period, or of one part of it."""

    conversations: int
    alone: Estimate  # share solved by the bot alone, of those that it listened to
    unanswered: Estimate  # share of the questions the bot read
    calls: int
    answered: int  # of the calls
    waits: Mapping[float, float | None]  # seconds to a person's first words, by percentile
    handled: Estimate  # seconds that people had a conversation
    solved_at_once: Estimate  # share without a return within seven days, of those ended at least seven days ago
    again: int  # those that did return
    known: int  # customers known from before
    lost: int
    saved_hours: float  # estimate of people's work that the bot took over


def counts(session: Session, of: Wanted, *, until: datetime) -> Counts:
    """The whole period. `until` is now: what ended less than seven days before it may still come back."""
    whole = by(session, of, None, until=until)
    return whole[""] if whole else _made({}, [], [], USUAL_MINUTES)


def by(session: Session, of: Wanted, what: By | None, *, until: datetime) -> dict[str, Counts]:
    """The figures of each part of the period, by name; of the parts that had none, nothing."""
    talks = {str(row.part if row.part is not None else ""): row for row in session.execute(_talks(of, what, until))}
    waits, handled = defaultdict(list), defaultdict(list)
    for part, seconds in session.execute(select(part_of(CallFactRow, what), CallFactRow.answered_seconds).where(*of.of(CallFactRow))):
        waits[str(part if part is not None else "")].append(seconds)
    had = (TalkFactRow.handled_seconds.is_not(None), TalkFactRow.written)
    for part, seconds in session.execute(select(part_of(TalkFactRow, what), TalkFactRow.handled_seconds).where(*of.of(TalkFactRow), *had)):
        handled[str(part if part is not None else "")].append(seconds)
    every = [seconds for own in handled.values() for seconds in own]
    minutes = sum(every) / len(every) / 60 if len(every) >= MEASURED_FROM else USUAL_MINUTES
    names = sorted({*talks, *waits})
    return {name: _made(dict(talks[name]._mapping) if name in talks else {}, waits[name], handled[name], minutes) for name in names}


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


def _number(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _made(talk: Mapping[str, Any], waits: Sequence[float | None], handled: Sequence[float], minutes: float) -> Counts:
    answered = [seconds for seconds in waits if seconds is not None]
    count = {name: int(talk.get(name) or 0) for name in ("conversations", "listened", "alone", "questions", "unanswered", "over", "again", "known", "lost")}
    return Counts(
        conversations=count["conversations"],
        alone=share(count["alone"], count["listened"]),
        unanswered=share(count["unanswered"], count["questions"]),
        calls=len(waits),
        answered=len(answered),
        waits={part: quantile(answered, part) for part in PERCENTILES},
        handled=average(handled),
        solved_at_once=share(count["over"] - count["again"], count["over"]),
        again=count["again"],
        known=count["known"],
        lost=count["lost"],
        saved_hours=count["alone"] * minutes / 60,
    )
