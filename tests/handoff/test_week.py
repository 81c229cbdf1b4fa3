"""The working week as operators write it."""

from __future__ import annotations

from datetime import time

import pytest

from handoff.week import Week

NINE_TO_SIX = ((time(9), time(18)),)


@pytest.mark.parametrize(
    "text",
    ["E-R 9-18", "E–R 9–18", "e-r 9.00-18.00", "E - R 9:00 - 18:00", "Mon-Fri 9-18", "monday - friday 9:00-18:00", "Пн-Пт 9-18", "E, T, K, N ja R 9-18"],
)
def test_the_usual_week_is_read_in_three_languages(text: str) -> None:
    assert Week.read(text).days == (NINE_TO_SIX,) * 5 + ((), ())


def test_days_have_hours_of_their_own() -> None:
    week = Week.read("E-N 9-18; R 9-16.30; L 10-14")
    assert week.days[4] == ((time(9), time(16, 30)),)
    assert week.days[5] == ((time(10), time(14)),)
    assert week.days[6] == ()


def test_a_break_parts_the_day() -> None:
    assert Week.read("E-R 9-12, 13-17").days[0] == ((time(9), time(12)), (time(13), time(17)))


@pytest.mark.parametrize("text", ["iga päev 0-24", "every day 0-24", "ежедневно 0-24", "E-P 0-24"])
def test_some_are_always_here(text: str) -> None:
    assert Week.read(text).days == (((time(0), time.max),),) * 7


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("", "such as E-R 9-18"),
        ("hommikul", "needs days and hours"),
        ("9-18", "needs days and hours"),
        ("E-X 9-18", "there is no day 'X'"),
        ("R-E 9-18", "earlier one to a later one, such as E-R"),
        ("E-R 18-9", "within the day"),
        ("E-R 9-25", "is no time of day"),
        ("E-R 9-18.75", "is no time of day"),
        ("E-R 9", "is no span of hours"),
        ("E-R 9-13, 12-17", "within the day"),
        ("E-R 9-18; R 9-16", "already has hours"),
    ],
)
def test_what_can_not_be_read_names_the_mend(text: str, mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        Week.read(text)
