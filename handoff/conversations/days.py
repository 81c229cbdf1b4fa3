"""Days to try promises on: generated ones, with everything that goes wrong on a desk, and recorded ones from a small file.

A generated day is a simulation: customers come at random (Poisson, at a rate that changes over the day), agents answer several chats at once,
glance at the line after a while (log-normal), need long for some customers (log-normal), go to lunch, leave. Complaints go first, as on the desk.
"""

from __future__ import annotations

import csv
import heapq
import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from handoff.conversations.estimate import Situation, Wait, with_places
from handoff.errors import Unreadable

HOUR = 3600.0
OPEN_HOURS = 9
COMPLAINTS = 0.05  # share of customers
FIRST_DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
COLUMNS = ("waiting_since", "claimed_at")

ByHour = Callable[[float], float]
"""Hours since the opening → a value."""


@dataclass(frozen=True)
class DayKind:
    """What sort of day it is: customers an hour and agents over the day, and how agents work (seconds; spread of the logarithm)."""

    name: str
    rate: ByHour
    agents: Callable[[float], int]
    at_once: int = 2
    glance: float = 30
    handling: float = 480
    spread: float = 0.7


def _always(value: float) -> ByHour:
    return lambda _hour: value


KINDS = (
    DayKind("quiet", _always(6), lambda _: 2),
    DayKind("ordinary", _always(16), lambda _: 2),
    DayKind("rush hours", lambda hour: 34 if 1 <= hour < 3 or 5 <= hour < 6.5 else 10, lambda _: 2),
    DayKind("lunch", _always(20), lambda hour: 1 if 3 <= hour < 4.5 else 3),
    DayKind("an agent leaves", _always(18), lambda hour: 3 if hour < 5 else 2),
    DayKind("long talks", _always(7), lambda _: 2, handling=900, spread=1.1),
    DayKind("one agent alone", _always(7), lambda _: 1),
)


@dataclass
class Story:
    """One customer's wait: the situation on arrival and after each move of the line, and when an agent came."""

    moments: list[Situation]
    claimed: datetime

    @property
    def wait(self) -> Wait:
        return Wait(self.moments[0], self.claimed - self.moments[0].at)


@dataclass
class _Desk:
    """The simulation of one day; time is seconds since the opening."""

    kind: DayKind
    chance: random.Random
    opening: datetime
    line: list[tuple[int, float, int]] = field(default_factory=list)  # (no complaint, since, customer)
    held: int = 0
    glances: int = 0  # agents on their way to the line
    agenda: list[tuple[float, int, int]] = field(default_factory=list)  # (when, what, customer)
    moments: dict[int, list[Situation]] = field(default_factory=dict)
    claimed: dict[int, datetime] = field(default_factory=dict)

    def run(self) -> list[Story]:
        for number, when in enumerate(self._arrivals()):
            heapq.heappush(self.agenda, (when, ARRIVES, number))
        for quarter in range(OPEN_HOURS * 4):
            heapq.heappush(self.agenda, (quarter * HOUR / 4, LOOKS_ROUND, 0))
        while self.agenda:
            now, what, customer = heapq.heappop(self.agenda)
            if what == ARRIVES:
                self._arrive(now, customer)
            elif what == GLANCES:
                self._claim(now)
            elif what == ENDS:
                self.held -= 1
            self._send_agents(now)
        told = ((self.moments[number], claimed) for number, claimed in self.claimed.items())
        return sorted((Story(moments, claimed) for moments, claimed in told), key=lambda story: story.moments[0].at)

    def _arrivals(self) -> Iterable[float]:
        """A Poisson process with a changing rate, by thinning."""
        highest = max(self.kind.rate(quarter / 4) for quarter in range(OPEN_HOURS * 4))
        now = 0.0
        while (now := now + self.chance.expovariate(highest / HOUR)) < OPEN_HOURS * HOUR:
            if self.chance.random() < self.kind.rate(now / HOUR) / highest:
                yield now

    def _arrive(self, now: float, customer: int) -> None:
        entry = (0 if self.chance.random() < COMPLAINTS else 1, now, customer)
        heapq.heappush(self.line, entry)
        self.moments[customer] = [self._situation(now, sorted(self.line).index(entry))]

    def _claim(self, now: float) -> None:
        self.glances -= 1
        if not self.line:
            return
        *_, customer = heapq.heappop(self.line)
        self.claimed[customer] = self._at(now)
        self.held += 1
        heapq.heappush(self.agenda, (now + self._drawn(self.kind.handling, self.kind.spread), ENDS, 0))
        for place, (*_, waiting) in enumerate(sorted(self.line)):
            self.moments[waiting].append(self._situation(now, place))

    def _send_agents(self, now: float) -> None:
        """Whoever has a hand free looks at the line after a while."""
        while self.glances < min(len(self.line), self._agents(now) * self.kind.at_once - self.held):
            self.glances += 1
            heapq.heappush(self.agenda, (now + self._drawn(self.kind.glance, 0.6), GLANCES, 0))

    def _drawn(self, middle: float, spread: float) -> float:
        return self.chance.lognormvariate(math.log(middle), spread)

    def _agents(self, now: float) -> int:
        return self.kind.agents(min(now / HOUR, OPEN_HOURS - 0.01))

    def _at(self, now: float) -> datetime:
        return self.opening + timedelta(seconds=now)

    def _situation(self, now: float, ahead: int) -> Situation:
        return Situation(self._at(now), ahead, self._agents(now), self.held)


ARRIVES, GLANCES, ENDS, LOOKS_ROUND = range(4)


def generated(kinds: Iterable[DayKind], *, seed: int) -> list[Story]:
    """One day after another, weekends left out; the same seed gives the same days."""
    chance = random.Random(seed)  # noqa: S311  (a simulation, no secret)
    stories: list[Story] = []
    for number, kind in enumerate(kinds):
        opening = FIRST_DAY + timedelta(days=number // 5 * 7 + number % 5)
        stories += _Desk(kind, chance, opening).run()
    return stories


def read(path: Path) -> list[Story]:
    """Recorded days: a CSV with the columns `waiting_since` and `claimed_at`, ISO 8601 with an offset. Raises `Unreadable` naming the line."""
    spans: list[tuple[datetime, datetime]] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        if not set(COLUMNS) <= set(table.fieldnames or ()):
            raise Unreadable(f"{path}: the first line must name the columns {', '.join(COLUMNS)}.")
        for row in table:
            spans.append(_span(row, f"{path}, line {table.line_num}"))
    return [Story([wait.start], wait.start.at + wait.length) for wait in with_places(spans)]


def write(path: Path, spans: Iterable[tuple[datetime, datetime]]) -> int:
    """Keep (waiting since, claimed at) pairs in the form that `read` reads; gives how many."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        lines = [(since.isoformat(timespec="seconds"), claimed.isoformat(timespec="seconds")) for since, claimed in spans]
        table.writerows(lines)
    return len(lines)


def _span(row: dict[str, str], place: str) -> tuple[datetime, datetime]:
    try:
        since, claimed = (datetime.fromisoformat(row[column] or "") for column in COLUMNS)
    except ValueError:
        raise Unreadable(f"{place}: both times must be like 2026-03-02T09:15:00+02:00.") from None
    if since.tzinfo is None or claimed.tzinfo is None:
        raise Unreadable(f"{place}: the times need an offset, such as +02:00.")
    if claimed < since:
        raise Unreadable(f"{place}: nobody is claimed before waiting.")
    return since, claimed
