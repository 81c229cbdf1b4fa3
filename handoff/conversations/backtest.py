"""Tries promises on days that are over: each is made with what was known at its moment, and judged by what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from handoff.conversations.days import Story
from handoff.conversations.estimate import Wait, moved_much, promise, sooner

REMEMBERED = 400  # the newest waits are learned from


@dataclass(frozen=True)
class Judged:
    """A promise and how long it really took."""

    promised: timedelta
    took: timedelta
    first: bool  # on arrival; others came as the line moved

    @property
    def kept(self) -> bool:
        return self.took <= self.promised


@dataclass(frozen=True)
class Verdict:
    """How the promises of some days turned out. `untold` customers got no time, because too little was known or it takes over an hour."""

    judged: tuple[Judged, ...]
    untold: int

    @property
    def kept(self) -> float:
        """Share of promises kept, 0…1; 0 when none was made."""
        return sum(one.kept for one in self.judged) / len(self.judged) if self.judged else 0.0

    @property
    def over(self) -> float:
        """How many times longer than the wait the promise is, in the middle."""
        return median(one.promised / max(one.took, timedelta(seconds=1)) for one in self.judged) if self.judged else 0.0

    @property
    def median_wait(self) -> timedelta:
        return _middle([one.took for one in self.judged])

    @property
    def median_promise(self) -> timedelta:
        return _middle([one.promised for one in self.judged])


@dataclass
class _Customer:
    """One customer of the days and what they were told."""

    story: Story
    ahead: int = 0  # when they were told something last
    first: datetime | None = None  # until when, as promised on arrival
    last: datetime | None = None

    def wait(self, at: datetime) -> Wait:
        """What is known of the wait at a moment."""
        arrival, claimed = self.story.moments[0], self.story.claimed
        time_is_up = self.first is not None and min(at, claimed) > self.first
        kept = False if time_is_up else True if self.first and claimed <= at else None
        return Wait(arrival, min(at, claimed) - arrival.at, open=claimed > at, kept=kept)


def judge(stories: Sequence[Story], *, learn_from: int = 0) -> Verdict:
    """Promise to each customer on arrival, and anew as the line moves, with nothing but what was known by then.

    Nothing is promised to the first `learn_from` customers: those only teach.
    """
    customers = [_Customer(story) for story in stories]
    to_end = sorted(customers, key=lambda one: one.story.claimed, reverse=True)
    known: list[Wait] = []
    waiting: list[_Customer] = []
    judged: list[Judged] = []
    untold = 0
    for at, number, place in sorted((start.at, number, place) for number, story in enumerate(stories) for place, start in enumerate(story.moments)):
        customer = customers[number]
        while to_end and to_end[-1].story.claimed <= at:
            ended = to_end.pop()
            known.append(ended.wait(at))
            waiting.remove(ended)
        before = tuple(waiting)
        if place == 0:
            waiting.append(customer)
        if number < learn_from or not (place == 0 or moved_much(customer.ahead, customer.story.moments[place].ahead)):
            continue
        until = _told(customer, [*known[-REMEMBERED:], *(one.wait(at) for one in before)], place)
        untold += until is None and place == 0
        if until is not None:
            judged.append(Judged(until - at, customer.story.claimed - at, first=place == 0))
    return Verdict(tuple(judged), untold)


def _told(customer: _Customer, waits: Sequence[Wait], place: int) -> datetime | None:
    """What the customer is promised now; None when nothing new."""
    now = customer.story.moments[place]
    if place == 0:
        customer.first = customer.last = promise(waits, now)
        customer.ahead = now.ahead
        return customer.last
    until = sooner(waits, now, ahead_then=customer.ahead, promised_until=customer.last)
    if until is not None:
        customer.ahead, customer.last = now.ahead, until
    return until


def _middle(times: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(time.total_seconds() for time in times)) if times else timedelta()
