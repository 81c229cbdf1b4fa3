"""When a customer may be called: the times that are offered, how they are said, nights in which clocks are changed, and times that somebody made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.understanding import LANGUAGES, Language
from handoff.call_times import ALONE, CallTimes
from handoff.conversations.calls import Window
from handoff.database import now
from handoff.dates import WEEKDAYS
from handoff.errors import Unreadable
from handoff.schedule import Hours
from handoff.texts import Texts
from handoff.week import Week
from tests.conftest import ROOT

TALLINN = ZoneInfo("Europe/Tallinn")
HOURS = Hours(Week.read("E-R 9-18"), TALLINN, eves_shorter=timedelta(hours=3))
TWO = timedelta(hours=2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TALLINN)


def pieces(hours: Hours, since: str, days: int = 1) -> list[str]:
    return [f"{a.astimezone(TALLINN):%d.%m %H:%M}–{b.astimezone(TALLINN):%H:%M}" for a, b in hours.windows(at(since), length=TWO, days=days)]


def test_the_rest_of_a_day_is_offered_in_pieces_that_have_not_begun() -> None:
    assert pieces(HOURS, "2026-11-23 12:40") == ["23.11 13:00–15:00", "23.11 15:00–17:00", "23.11 17:00–18:00"]


def test_after_the_last_piece_the_next_working_day_comes_and_weekends_do_not_count() -> None:
    assert pieces(HOURS, "2026-11-20 17:01", days=2)[::5] == ["23.11 09:00–11:00", "24.11 09:00–11:00"]


def test_an_eve_is_shorter_and_holidays_are_passed_over() -> None:
    assert pieces(HOURS, "2026-12-23 08:00", days=2) == [
        *("23.12 09:00–11:00", "23.12 11:00–13:00", "23.12 13:00–15:00"),
        *("28.12 09:00–11:00", "28.12 11:00–13:00", "28.12 13:00–15:00", "28.12 15:00–17:00", "28.12 17:00–18:00"),
    ]


def test_a_break_parts_the_pieces_and_a_short_rest_belongs_to_the_last_one() -> None:
    hours = Hours(Week.read("E 9-12, 13-15.30"), TALLINN)
    assert pieces(hours, "2026-11-23 08:00") == ["23.11 09:00–11:00", "23.11 11:00–12:00", "23.11 13:00–15:30"]


def test_in_the_night_in_which_clocks_go_back_no_hour_is_lost() -> None:
    found = Hours(Week.read("iga päev 0-6"), TALLINN).windows(at("2026-10-25 00:00"), length=TWO, days=1)
    assert [(a.astimezone(UTC).hour, b.astimezone(UTC).hour) for a, b in found] == [(21, 23), (23, 1), (1, 3), (3, 4)]


TIMES = CallTimes(HOURS, Texts(ROOT / "handoff" / "texts"))
NOON = Window(at("2026-11-24 13:00"), at("2026-11-24 15:00"))


@pytest.mark.parametrize(
    ("language", "said"),
    [("et", "teisipäeval, 24. novembril kell 13–15"), ("en", "on Tuesday, 24 November, 13:00–15:00"), ("ru", "во вторник, 24 ноября, 13:00–15:00")],
)
def test_a_time_is_said_as_people_say_it(language: Language, said: str) -> None:
    assert TIMES.when(NOON, language) == said
    assert said in TIMES.wish("20261124T1100Z", NOON, language)


def test_a_time_over_days_is_said_by_its_end() -> None:
    assert TIMES.when(Window(at("2026-11-20 15:00"), at("2026-11-23 14:00")), "et") == "hiljemalt esmaspäeval, 23. novembril kell 14"


def test_every_offered_time_can_be_chosen_and_others_can_not() -> None:
    keys = [choice.key for day in TIMES.offered("et") for choice in day.choices]
    assert len(keys) > 10
    assert all(TIMES.chosen(key).ends > now() for key in keys)
    for key in ("20200101T0700Z", "homme", "x" * 5000):
        with pytest.raises(Unreadable) as refusal:
            TIMES.chosen(key)
        assert (refusal.value.code, refusal.value.field) == ("time_gone", "window")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_choice_says_its_weekday_too_for_a_closed_list_shows_nothing_else(language: Language) -> None:
    for day in TIMES.offered(language):
        assert all(choice.label.split()[0] in WEEKDAYS[language] for choice in day.choices)
        assert {choice.label.split()[0] for choice in day.choices} == {choice.label.split()[0] for choice in day.choices[:1]}


TEXTS = Texts(ROOT / "handoff" / "texts")
SPRING, AUTUMN = "2026-03-29 00:00", "2026-10-25 00:00"  # Sundays on which clocks are changed


def night(week: str, since: str) -> list[tuple[str, str]]:
    """The pieces of one day in UTC, and how they are said."""
    hours = Hours(Week.read(week), TALLINN)
    found = [Window(*piece) for piece in hours.windows(at(since), length=TWO, days=1)]
    times = CallTimes(hours, TEXTS)
    assert len({times.key(window) for window in found}) == len(found), "a time that comes twice has two names"
    return [(f"{one.starts.astimezone(UTC):%d %H:%M}–{one.ends.astimezone(UTC):%H:%M}", times.clock(one, "et")) for one in found]


def test_in_the_night_in_which_clocks_go_forward_no_hour_is_promised_that_does_not_come() -> None:
    assert night("iga päev 0-6", SPRING) == [("28 22:00–00:00", "0–2"), ("29 00:00–02:00", "2–5"), ("29 02:00–03:00", "5–6")]
    assert night("P 3.30-9", SPRING) == [("29 01:30–03:30", "4.30–6.30"), ("29 03:30–06:00", "6.30–9")], "half past three does not come"


def test_a_day_whose_only_hour_does_not_come_offers_the_next_one() -> None:
    assert [said[0][:2] for said in night("P 3-4", SPRING)] == ["12"], "the Sunday between is Easter"


def test_a_time_that_comes_twice_is_its_first_one_and_lasts_its_two_hours() -> None:
    assert night("P 3.30-9", AUTUMN) == [("25 00:30–02:30", "3.30–4.30"), ("25 02:30–04:30", "4.30–6.30"), ("25 04:30–07:00", "6.30–9")]


@pytest.mark.parametrize(
    "name", ["20261124T1100", "20261124T1100+0000", " 20261124T1100Z", "２０２６1124T1100Z", "20261124T1100Z\n", "20261332T2575Z", "0", "\x00"]
)
def test_a_name_that_is_none_is_no_time(name: str) -> None:
    with pytest.raises(Unreadable):
        TIMES.chosen(name)


@pytest.mark.parametrize("shift", [timedelta(minutes=1), timedelta(minutes=-30), timedelta(hours=12), timedelta(days=60), timedelta(days=-7)], ids=str)
def test_a_made_up_time_beside_those_that_are_offered_is_refused(shift: timedelta) -> None:
    offered = [choice.key for day in TIMES.offered("et") for choice in day.choices]
    window = TIMES.chosen(offered[-1])
    forged = TIMES.key(Window(window.starts + shift, window.ends + shift))
    with pytest.raises(Unreadable):
        TIMES.chosen(forged)


@pytest.mark.parametrize(
    ("written", "starts"),
    [
        ("2026-11-24T15:20", datetime(2026, 11, 24, 13, 20, tzinfo=UTC)),
        ("2026-07-24T15:20", datetime(2026, 7, 24, 12, 20, tzinfo=UTC)),
        ("2027-03-28T03:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # clocks go from 3 to 4: it is 4.30
        ("2026-10-25T03:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first
    ],
)
def test_an_agents_own_time_is_of_the_house_clock(written: str, starts: datetime) -> None:
    window = CallTimes(HOURS, TEXTS).at(written)
    assert (window.starts, window.ends - window.starts) == (starts, ALONE)


@pytest.mark.parametrize("written", ["kell kolm", "2026-11-24T15:20+02:00", "0001-01-01T00:00"])
def test_what_is_no_time_of_the_house_is_refused(written: str) -> None:
    with pytest.raises(Unreadable, match="no time"):
        CallTimes(HOURS, TEXTS).at(written)


def test_a_time_before_midnight_stays_on_its_day() -> None:
    window = CallTimes(HOURS, TEXTS).at("2026-11-24T23:40")
    assert CallTimes(HOURS, TEXTS).when(window, "et") == "teisipäeval, 24. novembril kell 23.40–23.59"
