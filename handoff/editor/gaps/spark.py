"""Weeks as a small line, drawn on the server: attributes only, so the page's content policy has nothing to forgive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

WEEKS = 8
WIDTH, HEIGHT = 96, 28
_EDGE = 3
WEEK = timedelta(days=7)


def by_week(moments: Iterable[datetime], today: datetime) -> list[int]:
    """How many in each of the last weeks of seven days, the newest last."""
    counts = [0] * WEEKS
    for moment in moments:
        ago = (today - moment) // WEEK
        if 0 <= ago < WEEKS:
            counts[WEEKS - 1 - ago] += 1
    return counts


def line(counts: Sequence[int]) -> str:
    """The points of a polyline that fills the drawing, nought at its foot."""
    most = max(counts, default=0) or 1
    step = (WIDTH - 2 * _EDGE) / max(len(counts) - 1, 1)
    height = HEIGHT - 2 * _EDGE
    return " ".join(f"{_EDGE + step * place:.1f},{HEIGHT - _EDGE - height * count / most:.1f}" for place, count in enumerate(counts))
