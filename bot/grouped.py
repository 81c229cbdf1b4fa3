"""How well questions that ask the same are put together: a labelled set → figures.

`rand` is the adjusted Rand index (Hubert and Arabie 1985): 1 for the very groups, 0 for chance. `bcubed` is the mean over questions of how much of
their group is right and how much of what is right is in it, as F1 (Bagga and Baldwin 1998). `pairs` is the share of pairs put together that belong together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

Bools = npt.NDArray[np.bool_]
Grouper = Callable[[Sequence[str]], Sequence[object]]
FIGURES = ("rand", "bcubed", "pairs")


@dataclass(frozen=True)
class Labelled:
    """One business's questions and the group that each belongs to; `nothing` are texts that ask nothing."""

    business: str
    questions: tuple[str, ...]
    groups: tuple[str, ...]
    nothing: tuple[str, ...]


def read_groups(path: Path) -> list[Labelled]:
    """The set in `tests/bot/sets/grouping.yml`, or one of that form."""
    found = []
    for form in yaml.safe_load(path.read_text(encoding="utf-8")):
        pairs = [(text, name) for name, texts in form["groups"].items() for text in texts]
        pairs += [(text, f"alone {place}") for place, text in enumerate(form["alone"])]
        found.append(Labelled(form["business"], tuple(text for text, _ in pairs), tuple(name for _, name in pairs), tuple(form["nothing"])))
    return found


def figures(labelled: Sequence[Labelled], grouper: Grouper) -> dict[str, float]:
    """Each figure as the mean over businesses, every business grouped by itself."""
    reports = [compared(one.groups, grouper(one.questions)) for one in labelled]
    return {name: float(np.mean([report[name] for report in reports])) for name in FIGURES}


def compared(right: Sequence[object], found: Sequence[object]) -> dict[str, float]:
    """The figures of one grouping against the right one."""
    wanted, made = _same(right), _same(found)
    both = wanted & made
    precision, recall = float((both.sum(1) / made.sum(1)).mean()), float((both.sum(1) / wanted.sum(1)).mean())
    upper = np.triu_indices(len(right), 1)
    hits, put, due = (int(table[upper].sum()) for table in (both, made, wanted))
    chance = put * due / max(len(upper[0]), 1)
    most = (put + due) / 2
    rand = (hits - chance) / (most - chance) if most > chance else 1.0
    return {"rand": rand, "bcubed": 2 * precision * recall / (precision + recall), "pairs": hits / put if put else 1.0}


def _same(labels: Sequence[object]) -> Bools:
    """(n, n): which stand in the same group."""
    numbers = np.unique([str(label) for label in labels], return_inverse=True)[1]
    return np.asarray(numbers[:, None] == numbers[None], dtype=np.bool_)
