"""How long a customer will wait for a person: from waits that have ended to a time that most of the next waits will keep. Pure.

The method is a weighted empirical quantile, as in split conformal prediction for data that drift (R. F. Barber, E. J. Candès, A. Ramdas and
R. J. Tibshirani, "Conformal prediction beyond exchangeability", Annals of Statistics 51, 2023): no shape of a distribution is assumed, and a
promise at the quantile q is kept by a share of about q as long as the weights favour waits like the one to come. Each past wait is first brought
to the new situation by the queue-length rule that a wait grows with the place in the line and shrinks with the people at work (R. Ibrahim and
W. Whitt, "Real-time delay estimation based on delay history", M&SOM 11, 2009). What weighs is then

- likeness: a similar place and a similar load of the agents (Gaussian kernels),
- age: the last hour most, the same hour and kind of day of earlier weeks more than the rest,
- and who waits now for longer than the result says: such a wait counts as at least so long, so that a line that has come to a halt is noticed.

When the promises of the last hours were broken too often, more caution is taken: the quantile moves with what came of the promises, after
I. Gibbs and E. J. Candès, "Adaptive conformal inference under distribution shift", NeurIPS 2021.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

QUANTILE = 0.82  # aimed at, so that at least four promises of five are kept on a day unlike those before, too
CAREFULLEST = 0.97
RECENT = 12  # promises by which the present care is judged
RECENTLY = timedelta(hours=4)
FEWEST = 8.0  # so many waits like this one must have been seen, or no time is told
FRESH = timedelta(hours=1)  # half-life of what is going on today
LASTING = timedelta(days=20)  # half-life of what is usual
USUAL = 0.15  # weight of the usual beside what happened just now
PLACE_WIDTH, LOAD_WIDTH = 0.4, 0.25  # of the kernels: the logarithm of the place, conversations an agent
NEGLIGIBLE = 0.001
WEEKEND = 5
MUCH = 0.75  # of what is left: only a promise as much better takes the place of another
STEPS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 60)  # minutes that are told; what takes longer gets no time


@dataclass(frozen=True)
class Situation:
    """What matters when a promise is made. `ahead` counts the customers before this one, `held` the conversations that agents have.

    Where nobody noted how many agents there were, `agents` and `held` are None and say nothing.
    """

    at: datetime
    ahead: int
    agents: int | None = None
    held: int | None = None


@dataclass(frozen=True)
class Wait:
    """A wait from a situation on: `length` until an agent came, or until now while it is `open`. `kept` says how the promise for it
    turned out; None where none was made or the time is not up."""

    start: Situation
    length: timedelta
    open: bool = False
    kept: bool | None = None


def expected(waits: Sequence[Wait], situation: Situation, *, quantile: float = QUANTILE) -> timedelta | None:
    """The time within which a person comes in `quantile` of such situations; None when too few like it have been seen.

    Moments count in the zone they carry: give them all in the house's own.
    """
    weighed: list[tuple[float, float]] = []
    seen = 0.0
    for wait in waits:
        if wait.open:
            continue
        likeness = _likeness(wait.start, situation)
        if likeness < NEGLIGIBLE:
            continue
        seen += likeness
        weighed.append((_brought(wait, situation), likeness * _freshness(wait.start.at, situation.at)))
    if seen < FEWEST:
        return None
    found = _quantile(weighed, quantile)
    longer = [(length, _likeness(wait.start, situation)) for wait in waits if wait.open and (length := _brought(wait, situation)) > found]
    return timedelta(seconds=_quantile([*weighed, *longer], quantile) if longer else found)


def told(length: timedelta) -> timedelta | None:
    """The time as it is promised: rounded up to minutes that people say; None for more than an hour."""
    minutes = length.total_seconds() / 60
    return next((timedelta(minutes=step) for step in STEPS if minutes <= step), None)


def promise(waits: Sequence[Wait], situation: Situation) -> datetime | None:
    """Until when a person comes, as it is promised; None when no time can be told. `waits` are in the order in which they ended."""
    length = expected(waits, situation, quantile=_careful(waits, situation.at))
    step = told(length) if length is not None else None
    return situation.at.astimezone(UTC) + step if step else None  # a zone's own time would go back an hour in autumn


def sooner(waits: Sequence[Wait], situation: Situation, *, ahead_then: int, promised_until: datetime | None) -> datetime | None:
    """A better promise in place of one that was made with `ahead_then` customers ahead; None to leave it as it is.

    A promise never becomes later before its time is up, and changes only for much: the line has halved, and a quarter of the time is gone.
    """
    if not moved_much(ahead_then, situation.ahead):
        return None
    better = promise(waits, situation)
    if better is None or promised_until is None:
        return better
    return better if better - situation.at <= MUCH * (promised_until - situation.at) else None


def moved_much(ahead_then: int, ahead: int) -> bool:
    """Whether the line before a customer has halved: then it is worth asking for a better promise."""
    return ahead < ahead_then and ahead <= ahead_then // 2


def with_places(spans: Iterable[tuple[datetime, datetime]]) -> list[Wait]:
    """Waits from bare (waiting since, claimed at) pairs, first come first served: who was before whom is read off the times."""
    ordered = sorted(spans)
    waits: list[Wait] = []
    line: list[datetime] = []  # when those before are claimed
    for since, claimed in ordered:
        line = [end for end in line if end > since]
        waits.append(Wait(Situation(since, sum(end <= claimed for end in line)), claimed - since))
        line.append(claimed)
    return waits


def _careful(waits: Sequence[Wait], at: datetime) -> float:
    """The quantile, higher as long as too few of the latest promises were kept."""
    judged = [wait.kept for wait in waits if wait.kept is not None and at - wait.start.at <= RECENTLY][-RECENT:]
    missing = QUANTILE - sum(judged) / RECENT - (RECENT - len(judged)) / RECENT  # who has not been judged has not been let down
    return min(CAREFULLEST, QUANTILE + max(0.0, missing))


def _brought(wait: Wait, situation: Situation) -> float:
    """The wait's seconds as they would be at the other place with the other number of agents. Who finds no line waits for the
    first glance of an agent, and more agents don't make that shorter."""
    seconds = wait.length.total_seconds()
    if not (wait.start.ahead or situation.ahead):
        return seconds
    agents = (wait.start.agents or 1) / (situation.agents or 1) if wait.start.agents and situation.agents else 1.0
    return seconds * agents * (situation.ahead + 1) / (wait.start.ahead + 1)


def _likeness(one: Situation, other: Situation) -> float:
    place = math.log((one.ahead + 1) / (other.ahead + 1)) / PLACE_WIDTH
    load = 0.0
    if one.held is not None and other.held is not None and one.agents and other.agents:
        load = (one.held / one.agents - other.held / other.agents) / LOAD_WIDTH
    return math.exp(-(place * place + load * load) / 2)


def _freshness(at: datetime, now: datetime) -> float:
    age = now - at
    usual = USUAL * 0.5 ** (age / LASTING)
    if abs((now.hour * 60 + now.minute) - (at.hour * 60 + at.minute)) <= 60:
        usual *= 2
    if (now.weekday() >= WEEKEND) == (at.weekday() >= WEEKEND):
        usual *= 2
    return float(0.5 ** (age / FRESH) + usual)


def _quantile(weighed: list[tuple[float, float]], quantile: float) -> float:
    """The smallest value that has at least this share of the weight at or below it."""
    weighed.sort()
    wanted = quantile * sum(weight for _, weight in weighed)
    reached = 0.0
    for value, weight in weighed:
        reached += weight
        if reached >= wanted:
            return value
    return weighed[-1][0]
