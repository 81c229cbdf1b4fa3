"""What a conversation is reviewed by: the operator's file or the one beside this, each criterion with its weight and its words in three languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from bot.understanding import Language
from handoff.errors import SettingsError
from handoff.own_lists import Named

OWN = Path(__file__).parent / "criteria.yml"
MARKS = (1, 2, 3, 4, 5)


class Written(Named):
    """One criterion as it stands in the file."""

    weight: float = Field(1, gt=0, le=100)


@dataclass(frozen=True)
class Criterion:
    """One thing to look at."""

    id: str
    names: Mapping[Language, str]
    weight: float


def read_criteria(written: str) -> Sequence[Criterion]:
    """The criteria of the operator's file, or ours where none is named. Raises `SettingsError`."""
    path = Path(written) if written else OWN
    try:
        found = TypeAdapter(list[Written]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"ABILINE_REVIEW_CRITERIA: can't read {path} ({error.strerror})") from None
    except (yaml.YAMLError, ValidationError) as error:
        raise SettingsError(f"ABILINE_REVIEW_CRITERIA: {path} is not a list of id, name and weight: {error}") from None
    if not found or len({one.id for one in found}) < len(found):
        raise SettingsError(f"ABILINE_REVIEW_CRITERIA: {path} needs one criterion at least, and each id once")
    return tuple(Criterion(one.id, one.name.by_language(), one.weight) for one in found)


def mean(marks: Mapping[str, int | None], criteria: Sequence[Criterion]) -> float | None:
    """The weighted mean of what was marked; what did not apply weighs nothing. None where nothing was."""
    given = [(float(mark), one.weight) for one in criteria if (mark := marks.get(one.id)) is not None]
    whole = sum(weight for _, weight in given)
    return sum(mark * weight for mark, weight in given) / whole if whole else None
