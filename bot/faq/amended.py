"""An FAQ with one entry changed, added or taken away, without building it anew: for trying out what is not published.

Only that entry is read; the others' evidence stays theirs. What a word weighs is counted in the FAQ as it is, so the probabilities are those
after publishing but for what one entry more or less does to the counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from bot.faq.block import Asked, Block
from bot.faq.evidence import Evidence, Table
from bot.faq.facts import FactCache
from bot.faq.question import Question
from bot.understanding import FaqEntry

T = TypeVar("T")


class Amended:
    """Immutable, and asked as `Evidence` is. Amendments can stand upon each other."""

    def __init__(self, base: Evidence | Amended, entry_id: str, own: Block | None, entry: FaqEntry | None) -> None:
        """`own` and `entry` are the entry as it is to be; None takes it away. Use `amended` and `without`.

        Rows stay: a new entry comes last, and the row of one that is taken away is nobody's any more.
        """
        self._base, self._id, self._own = base, entry_id, own
        self._row = base.row_of.get(entry_id, len(base.entries))
        changed = [entry] if entry else base.entries[self._row : self._row + 1]
        self.entries: tuple[FaqEntry, ...] = (*base.entries[: self._row], *changed, *base.entries[self._row + 1 :])
        self.row_of: Mapping[str, int] = _with(base.row_of, entry_id, self._row if entry else None)
        self.by_id: Mapping[str, FaqEntry] = _with(base.by_id, entry_id, entry)
        self.exampled = sum(bool(one.examples) for one in self.by_id.values()) * 2 > len(self.by_id)

    @property
    def whole(self) -> Evidence:
        """The FAQ that words are weighed in."""
        return self._base.whole

    def asked(self, question: Question) -> Asked:
        """As `Evidence.asked`."""
        return self.whole.asked(question)

    def table(self, asked: Asked) -> Table:
        """As `Evidence.table`."""
        table = self._base.table(asked)
        others = table.rows != self._row
        rows, raw, mass = table.rows[others], table.raw[others], table.mass[others]
        if self._own is None:
            return Table(rows, raw, mass)
        at = int(others.argmin()) if not others.all() else len(rows)
        return Table(np.insert(rows, at, self._row), np.insert(raw, at, self._own.raw(asked)[0], axis=0), np.insert(mass, at, 1.0))

    def nearest_wording(self, entry_id: str, question: Question) -> str:
        """As `Evidence.nearest_wording`."""
        if self._own and entry_id == self._id:
            return self._own.nearest_wording(0, question)
        return self._base.nearest_wording(entry_id, question)


def amended(base: Evidence | Amended, entry: FaqEntry, cache: FactCache) -> Amended:
    """With this entry in place of its former self, or beside the others where it is new."""
    return Amended(base, entry.id, base.whole.of(entry, cache), entry)


def without(base: Evidence | Amended, entry_id: str) -> Amended:
    """As if there were no such entry."""
    return Amended(base, entry_id, None, None)


def _with(known: Mapping[str, T], key: str, value: T | None) -> Mapping[str, T]:
    """With this value under the key; None takes it away."""
    others = {name: one for name, one in known.items() if name != key or value is not None}
    return others if value is None else others | {key: value}
