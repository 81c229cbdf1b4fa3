"""Button titles, times and tags in the customer's language, from `texts/`. Whole sentences stand in domain.yml."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.understanding import Language

FOLDER = Path(__file__).parent / "texts"
DAYS_BY_NAME = 6  # further ahead a weekday would be ambiguous


def title(language: Language, name: str) -> str:
    """What stands on a button; `[?name]` where nobody has written it."""
    return str(_texts(language)["buttons"].get(name, f"[?{name}]"))


def tag(intent: str) -> str | None:
    """The tag that agents see for an intent, in Estonian as all tags; None for intents that say nothing about the topic."""
    found = _texts("et")["tags"].get(intent)
    return str(found) if found else None


def back(language: Language, back_at: str | None, now: datetime | None = None) -> str:
    """A sentence saying when people are back. `back_at` is an ISO moment with its offset; None when nobody knows."""
    return _about_people(language, "back", back_at, now)


def reply(language: Language, back_at: str | None, now: datetime | None = None) -> str:
    """A sentence saying when a person answers somebody who has left a contact; `back_at` as in `back`."""
    return _about_people(language, "reply", back_at, now)


def identity(language: Language, *, by_code: bool) -> str:
    """Why an answer waits until we know who the customer is, and what they may do; the words begin the buttons under them."""
    return str(_texts(language)["identity"]["by_code" if by_code else "by_person"])


def _about_people(language: Language, what: str, back_at: str | None, now: datetime | None) -> str:
    texts = _texts(language)[what]
    if back_at is None:
        return str(texts["unknown"])
    return str(texts["known"]).format(when=when(language, datetime.fromisoformat(back_at), now))


def when(language: Language, moment: datetime, now: datetime | None = None) -> str:
    """The moment as people say it, in its own time zone: "homme kell 9.00"."""
    texts = _texts(language)["when"]
    today = (now or datetime.now(moment.tzinfo)).astimezone(moment.tzinfo).date()
    time = texts["time"].format(hour=moment.hour, minute=moment.minute)
    ahead = moment.date() - today
    if ahead <= timedelta(days=1):
        return str(texts["tomorrow" if ahead.days == 1 else "today"]).format(time=time)
    if ahead <= timedelta(days=DAYS_BY_NAME):
        return str(texts["weekday"]).format(day=texts["days"][moment.weekday()], time=time)
    date = texts["day_of_month"].format(number=moment.day, month=texts["months"][moment.month - 1])
    return str(texts["date"]).format(date=date, time=time)


@cache
def _texts(language: Language) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    return found
