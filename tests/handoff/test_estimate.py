"""What is promised to somebody who waits: a time that most waits keep, or no time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.conversations.estimate import Situation, Wait, expected, promise, sooner, told, with_places

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def waits(*minutes: float, ahead: int = 0, agents: int = 2, held: int = 2) -> list[Wait]:
    """Waits of so many minutes, one each five minutes up to now."""
    return [Wait(Situation(at(-5 * (number + 1)), ahead, agents, held), timedelta(minutes=one)) for number, one in enumerate(minutes)]


def now(ahead: int = 0, agents: int = 2, held: int = 2) -> Situation:
    return Situation(NOON, ahead, agents, held)


def minutes(known: Sequence[Wait], situation: Situation, **options: float) -> float | None:
    found = expected(known, situation, **options)
    return found.total_seconds() / 60 if found is not None else None


def test_most_of_the_waits_before_were_as_short_as_what_is_promised() -> None:
    found = minutes(waits(*range(1, 21)), now())
    assert found is not None
    assert 15 <= found <= 19


def test_a_higher_quantile_promises_a_longer_time() -> None:
    known = waits(*range(1, 21))
    low, high = minutes(known, now(), quantile=0.5), minutes(known, now(), quantile=0.95)
    assert low is not None
    assert high is not None
    assert low < high


@pytest.mark.parametrize("known", [[], waits(1, 2, 3), waits(*[2] * 30, ahead=0)], ids=["none", "three", "none in a line so long"])
def test_where_too_few_waits_are_known_no_time_is_told(known: list[Wait]) -> None:
    assert expected(known, now(ahead=20)) is None
    assert promise(known, now(ahead=20)) is None


def test_in_the_hour_that_autumn_has_twice_a_promise_is_no_hour_off() -> None:
    again = datetime(2027, 10, 31, 3, 30, fold=1, tzinfo=ZoneInfo("Europe/Tallinn"))
    shift = again.astimezone(UTC) - NOON
    known = [replace(wait, start=replace(wait.start, at=(wait.start.at + shift).astimezone(again.tzinfo))) for wait in waits(*[4] * 20)]
    promised = promise(known, replace(now(), at=again))
    assert promised is not None
    assert timedelta(minutes=4) <= promised - again.astimezone(UTC) <= timedelta(minutes=5)


def test_the_wait_grows_with_the_people_ahead() -> None:
    known = waits(*[4] * 20, ahead=1)
    assert minutes(known, now(ahead=2)) == pytest.approx(6)
    assert minutes(known, now(ahead=1)) == pytest.approx(4)


def test_twice_the_agents_take_half_the_line_s_time_and_no_less_for_a_first_glance() -> None:
    assert minutes(waits(*[8] * 20, ahead=1), now(ahead=1, agents=4, held=4)) == pytest.approx(4)
    assert minutes(waits(*[8] * 20), now(agents=4, held=4)) == pytest.approx(8)


def test_waits_at_desks_as_full_as_now_count_most() -> None:
    known = [*waits(*[0.5] * 20, held=0), *waits(*[9] * 20, held=4)]
    assert minutes(known, now(held=0)) == pytest.approx(0.5)
    assert minutes(known, now(held=4)) == pytest.approx(9)


def test_what_happens_now_counts_more_than_what_happened_last_week() -> None:
    last_week = [Wait(Situation(at(-7 * 24 * 60 - 3 * 60), 0, 2, 2), timedelta(minutes=1)) for _ in range(40)]
    assert minutes([*last_week, *waits(*[8] * 10)], now()) == pytest.approx(8)


def test_the_same_hour_of_other_days_counts_more_than_another_hour() -> None:
    yesterday, day_before = -24 * 60, -2 * 24 * 60
    at_noon = [Wait(Situation(at(start), 0, 2, 2), timedelta(minutes=6)) for start in [yesterday, day_before] * 10]
    in_the_evening = [Wait(Situation(at(start + 6 * 60), 0, 2, 2), timedelta(minutes=1)) for start in [yesterday, day_before] * 20]
    assert minutes([*at_noon, *in_the_evening], now()) == pytest.approx(6)


def test_who_waits_now_for_longer_than_usual_makes_the_promise_longer() -> None:
    known = waits(*[1] * 20)
    halted = [Wait(Situation(at(-12), 0, 2, 2), timedelta(minutes=12), open=True)] * 8
    assert minutes(known, now()) == pytest.approx(1)
    assert minutes([*known, *halted], now()) == pytest.approx(12)


def test_who_has_just_come_makes_it_no_shorter() -> None:
    known, fresh = waits(*[5] * 20), Wait(Situation(NOON, 0, 2, 2), timedelta(0), open=True)
    assert minutes([*known, fresh], now()) == minutes(known, now())


def test_after_broken_promises_more_care_is_taken() -> None:
    known = waits(*range(1, 21))
    broken = [Wait(one.start, one.length, kept=False) for one in known]
    careful, usual = promise(broken, now()), promise(known, now())
    assert careful is not None
    assert usual is not None
    assert careful > usual


@pytest.mark.parametrize(("seconds", "step"), [(1, 1), (60, 1), (61, 2), (299, 5), (11 * 60, 12), (31 * 60, 40), (3600, 60)])
def test_a_time_is_told_in_minutes_rounded_up(seconds: float, step: int) -> None:
    assert told(timedelta(seconds=seconds)) == timedelta(minutes=step)


def test_more_than_an_hour_is_not_told() -> None:
    assert told(timedelta(minutes=61)) is None


def test_a_promise_gets_better_only_when_the_line_has_halved_and_it_is_much() -> None:
    known = waits(*[2] * 20, ahead=1)
    far, near = at(20), at(3)
    assert sooner(known, now(ahead=1), ahead_then=4, promised_until=far) == at(2)
    assert sooner(known, now(ahead=3), ahead_then=4, promised_until=far) is None
    assert sooner(known, now(ahead=1), ahead_then=1, promised_until=far) is None
    assert sooner(known, now(ahead=1), ahead_then=4, promised_until=at(2.5)) is None
    assert sooner(known, now(ahead=1), ahead_then=4, promised_until=near) == at(2)


def test_a_promise_never_gets_later() -> None:
    assert sooner(waits(*[30] * 20, ahead=1), now(ahead=1), ahead_then=4, promised_until=at(5)) is None


def test_who_was_before_whom_is_read_off_bare_times() -> None:
    spans = [(at(0), at(5)), (at(1), at(8)), (at(2), at(4)), (at(9), at(10))]
    assert [wait.start.ahead for wait in with_places(spans)] == [0, 1, 0, 0]
