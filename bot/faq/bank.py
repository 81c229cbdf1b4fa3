"""Labelled questions of many businesses: what the matcher learns from. Reads `data/bank/*.yml`, one business a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.mendable import Mendable
from bot.understanding import FaqEntry

NO_ENTRY = ("out_of_scope", "complaint", "human_request")
ENCODER, MATCHER, TEST = "encoder", "matcher", "test"
PARTS = (ENCODER, MATCHER, TEST)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's reads a hundred files in a second, not in ten


class BankError(Mendable):
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
    everybody = [_business(path) for path in files]
    names = [business.name for business in everybody]
    if len(set(names)) < len(names):
        raise BankError(f"{folder}: two files have the same `business:`; each needs a name of its own")
    found = [business for business in everybody if part in ("", business.part)]
    if not found:
        raise BankError(f"no questions to learn from: {folder} holds no {part + ' ' if part else ''}business in a .yml file")
    return found


def _business(path: Path) -> Business:
    try:
        form: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - it is the safe one
        for topic in form["topics"]:
            if missing := [key for key in ("id", "question", "answer", "asked") if key not in topic]:
                raise BankError(f"{path}, topic {topic.get('id', '?')}: {', '.join(missing)} is missing")
        entries = tuple(FaqEntry(topic["id"], topic["question"], topic["answer"]) for topic in form["topics"])
        asked = [_asked(item, kind, topic["id"]) for topic in form["topics"] for kind, items in topic["asked"].items() for item in items]
        asked += [_asked(item, kind, None) for kind in NO_ENTRY for item in form.get(kind, ())]
        if form.get("part") not in PARTS:
            raise BankError(f"{path}: write `part:` and who learns from this business: {', '.join(PARTS)}")
        _check_ids(path, entries, asked)
        return Business(str(form["business"]), entries, tuple(asked), form["part"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BankError(f"{path}: {type(error).__name__}: {error}") from error


def _check_ids(path: Path, entries: Sequence[FaqEntry], asked: Sequence[Asked]) -> None:
    ids = [entry.id for entry in entries]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise BankError(f"{path}: topics with the same id: {', '.join(twice)}")
    if unknown := sorted({one for item in asked for one in item.right} - set(ids)):
        raise BankError(f"{path}: also_ok names topics that are not here: {', '.join(unknown)}")


def _asked(item: str | dict[str, Any], kind: str, topic: str | None) -> Asked:
    text, also = (item, ()) if isinstance(item, str) else (str(item["text"]), tuple(item.get("also_ok", ())))
    return Asked(text, frozenset([topic, *also] if topic else ()), kind, topic or "")
