"""An FAQ with one entry changed, added or taken away, without building it anew: for trying out what is not published.

Only that entry is read; the others' evidence stays theirs. What a word weighs is counted in the FAQ as it is, so the probabilities are those
after publishing but for what one entry more or less does to the counts.
"""

from __future__ import annotations

import numpy as np

from bot.encoder import Vectors
from bot.faq.evidence import Evidence, Question
from bot.faq.index import VectorCache
from bot.understanding import FaqEntry


class Amended:
    """Immutable, and asked as `Evidence` is. Amendments can stand upon each other."""

    def __init__(self, base: Evidence | Amended, entry_id: str, own: Evidence | None) -> None:
        """`own` holds the entry as it is to be; None takes it away. Use `amended` and `without`."""
        self._base, self._id, self._own = base, entry_id, own
        self._row: int | None = next((row for row, entry in enumerate(base.entries) if entry.id == entry_id), None)
        entries: list[FaqEntry] = list(base.entries)
        if self._row is not None:
            entries[self._row : self._row + 1] = own.entries if own else ()
        else:
            entries += own.entries if own else ()
        self.entries: tuple[FaqEntry, ...] = tuple(entries)
        self.exampled = sum(bool(entry.examples) for entry in entries) * 2 > len(entries)

    @property
    def whole(self) -> Evidence:
        """The FAQ that words are weighed in."""
        return self._base.whole

    def raw(self, question: Question) -> Vectors:
        """As `Evidence.raw`."""
        table = self._base.raw(question)
        if self._own is None:
            return table if self._row is None else np.delete(table, self._row, axis=0)
        own = self._own.raw(question)
        if self._row is None:
            return np.concatenate([table, own])
        table[self._row] = own[0]
        return table

    def nearest_wording(self, entry_id: str, question: Question) -> str:
        """As `Evidence.nearest_wording`."""
        found = self._own if self._own and entry_id == self._id else self._base
        return found.nearest_wording(entry_id, question)


def amended(base: Evidence | Amended, entry: FaqEntry, cache: VectorCache) -> Amended:
    """With this entry in place of its former self, or beside the others where it is new."""
    return Amended(base, entry.id, base.whole.of(entry, cache))


def without(base: Evidence | Amended, entry_id: str) -> Amended:
    """As if there were no such entry."""
    return Amended(base, entry_id, None)
