"""Intervals against values from the books."""

from __future__ import annotations

import pytest

from handoff.reports.intervals import average, nps, quantile, rises, share


def test_a_share_has_wilsons_interval() -> None:
    found = share(8, 10)  # Wilson 95 %: (0.8 + 0.19207 ± 1.96 √(0.016 + 0.0096)) / 1.38415
    assert found.low == pytest.approx(0.4902, abs=1e-3)
    assert found.high == pytest.approx(0.9433, abs=1e-3)
    assert (share(0, 10).low, share(10, 10).high) == (0, 1)


def test_a_mean_has_students_interval_from_five_values_on() -> None:
    found = average([1, 2, 3, 4, 5])  # s² = 2.5, t(4) = 2.776: ± 2.776 · √0.5 = 1.963
    assert found.value == 3
    assert found.low == pytest.approx(3 - 1.963, abs=0.03)
    assert average([1, 2]).low is None


def test_nps_is_promoters_less_detractors() -> None:
    found = nps([10, 9, 8, 7, 6, 0, 10, 9, 9, 3])  # 5 up, 3 down of ten: 20 points, spread √(0.8 − 0.04)
    assert found.value == pytest.approx(20)
    assert found.low == pytest.approx(20 - 100 * 1.96 * (0.76 / 10) ** 0.5, abs=0.01)


def test_nothing_is_no_figure() -> None:
    assert [one.value for one in (share(0, 0), average([]), nps([]))] == [None] * 3
    assert quantile([], 0.5) is None


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert (quantile([1, 2, 3, 4], 0.5), quantile([7], 0.95)) == (2.5, 7)


@pytest.mark.parametrize(("now", "before", "is_rise"), [(12, 3, True), (12, 11, False), (4, 0, False), (5, 0, True), (3, 12, False)])
def test_what_rises_is_no_chance(now: int, before: int, *, is_rise: bool) -> None:
    assert rises(now, before) is is_rise
