"""How much a figure may be off by chance: 95 % intervals, each with the source of its formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)  # 1.96


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval and the size of its sample. None: there is nothing, or too little, to tell it from."""

    value: float | None
    low: float | None
    high: float | None
    size: int


def share(part: int, whole: int) -> Estimate:
    """Wilson's score interval (Wilson 1927, JASA 22): stays within 0 and 1 and holds for small samples."""
    if not whole:
        return Estimate(None, None, None, 0)
    p, weight = part / whole, Z * Z / whole
    middle = (p + weight / 2) / (1 + weight)
    half = Z * sqrt(p * (1 - p) / whole + weight / whole / 4) / (1 + weight)
    return Estimate(p, max(0.0, middle - half) if part else 0.0, min(1.0, middle + half) if part < whole else 1.0, whole)


def average(values: Sequence[float]) -> Estimate:
    """The mean with Student's interval; the quantile of t by Cornish and Fisher's expansion (Abramowitz & Stegun 26.7.5), from five values on."""
    if not values:
        return Estimate(None, None, None, 0)
    size = len(values)
    middle = fsum(values) / size
    if size < 5:
        return Estimate(middle, None, None, size)
    variance = fsum((value - middle) ** 2 for value in values) / (size - 1)
    half = _t(size - 1) * sqrt(variance / size)
    return Estimate(middle, middle - half, middle + half, size)


def nps(scores: Sequence[int]) -> Estimate:
    """Promoters (9, 10) less detractors (0 to 6) in points of a hundred; each answer counts +1, 0 or −1 and the interval is that of their mean."""
    if not scores:
        return Estimate(None, None, None, 0)
    size = len(scores)
    up, down = sum(score >= 9 for score in scores) / size, sum(score <= 6 for score in scores) / size
    half = Z * sqrt((up + down - (up - down) ** 2) / size)
    return Estimate(100 * (up - down), max(-100.0, 100 * (up - down - half)), min(100.0, 100 * (up - down + half)), size)


def quantile(values: Sequence[float], part: float) -> float | None:
    """The value below which `part` of all lie, between neighbours by weight (Hyndman & Fan's type 7)."""
    if not values:
        return None
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def rises(now: int, before: int) -> bool:
    """Whether so many more than before are no chance: two Poisson counts, the normal approximation of their difference, one in fifty by chance."""
    return now >= 5 and now > before and (now - before) / sqrt(now + before) >= 2


def _t(freedom: float) -> float:
    z = Z
    terms = ((z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384)
    return z + terms[0] / freedom + terms[1] / freedom**2 + terms[2] / freedom**3
