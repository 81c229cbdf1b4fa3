"""The columns of a table of entries, and which of them a heading of somebody else's table means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

TRANSLATED = ("question", "answer", "steps", "buttons")
FIELDS = (
    "id",
    "topic",
    "question",
    "answer",
    "examples",
    "tags",
    "steps",
    "buttons",
    "video",
    "valid_from",
    "valid_until",
    "needs_identity",
    *(f"{language}.{name}" for language in ("en", "ru") for name in TRANSLATED),
    "status",
)
NEEDED = ("question", "answer")
TOLD_ONLY = "status"  # written for the reader; an import passes over it
LISTS = ("examples", "tags", "steps", "buttons", "en.steps", "en.buttons", "ru.steps", "ru.buttons")  # may go on in a second column of the name
NAMES = Path(__file__).parent / "names.yml"


def recognised(headings: Sequence[str], own: Mapping[str, str]) -> list[str | None]:
    """The field of each heading, or None. `own` are our headings in all languages → field; a field that is no list is taken by the first only."""
    names = _others() | {plain(heading): field for heading, field in own.items()}
    taken: set[str] = set()
    found: list[str | None] = []
    for heading in headings:
        field = names.get(plain(heading))
        if field in taken and field not in LISTS:
            field = None
        if field:
            taken.add(field)
        found.append(field)
    return found


def plain(heading: str) -> str:
    """A heading as it is compared: „Küsimus (EN):“ and „kusimus_en“ are the same."""
    latin = "".join(letter for letter in unicodedata.normalize("NFKD", heading.casefold()) if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", latin.replace("_", " ")))


@cache
def _others() -> dict[str, str]:
    """What other systems and people call the columns."""
    named: dict[str, list[str]] = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    return {plain(str(name)): field for field, names in named.items() for name in (field, *names)}
