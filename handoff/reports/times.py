"""How many of the times to answer and to solve were kept, by team, by what was owed and by day. Counted like the other figures: one statement, erased or not.

A clock counts on the day it was judged: when what was owed was done in time, or when its time was up. What came to nothing (the customer went away, the bot
went on) counts nowhere.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from handoff.conversations.sla import Goal
from handoff.database import Database, Moment
from handoff.reports.figures import Period, Share, days_of, period_ends

JUDGED = """
    SELECT COALESCE(sla_clock.broken_at, sla_clock.ended_at) AS at, sla_clock.kept AS kept, sla_clock.goal AS goal, team.name AS team
    FROM sla_clock LEFT JOIN team ON team.id = sla_clock.team_id
    WHERE sla_clock.kept IS NOT NULL
      AND COALESCE(sla_clock.broken_at, sla_clock.ended_at) >= :since AND COALESCE(sla_clock.broken_at, sla_clock.ended_at) < :until
"""

COLUMNS = ("day", "team", "goal", "kept", "late")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate


@dataclass(frozen=True)
class Judged:
    """One time that was owed. `team` is None where a conversation was meant for nobody in particular."""

    day: date
    team: str | None
    goal: Goal
    kept: bool


@dataclass(frozen=True)
class TeamTimes:
    """One team's shares by what was owed; what was never owed has an empty one."""

    team: str | None
    by_goal: dict[Goal, Share]
    whole: Share


@dataclass(frozen=True)
class Times:
    """Everything of one period: all together, by team (by name, those of no team first), and kept and late of each day."""

    whole: Share
    teams: list[TeamTimes]
    by_day: list[tuple[date, int, int]]


def judged(database: Database, of: Period) -> list[Judged]:
    """What was judged in the period."""
    query = text(JUDGED).bindparams(*period_ends(of)).columns(at=Moment())
    with database.read() as session:
        return [Judged(_day(row.at, of), row.team, Goal(row.goal), bool(row.kept)) for row in session.execute(query)]


def times(database: Database, of: Period) -> Times:
    """The figures of the period."""
    found = judged(database, of)
    by_day = []
    for day in days_of(of):
        kept = [one.kept for one in found if one.day == day]
        by_day.append((day, sum(kept), len(kept) - sum(kept)))
    names = sorted({one.team for one in found}, key=lambda name: (name is not None, name))
    return Times(_share(found), [_of_team(name, found) for name in names], by_day)


def as_csv(database: Database, of: Period) -> Iterator[str]:
    """A line for each day, team and goal of which something was judged."""
    counted = Counter(judged(database, of))
    keys = sorted({(one.day, one.team or "", one.goal) for one in counted})
    yield "\ufeff" + _line(COLUMNS)  # the mark lets a spreadsheet read õ ä ö ü
    for day, team, goal in keys:
        kept, late = (counted[Judged(day, team or None, goal, is_kept)] for is_kept in (True, False))
        yield _line((day.isoformat(), team, goal.value, str(kept), str(late)))


def _of_team(name: str | None, found: list[Judged]) -> TeamTimes:
    own = [one for one in found if one.team == name]
    return TeamTimes(name, {goal: _share([one for one in own if one.goal == goal]) for goal in Goal}, _share(own))


def _share(found: list[Judged]) -> Share:
    kept = [one.kept for one in found]
    return Share(sum(kept), len(kept))


def _day(moment: datetime, of: Period) -> date:
    return moment.astimezone(of.zone).date()


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return line.getvalue()
