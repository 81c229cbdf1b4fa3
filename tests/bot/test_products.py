"""Products in whole numbers: near those of the vectors, and exact."""

from __future__ import annotations

import numpy as np

from bot.encoder import Vectors
from bot.products import Products, in_steps


def vectors(count: int, seed: int, dim: int = 128) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def test_they_are_near_the_products_of_the_vectors() -> None:
    many, few = vectors(500, 1), vectors(7, 2)
    steps, step = in_steps(many)
    asked, asked_step = in_steps(few)
    assert np.abs(Products(steps).of(asked) * step * asked_step - few @ many.T).max() < 0.01


def test_the_sums_are_exact_also_the_greatest() -> None:
    greatest = np.full((1, 128), 127, np.int8)
    steps = np.concatenate([in_steps(vectors(300, 3))[0], greatest, -greatest])
    asked = np.concatenate([in_steps(vectors(5, 4))[0], greatest, -greatest])
    exact = asked.astype(np.int64) @ steps.astype(np.int64).T
    assert (Products(steps).of(asked) == exact).all()


def test_what_rounding_left_brings_them_nearer() -> None:
    steps, step = in_steps(vectors(500, 6))
    few = vectors(7, 7)
    exact = few @ (steps * np.float32(step)).T
    found, one = Products(steps).near(few)
    rough, coarse = in_steps(few)
    off, rough_off = (np.abs(either - exact).max() for either in (found * (one * step), Products(steps).of(rough) * (coarse * step)))
    assert off < rough_off / 50
    assert off < 0.0001


def test_nothing_at_all_has_products_too() -> None:
    nothing = Products(np.zeros((0, 128), np.int8))
    assert nothing.of(in_steps(vectors(3, 5))[0]).shape == (3, 0)
    assert in_steps(np.zeros((2, 4), np.float32))[0].tolist() == [[0] * 4] * 2
