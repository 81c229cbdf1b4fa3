"""Labelled questions of many businesses: what the matcher learns from. Reads `data/bank/*.yml`, one business a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.understanding import FaqEntry

NO_ENTRY = ("out_of_scope", "complaint", "human_request")


class BankError(Exception):
    """A bank file can't be used; the message names it and what is wrong."""


@dataclass(frozen=True)
class Asked:
    """One question; `right` are the ids of entries that answer it, empty when none does."""

    text: str
    right: frozenset[str]
    kind: str


@dataclass(frozen=True)
class Business:
    name: str
    entries: tuple[FaqEntry, ...]
    asked: tuple[Asked, ...]


def read_bank(folder: Path) -> list[Business]:
    """All businesses, in the order of their file names. Raises `BankError`."""
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise BankError(f"no questions to learn from: {folder} holds no .yml file")
    return [_business(path) for path in files]


def _business(path: Path) -> Business:
    try:
        form: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = tuple(FaqEntry(topic["id"], topic["question"], topic["answer"]) for topic in form["topics"])
        asked = [_asked(item, kind, topic["id"]) for topic in form["topics"] for kind, items in topic["asked"].items() for item in items]
        asked += [_asked(item, kind, None) for kind in NO_ENTRY for item in form.get(kind, ())]
        return Business(str(form["business"]), entries, tuple(asked))
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BankError(f"{path}: {type(error).__name__}: {error}") from error


def _asked(item: str | dict[str, Any], kind: str, topic: str | None) -> Asked:
    text, also = (item, ()) if isinstance(item, str) else (str(item["text"]), tuple(item.get("also_ok", ())))
    return Asked(text, frozenset([topic, *also] if topic else ()), kind)
