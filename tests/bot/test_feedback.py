from __future__ import annotations

import numpy as np
import pytest

from bot.faq.feedback import fitted_shift
from bot.faq.regression import Curve, logit, sigmoid
from bot.understanding import Outcome


def told(probability: float, right: int, wrong: int, shift: float = 0.0) -> list[Outcome]:
    return [Outcome(probability, True, shift)] * right + [Outcome(probability, False, shift)] * wrong


def test_without_outcomes_nothing_moves() -> None:
    assert fitted_shift([]) == 0.0


def test_promises_that_were_kept_stay_where_they_are() -> None:
    assert fitted_shift(told(0.8, 80, 20)) == pytest.approx(0.0, abs=0.02)


def test_many_broken_promises_lower_the_next_ones_to_what_was_kept() -> None:
    moved = sigmoid(logit(0.8) + fitted_shift(told(0.8, 600, 400)))
    assert float(moved) == pytest.approx(0.6, abs=0.03)


def test_a_few_angry_thumbs_move_little() -> None:
    assert -0.4 < fitted_shift(told(0.9, 0, 2)) < 0


def test_what_was_promised_under_a_shift_is_judged_without_it() -> None:
    before = fitted_shift(told(0.8, 60, 40))
    shifted = float(sigmoid(logit(0.8) + before))
    assert fitted_shift(told(shifted, 60, 40, shift=before)) == pytest.approx(before, abs=1e-6)


def test_an_all_but_sure_answer_that_was_wrong_does_not_outweigh_the_rest() -> None:
    assert fitted_shift(told(0.7, 70, 30) + told(0.999999, 0, 1)) > -0.2


def test_a_shifted_curve_rises_still_and_moves_every_probability() -> None:
    curve = Curve(np.array([-1.0, 0.0, 1.0]), np.array([0.1, 0.5, 0.9]))
    lower = curve.shifted(-0.7)
    assert np.all(np.diff(lower.y) > 0)
    assert np.all(lower.y < curve.y)
    assert curve.shifted(0.0) is curve
