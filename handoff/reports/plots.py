"""Bars as inline SVG, drawn on the server: attributes only, so the page's content policy has nothing to forgive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 120  # units of the drawing, all bars
WIDTH = 720


@dataclass(frozen=True)
class Bar:
    """One bar: where it stands and what it says."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


def upright(values: Sequence[tuple[str, int]]) -> list[Bar]:
    """Bars that stand side by side; the highest fills the height."""
    if not values:
        return []
    most = max((value for _, value in values), default=0) or 1
    step = WIDTH / len(values)
    bars = []
    for place, (label, value) in enumerate(values):
        height = HEIGHT * value / most
        bars.append(Bar(round(place * step + step * 0.12, 1), round(HEIGHT - height, 1), round(step * 0.76, 1), round(height, 1), label, value))
    return bars


def stacked(values: Sequence[tuple[str, int, int]]) -> list[tuple[Bar, Bar]]:
    """Pairs of bars that stand on each other, the first below; the highest pair fills the height."""
    wholes = upright([(label, lower + upper) for label, lower, upper in values])
    pairs = []
    for whole, (label, lower, upper) in zip(wholes, values, strict=True):
        part = round(whole.height * lower / (lower + upper), 1) if lower + upper else 0.0
        below = Bar(whole.x, round(HEIGHT - part, 1), whole.width, part, label, lower)
        pairs.append((below, Bar(whole.x, whole.y, whole.width, round(whole.height - part, 1), label, upper)))
    return pairs


def lying(values: Sequence[tuple[str, int]]) -> list[tuple[str, int, float]]:
    """(label, value, width 0…100) of bars that lie under each other."""
    most = max((value for _, value in values), default=0) or 1
    return [(label, value, round(100 * value / most, 1)) for label, value in values]
