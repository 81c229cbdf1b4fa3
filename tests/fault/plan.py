"""Which faults happen when: made of a seed, so that the same seed plays the same plan."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Place = Literal["many", "one"]

FAULTS: dict[Place, tuple[str, ...]] = {
    "many": ("kill", "hang", "postgres", "redis", "wire", "clock", "other"),  # two processes on PostgreSQL and Redis
    "one": ("kill", "hang", "disk", "clock", "other"),  # one process on SQLite
}
BOT = "bot"  # the bot's own process is killed: beside the others, so that their plan stays what it was
BOT_CALM = 45.0  # seconds from one such to the next, about
LASTS = {"kill": (0.1, 3), "hang": (1, 8), "postgres": (0.5, 6), "redis": (1, 10), "wire": (2, 10), "disk": (2, 8), "clock": (3, 15), "other": (2, 10)}
CLOCKS_WRONG = ("clock",)
STEPS = (-7200, -600, -5, 5, 600, 7200)  # seconds by which a clock is wrong for a while
CALM = 8.0  # seconds from one fault to the next, about: they may overlap


@dataclass(frozen=True)
class Step:
    """One fault: when it begins, which, to which process (where it is about one), for how long; `by` is how wrong a clock goes. Seconds."""

    at: float
    fault: str
    whom: int
    lasts: float
    by: int = 0

    def __str__(self) -> str:
        by = f" by {self.by:+d} s" if self.by else ""
        return f"{self.at:6.1f} s  {self.fault} (process {self.whom + 1}){by}, for {self.lasts:.1f} s"


def place_of(seed: int) -> Place:
    """Every third run is on one process and SQLite."""
    return "one" if seed % 3 == 0 else "many"


def plan(seed: int, seconds: float) -> list[Step]:
    """The faults of a run of so many seconds. Each kind comes before any comes again; the last ones are over before the end."""
    chance, place = random.Random(seed), place_of(seed)
    count = max(3, round(seconds / CALM))
    kinds: list[str] = []
    while len(kinds) < count:
        kinds += chance.sample(FAULTS[place], len(FAULTS[place]))
    begins = sorted(chance.uniform(0.1, 0.8) * seconds for _ in range(count))
    steps = []
    for at, fault in zip(begins, kinds, strict=False):
        lasts = round(min(chance.uniform(*LASTS[fault]), max(seconds * 0.9 - at, 0.5)), 1)
        whom = chance.randrange(2) if place == "many" else 0
        steps.append(Step(round(at, 1), fault, whom, lasts, chance.choice(STEPS) if fault in CLOCKS_WRONG else 0))
    return sorted([*steps, *_bots(seed, seconds, place)], key=lambda step: step.at)


def _bots(seed: int, seconds: float, place: Place) -> list[Step]:
    chance = random.Random(f"{BOT} {seed}")
    count = max(1, round(seconds / BOT_CALM))
    return [Step(round(chance.uniform(0.1, 0.8) * seconds, 1), BOT, chance.randrange(2) if place == "many" else 0, 0.0) for _ in range(count)]
