"""The working week as people write it: „E-R 9-18; L 10-14“. A leaf: reads the text, knows nothing of dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

NAMES = (  # Monday first; each may be shortened as long as it stays the only one
    ("e", "esmaspäev", "mo", "monday", "пн", "понедельник"),
    ("t", "teisipäev", "tu", "tuesday", "вт", "вторник"),
    ("k", "kolmapäev", "we", "wednesday", "ср", "среда"),
    ("n", "neljapäev", "th", "thursday", "чт", "четверг"),
    ("r", "reede", "fr", "friday", "пт", "пятница"),
    ("l", "laupäev", "sa", "saturday", "сб", "суббота"),
    ("p", "pühapäev", "su", "sunday", "вс", "воскресенье"),
)
EVERY_DAY = ("iga päev", "every day", "daily", "ежедневно")
LEAST_LETTERS = 2  # of a name written longer than its first letter
PART = re.compile(r"^(?P<days>\D+?)\s*(?P<times>\d.*)$", re.DOTALL)
CLOCK = re.compile(r"^(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?$")
EXAMPLE = "E-R 9-18; L 10-14"

Span = tuple[time, time]


@dataclass(frozen=True)
class Week:
    """For each day from Monday on the spans of hours in which people are here, in order; `time.max` is midnight."""

    days: tuple[tuple[Span, ...], ...]

    def __post_init__(self) -> None:
        if not any(self.days):
            raise ValueError("at least one day needs hours")

    @classmethod
    def read(cls, text: str) -> Week:
        """From text in Estonian, English or Russian: `E-R 9-12, 13-17.30; L 10-14`. A day that is not named is free.

        Raises `ValueError` naming the part and the mend.
        """
        days: list[tuple[Span, ...]] = [()] * 7
        parts = [part.strip() for part in text.replace("–", "-").replace("—", "-").split(";") if part.strip()]
        if not parts:
            raise ValueError(f"give days and hours, such as {EXAMPLE}")
        for part in parts:
            found = PART.match(part)
            if found is None:
                raise ValueError(f"{part!r} needs days and hours, such as {EXAMPLE}")
            spans = _spans(found["times"], part)
            for day in _days(found["days"], part):
                if days[day]:
                    raise ValueError(f"{part!r} names a day that already has hours; write both spans together, such as E 9-12, 13-17")
                days[day] = spans
        return cls(tuple(days))


def _days(text: str, part: str) -> list[int]:
    if text.strip().lower() in EVERY_DAY:
        return list(range(7))
    found: list[int] = []
    for piece in re.split(r",|\s+", text.replace(" -", "-").replace("- ", "-").strip(" ,:")):
        if piece in ("", "ja", "and", "и"):
            continue
        ends = [_day(name, part) for name in piece.split("-")]
        if len(ends) > 2 or ends[0] > ends[-1]:
            raise ValueError(f"{part!r}: days go from an earlier one to a later one, such as E-R")
        found += range(ends[0], ends[-1] + 1)
    return found


def _day(name: str, part: str) -> int:
    wanted = name.strip(" .").lower()
    for number, names in enumerate(NAMES):
        if wanted in names or (len(wanted) >= LEAST_LETTERS and any(full.startswith(wanted) for full in names)):
            return number
    raise ValueError(f"{part!r}: there is no day {name.strip()!r}; days are E T K N R L P, Mon … Sun or Пн … Вс")


def _spans(text: str, part: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for piece in text.split(","):
        ends = [_clock(one, part) for one in piece.split("-")]
        if len(ends) != 2:
            raise ValueError(f"{part!r}: {piece.strip()!r} is no span of hours, such as 9-18 or 9.30-17")
        opens, closes = ends
        if opens >= closes or (spans and opens <= spans[-1][1]):
            raise ValueError(f"{part!r}: hours go from an earlier one to a later one within the day, such as 9-12, 13-17")
        spans.append((opens, closes))
    return tuple(spans)


def _clock(text: str, part: str) -> time:
    found = CLOCK.match(text.strip())
    hour, minute = (int(found["hour"]), int(found["minute"] or 0)) if found else (99, 0)
    if (hour, minute) == (24, 0):
        return time.max
    if hour > 23 or minute > 59:
        raise ValueError(f"{part!r}: {text.strip()!r} is no time of day; write 9, 9.30 or 9:30, and 24 for midnight")
    return time(hour, minute)
