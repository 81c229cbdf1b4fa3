"""Hours, holidays and who is here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from handoff.accounts import service as accounts
from handoff.accounts.tables import AgentRow, Availability
from handoff.database import Database, now
from handoff.schedule import Hours, is_holiday, is_shortened, people_available
from handoff.week import Week

pytestmark = pytest.mark.both_databases

TALLINN = ZoneInfo("Europe/Tallinn")
HOURS = Hours(Week.read("E-R 9-18"), TALLINN)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TALLINN)


@pytest.mark.parametrize("moment", ["2025-06-02 09:00", "2025-06-02 12:00", "2025-06-02 17:59:59"])
def test_open_within_the_hours_of_a_working_day(moment: str) -> None:
    assert HOURS.open_at(at(moment))


@pytest.mark.parametrize("moment", ["2025-06-02 08:59:59", "2025-06-02 18:00", "2025-06-07 12:00", "2025-06-08 12:00", "2025-06-23 12:00"])
def test_closed_outside_them_at_weekends_and_on_holidays(moment: str) -> None:
    assert not HOURS.open_at(at(moment))


@pytest.mark.parametrize("day", ["2025-02-24", "2025-04-18", "2025-05-01", "2025-06-23", "2025-06-24", "2025-08-20", "2025-12-24", "2031-02-24"])
def test_estonian_public_holidays_are_free_in_any_year(day: str) -> None:
    assert is_holiday(date.fromisoformat(day))
    assert not HOURS.open_at(at(f"{day} 12:00"))


@pytest.mark.parametrize("day", ["2025-02-25", "2025-06-25", "2025-12-23", "2025-11-03"])
def test_the_days_beside_them_are_worked(day: str) -> None:
    assert HOURS.open_at(at(f"{day} 12:00"))


def test_who_works_on_holidays_is_here_on_them() -> None:
    assert Hours(Week.read("E-P 10-22"), TALLINN, holidays_too=True).open_at(at("2025-06-23 12:00"))


@pytest.mark.parametrize("day", ["2026-02-23", "2026-06-22", "2026-12-23", "2026-12-31", "2031-12-31"])
def test_the_eves_that_the_law_shortens_end_earlier_where_the_operator_says_so(day: str) -> None:
    shorter = Hours(Week.read("E-P 9-12, 13-18"), TALLINN, eves_shorter=timedelta(hours=3))
    assert is_shortened(date.fromisoformat(day))
    assert shorter.open_at(at(f"{day} 14:59"))
    assert not shorter.open_at(at(f"{day} 15:00"))
    assert HOURS.open_at(at("2026-12-23 17:00"))


def test_an_eve_may_lose_its_whole_afternoon() -> None:
    shorter = Hours(Week.read("E-P 9-12, 15-18"), TALLINN, eves_shorter=timedelta(hours=3))
    assert shorter.next_opening(at("2026-12-30 19:00")) == at("2026-12-31 09:00")
    assert not shorter.open_at(at("2026-12-31 15:30"))
    assert shorter.next_opening(at("2026-12-31 13:00")) == at("2027-01-02 09:00")


def test_a_break_is_a_time_when_nobody_is_here_and_people_are_back_after_it() -> None:
    with_a_break = Hours(Week.read("E-R 9-12, 13-18; L 10-14"), TALLINN)
    assert not with_a_break.open_at(at("2026-11-23 12:30"))
    assert with_a_break.back_at(at("2026-11-23 12:30")) == at("2026-11-23 13:00")
    assert with_a_break.next_opening(at("2026-11-27 19:00")) == at("2026-11-28 10:00")  # Saturday


def test_midnight_closes_a_day() -> None:
    late = Hours(Week.read("E-R 9-24"), TALLINN)
    assert late.open_at(at("2026-11-23 23:59:59"))
    assert not late.open_at(at("2026-11-24 00:00"))


def test_hours_are_told_in_their_own_zone() -> None:
    assert HOURS.open_at(datetime.fromisoformat("2025-06-02T06:30:00+00:00"))  # 9.30 in Tallinn, summer
    assert not HOURS.open_at(datetime.fromisoformat("2025-01-06T06:30:00+00:00"))  # 8.30, winter


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2025-06-02 07:00", "2025-06-02 09:00"),
        ("2025-06-02 12:00", "2025-06-03 09:00"),
        ("2025-06-06 19:00", "2025-06-09 09:00"),  # Friday evening
        ("2025-06-20 19:00", "2025-06-25 09:00"),  # before Midsummer
        ("2025-12-23 18:00", "2025-12-29 09:00"),  # before Christmas
        ("2025-03-28 19:00", "2025-03-31 09:00"),  # the clocks change between
    ],
)
def test_the_next_opening_is_on_the_next_working_day(moment: str, opening: str) -> None:
    assert HOURS.next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("moment", "minutes", "due"),
    [
        ("2025-06-02 12:00", 30, "2025-06-02 12:30"),
        ("2025-06-02 17:50", 30, "2025-06-03 09:20"),  # over the night
        ("2025-06-02 17:30", 30, "2025-06-02 18:00"),  # what fills a day is done with it
        ("2025-06-02 18:00", 30, "2025-06-03 09:30"),
        ("2025-06-02 03:00", 30, "2025-06-02 09:30"),
        ("2025-06-06 17:00", 120, "2025-06-09 10:00"),  # over a weekend
        ("2025-06-07 12:00", 540, "2025-06-09 18:00"),  # asked on Saturday, one working day
        ("2025-06-20 17:50", 30, "2025-06-25 09:20"),  # weekend and Midsummer
        ("2025-12-23 17:50", 3 * 540, "2025-12-31 17:50"),  # Christmas, a weekend, and three days of work
        ("2025-03-28 17:50", 30, "2025-03-31 09:20"),  # the clocks go forward between
        ("2025-10-24 17:50", 30, "2025-10-27 09:20"),  # and back
    ],
)
def test_working_minutes_are_counted_off_over_nights_weekends_and_holidays(moment: str, minutes: int, due: str) -> None:
    assert HOURS.after(at(moment), timedelta(minutes=minutes)) == at(due)
    assert HOURS.between(at(moment), at(due)) == timedelta(minutes=minutes)


def test_breaks_and_shortened_eves_are_no_working_time() -> None:
    hours = Hours(Week.read("E-R 9-12, 13-18; L 10-14"), TALLINN, eves_shorter=timedelta(hours=3))
    assert hours.after(at("2026-11-27 11:50"), timedelta(minutes=20)) == at("2026-11-27 13:10")
    assert hours.after(at("2026-11-27 17:50"), timedelta(minutes=20)) == at("2026-11-28 10:10")  # Saturday
    assert hours.after(at("2026-12-31 14:50"), timedelta(minutes=20)) == at("2027-01-02 10:10")  # New Year's Eve ends at 15
    assert hours.between(at("2026-12-31 09:00"), at("2027-01-02 10:00")) == timedelta(hours=5)


@pytest.mark.parametrize(("day", "length"), [("2025-03-30", 23), ("2025-10-26", 25), ("2025-06-01", 24)])
def test_a_day_around_the_clock_is_as_long_as_it_really_is(day: str, length: int) -> None:
    always = Hours(Week.read("E-P 0-24"), TALLINN, holidays_too=True)
    midnight = at(f"{day} 00:00")
    assert always.between(midnight, midnight + timedelta(days=1)) == timedelta(hours=length)
    assert always.after(midnight, timedelta(hours=length)) == midnight + timedelta(days=1)


def test_no_work_takes_no_time_and_what_is_over_was_none() -> None:
    assert HOURS.after(at("2025-06-07 12:00"), timedelta()) == at("2025-06-07 12:00")
    assert HOURS.between(at("2025-06-03 12:00"), at("2025-06-02 12:00")) == timedelta()
    assert HOURS.between(at("2025-06-07 00:00"), at("2025-06-08 23:00")) == timedelta()


def test_more_work_than_ten_years_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="working time are left"):
        HOURS.after(at("2025-06-02 12:00"), timedelta(days=3_660))


MOMENTS = st.timedeltas(timedelta(), timedelta(days=2_500)).map(lambda later: datetime(2024, 1, 1, tzinfo=UTC) + later)
WORK = st.timedeltas(timedelta(microseconds=1), timedelta(hours=200))
HOUSES = st.sampled_from(
    [
        HOURS,
        Hours(Week.read("E-R 9-12, 13-18; L 10-14"), TALLINN, eves_shorter=timedelta(hours=3)),
        Hours(Week.read("E-P 0-24"), TALLINN, holidays_too=True),
        Hours(Week.read("P 2-4.30"), TALLINN),
    ]
)


@hypothesis.settings(max_examples=60, deadline=None)
@given(hours=HOUSES, moment=MOMENTS, work=WORK)
def test_between_takes_back_what_after_has_counted_off(hours: Hours, moment: datetime, work: timedelta) -> None:
    assert hours.between(moment, hours.after(moment, work)) == work


@hypothesis.settings(max_examples=60, deadline=None)
@given(hours=HOUSES, moment=MOMENTS, later=st.timedeltas(timedelta(), timedelta(days=40)))
def test_after_finds_the_way_back_to_any_moment_of_work(hours: Hours, moment: datetime, later: timedelta) -> None:
    until = moment + later
    found = hours.after(moment, hours.between(moment, until))
    assert found <= until
    assert hours.between(found, until) == timedelta(), "nobody has worked between"


@hypothesis.settings(max_examples=60, deadline=None)
@given(hours=HOUSES, moment=MOMENTS, parts=st.tuples(WORK, WORK))
def test_a_clock_that_was_stopped_and_goes_on_is_due_when_it_would_have_been(hours: Hours, moment: datetime, parts: tuple[timedelta, timedelta]) -> None:
    first, rest = parts
    assert hours.after(hours.after(moment, first), rest) == hours.after(moment, first + rest)


def test_nobody_is_here_before_anyone_has_logged_in(database: Database, people: dict[str, str]) -> None:
    assert not people_available(database)


def test_an_agent_at_an_open_desk_is_here(database: Database, people: dict[str, str]) -> None:
    accounts.set_availability(database, people["jaan"], Availability.AVAILABLE)
    assert people_available(database)


@pytest.mark.parametrize("word", [Availability.BUSY, Availability.AWAY])
def test_who_says_no_is_not_here(database: Database, people: dict[str, str], word: Availability) -> None:
    accounts.set_availability(database, people["jaan"], word)
    assert not people_available(database)


def test_an_editor_is_nobody_to_talk_to(database: Database, people: dict[str, str]) -> None:
    accounts.set_availability(database, people["liis"], Availability.AVAILABLE)
    assert not people_available(database)


def test_a_supervisor_is(database: Database, people: dict[str, str]) -> None:
    accounts.set_availability(database, people["tiit"], Availability.AVAILABLE)
    assert people_available(database)


def test_whose_browser_is_gone_is_not_here_and_is_again_with_its_next_sign(database: Database, people: dict[str, str]) -> None:
    accounts.set_availability(database, people["jaan"], Availability.AVAILABLE)
    with database.write() as session:
        session.execute(update(AgentRow).values(seen_at=now() - accounts.PRESENT - timedelta(seconds=1)))
    assert not people_available(database)
    accounts.seen(database, people["jaan"])
    assert people_available(database)


def test_a_closed_account_is_not_here(database: Database, people: dict[str, str]) -> None:
    accounts.set_availability(database, people["jaan"], Availability.AVAILABLE)
    with database.write() as session:
        session.execute(update(AgentRow).values(active=False))
    assert not people_available(database)
