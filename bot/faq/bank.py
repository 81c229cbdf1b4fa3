"""Labelled questions of many businesses: what the matcher learns from. Reads `data/bank/*.yml`, one business a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.understanding import FaqEntry

NO_ENTRY = ("out_of_scope", "complaint", "human_request")
ENCODER, MATCHER, TEST = "encoder", "matcher", "test"
PARTS = (ENCODER, MATCHER, TEST)


class BankError(Exception):
    """A bank file can't be used; the message names it and what is wrong."""


@dataclass(frozen=True)
class Asked:
    """One question; `right` are the ids of entries that answer it, empty when none does, `topic` the one it was written for."""

    text: str
    right: frozenset[str]
    kind: str
    topic: str = ""


@dataclass(frozen=True)
class Business:
    """`part` is what learns from it: an FAQ that the encoder has learned from looks easier to the matcher than any in the field,
    so each business teaches one of them alone, and those of `TEST` nobody."""

    name: str
    entries: tuple[FaqEntry, ...]
    asked: tuple[Asked, ...]
    part: str = ENCODER


def read_bank(folder: Path, part: str = "") -> list[Business]:
    """All businesses, or those of one part, in the order of their file names. Raises `BankError`."""
    files = sorted(folder.glob("*.yml"))
    found = [business for business in map(_business, files) if part in ("", business.part)]
    if not found:
        raise BankError(f"no questions to learn from: {folder} holds no {part + ' ' if part else ''}business in a .yml file")
    return found


def _business(path: Path) -> Business:
    try:
        form: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = tuple(FaqEntry(topic["id"], topic["question"], topic["answer"]) for topic in form["topics"])
        asked = [_asked(item, kind, topic["id"]) for topic in form["topics"] for kind, items in topic["asked"].items() for item in items]
        asked += [_asked(item, kind, None) for kind in NO_ENTRY for item in form.get(kind, ())]
        part = str(form.get("part", ENCODER))
        if part not in PARTS:
            raise BankError(f"{path}: part: {part!r} is none of {', '.join(PARTS)}")
        return Business(str(form["business"]), entries, tuple(asked), part)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BankError(f"{path}: {type(error).__name__}: {error}") from error


def _asked(item: str | dict[str, Any], kind: str, topic: str | None) -> Asked:
    text, also = (item, ()) if isinstance(item, str) else (str(item["text"]), tuple(item.get("also_ok", ())))
    return Asked(text, frozenset([topic, *also] if topic else ()), kind, topic or "")
