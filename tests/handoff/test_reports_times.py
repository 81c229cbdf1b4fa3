"""How many times were kept: a week of clocks written down by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.accounts import teams
from handoff.conversations.service import Started
from handoff.conversations.sla import Goal
from handoff.conversations.tables import SlaClockRow
from handoff.database import Database, now
from handoff.reports.figures import Share, period
from handoff.reports.plots import stacked
from handoff.reports.times import Times, as_csv, times
from tests.handoff.conftest import LogIn

pytestmark = pytest.mark.both_databases

ZONE = ZoneInfo("Europe/Tallinn")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZONE)
WEEK = period(NOON, 7, ZONE)


class Clocks:
    """Writes clocks of Mari's conversation down as they would have ended."""

    def __init__(self, database: Database, conversation_id: str) -> None:
        self._database, self._conversation_id = database, conversation_id

    def add(self, goal: str, *, ended_at: datetime | None = None, broken_at: datetime | None = None, kept: bool | None, team: str | None = None) -> None:
        with self._database.write() as session:
            clock = SlaClockRow(conversation_id=self._conversation_id, team_id=team, goal=goal, in_chat=True, goal_seconds=300, left_seconds=300, kept=kept)
            clock.started_at, clock.ended_at, clock.broken_at = NOON.astimezone(UTC), ended_at, broken_at
            session.add(clock)


@pytest.fixture
def clocks(database: Database, mari: Started) -> Clocks:
    return Clocks(database, mari.conversation_id)


@pytest.fixture
def week(database: Database, clocks: Clocks) -> Times:
    bills = teams.make(database, "Arved", by=None)
    clocks.add("first", ended_at=NOON, kept=True)
    clocks.add("first", ended_at=NOON, kept=True, team=bills)
    clocks.add("next", ended_at=NOON, broken_at=NOON.replace(day=19, hour=17), kept=False, team=bills)  # answered the next day
    clocks.add("solution", broken_at=NOON.replace(day=17), kept=False)  # still open
    clocks.add("next", ended_at=NOON, kept=None)  # the customer went away
    clocks.add("first", ended_at=NOON.replace(day=13, hour=23), kept=True)  # the eighth day back
    return times(database, WEEK)


def test_all_together_and_each_team_by_what_was_owed(week: Times) -> None:
    assert week.whole == Share(2, 4)
    nobodys, bills = week.teams
    assert (nobodys.team, nobodys.whole) == (None, Share(1, 2))
    assert nobodys.by_goal == {Goal.FIRST: Share(1, 1), Goal.NEXT: Share(0, 0), Goal.SOLUTION: Share(0, 1)}
    assert (bills.team, bills.by_goal[Goal.NEXT]) == ("Arved", Share(0, 1))


def test_what_is_late_counts_on_the_day_its_time_was_up(week: Times) -> None:
    assert {day.day: (kept, late) for day, kept, late in week.by_day if kept or late} == {17: (0, 1), 19: (0, 1), 20: (2, 0)}
    assert [day for day, _, _ in week.by_day] == [date(2026, 11, number) for number in range(14, 21)]


def test_nothing_judged_is_no_figure(database: Database) -> None:
    empty = times(database, WEEK)
    assert (empty.whole.value, empty.teams) == (None, [])


def test_a_day_ends_at_midnight_of_the_house(database: Database, clocks: Clocks) -> None:
    clocks.add("first", ended_at=datetime(2026, 11, 19, 22, 30, tzinfo=UTC), kept=True)  # 0.30 on the 20th in Tallinn
    assert times(database, period(NOON, 1, ZONE)).whole == Share(1, 1)


@pytest.mark.usefixtures("week")
def test_the_file_has_a_line_for_each_day_team_and_goal(database: Database) -> None:
    lines = "".join(as_csv(database, WEEK)).removeprefix("\ufeff").splitlines()
    assert lines == [
        "day,team,goal,kept,late",
        "2026-11-17,,solution,0,1",
        "2026-11-19,Arved,next,0,1",
        "2026-11-20,,first,1,0",
        "2026-11-20,Arved,first,1,0",
    ]


def test_a_name_that_a_spreadsheet_would_calculate_is_text_in_it(database: Database, clocks: Clocks) -> None:
    clocks.add("first", ended_at=NOON, kept=True, team=teams.make(database, "=1+1", by=None))
    assert "'=1+1" in "".join(as_csv(database, WEEK))


def test_bars_on_each_other_fill_the_drawing_together() -> None:
    (kept, late), (nothing, _) = stacked([("E", 3, 1), ("T", 0, 0)])
    assert (kept.height, kept.y, late.height, late.y) == (90, 30, 30, 0)
    assert nothing.height == 0


@pytest.mark.parametrize("language", ["et", "en", "ru"])
def test_the_page_shows_it_and_offers_the_file(log_in: LogIn, clocks: Clocks, language: str) -> None:
    clocks.add("first", ended_at=now(), kept=True)
    clocks.add("next", ended_at=now(), broken_at=now() - timedelta(hours=1), kept=False)
    tiit = log_in("tiit")
    page = tiit.get(f"/reports?lang={language}")
    assert page.status_code == 200
    assert "[?" not in page.text
    assert "style=" not in page.text
    assert "/reports/times.csv?days=7" in page.text
    assert tiit.get("/reports/times.csv?days=7").text.count("\n") == 3


def test_only_who_sees_the_overview_gets_the_file(log_in: LogIn) -> None:
    assert log_in("jaan").get("/reports/times.csv").status_code == 403
