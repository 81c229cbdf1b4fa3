"""Products in whole numbers: near those of the vectors, and the same whichever library multiplies."""

from __future__ import annotations

import numpy as np
import pytest

from bot.encoder import Vectors
from bot.products import Products, in_steps


def vectors(count: int, seed: int, dim: int = 128) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize("lasting", [False, True])
def test_they_are_near_the_products_of_the_vectors(lasting: bool) -> None:
    many, few = vectors(500, 1), vectors(7, 2)
    steps, step = in_steps(many)
    asked, asked_step = in_steps(few)
    assert np.abs(Products(steps, lasting=lasting).of(asked) * step * asked_step - few @ many.T).max() < 0.01


def test_they_are_the_same_to_the_last_bit_however_they_are_made() -> None:
    greatest = np.full((1, 128), 127, np.int8)
    steps = np.concatenate([in_steps(vectors(300, 3))[0], greatest, -greatest])
    asked = np.concatenate([in_steps(vectors(5, 4))[0], greatest, -greatest])
    exact = asked.astype(np.int64) @ steps.astype(np.int64).T
    for lasting in (False, True):
        found = Products(steps, lasting=lasting).of(asked)
        assert found.dtype == np.int32
        assert (found == exact).all()


def test_nothing_at_all_has_products_too() -> None:
    nothing = Products(np.zeros((0, 128), np.int8), lasting=True)
    assert nothing.of(in_steps(vectors(3, 5))[0]).shape == (3, 0)
    assert in_steps(np.zeros((2, 4), np.float32))[0].tolist() == [[0] * 4] * 2
