"""All evidence for one question against the entries of an FAQ, side by side in one table. The matcher weighs it.

A large FAQ is not looked at entry by entry. Its likely entries are found by their vectors and by their words; a fixed sample of all entries,
the same whichever way the FAQ came to be, stands for the rest, so that what is usual here is known as well.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors
from bot.faq.block import SOURCES, Asked, Block, Weighing
from bot.faq.bridge import Bridge
from bot.faq.facts import Centre, FactCache, Facts, own_centre
from bot.faq.index import Neighbours
from bot.faq.lexical import Postings
from bot.faq.passages import passages_of
from bot.faq.question import Question
from bot.understanding import FaqEntry

FORMS = ("raw", "z")
COLUMNS = tuple(f"{source}.{form}" for form in FORMS for source in SOURCES)
SMALL = 256  # entries that are all looked at
_NEAR, _WORDED, _SAMPLED = 48, 32, 96  # of a larger FAQ: likely by vectors, likely by words, for what is usual


@dataclass(frozen=True)
class Table:
    """What each source says of some entries. `mass` is how many entries each row stands for."""

    rows: npt.NDArray[np.int64]  # (n,) of the entries
    raw: Vectors  # (n, sources)
    mass: npt.NDArray[np.float64]  # (n,)


class Evidence:
    """Immutable: an FAQ ready to be asked."""

    def __init__(
        self, entries: Sequence[FaqEntry], cache: FactCache, centre: Centre | None = None, over: Bridge | None = None, *, before: Evidence | None = None
    ) -> None:
        """`before` is an earlier form of the FAQ, whose facts are taken over where entries are the same."""
        self.entries = tuple(entries)
        self._centre = centre or _own(entries, cache)
        earlier = before if before and before._centre is self._centre else None
        self._held = _facts(self.entries, cache, self._centre, earlier)
        come, gone = _changes(self._held, earlier.facts if earlier else ())
        self._weighing: Weighing = earlier._weighing.changed(come, gone) if earlier else Weighing.of(self._held, self._centre, over, cache.vocabulary)
        self.exampled = sum(bool(entry.examples) for entry in self.entries) * 2 > len(self.entries)
        self._large = len(entries) > SMALL
        self._fixed = _sample(self._held) if self._large else np.arange(len(entries))
        self._block = Block([self._held[row] for row in self._fixed], self._weighing, lasting=True)
        if self._large:
            self._neighbours: Neighbours = Neighbours(self._held, self._centre, before=earlier._neighbours if earlier and earlier._large else None)
            self._postings = Postings([facts.words for facts in self._held], cache.vocabulary, self._weighing.words)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Where each entry stands."""
        return {entry.id: row for row, entry in enumerate(self.entries)}

    @cached_property
    def by_id(self) -> Mapping[str, FaqEntry]:
        return {entry.id: entry for entry in self.entries}

    @property
    def facts(self) -> Sequence[Facts]:
        return self._held

    def of(self, entry: FaqEntry, cache: FactCache) -> Block:
        """This entry's own evidence, weighed as all here is."""
        return Block(cache.read([entry], self._centre), self._weighing)

    @property
    def whole(self) -> Evidence:
        """The FAQ that words are weighed in."""
        return self

    def nearest_wording(self, entry_id: str, question: Question) -> str:
        """Of an entry's own questions and wordings the one that is nearest to this question."""
        return Block([self._held[self.row_of[entry_id]]], self._weighing).nearest_wording(0, question)

    def raw(self, question: Question) -> Vectors:
        """(entries, len(SOURCES)) of an FAQ that is looked at entry by entry."""
        block = Block(self._held, self._weighing) if self._large else self._block
        return block.raw(self._weighing.asked(question))

    def asked(self, question: Question) -> Asked:
        """The question as this FAQ sees it."""
        return self._weighing.asked(question)

    def table(self, asked: Asked) -> Table:
        """What is known of the entries that are looked at for this question."""
        raw = self._block.raw(asked)
        if not self._large:
            return Table(self._fixed, raw, np.ones(len(raw)))
        likely = self._likely(asked)
        others = ~np.isin(self._fixed, likely)
        mass = (len(self.entries) - len(likely)) / max(int(others.sum()), 1)
        found = Block([self._held[row] for row in likely], self._weighing).raw(asked)
        masses = np.concatenate([np.ones(len(likely)), np.full(int(others.sum()), mass)])
        return Table(np.concatenate([likely, self._fixed[others]]), np.concatenate([found, raw[others]]), masses)

    def _likely(self, asked: Asked) -> npt.NDArray[np.int64]:
        """Rows of the entries that may answer, in their order."""
        parts = [one for one in (asked, asked.follow_up) if one]
        near = [self._neighbours.nearest(one.vector, _NEAR) for one in parts]
        worded = [self._postings.likely(one.words, _WORDED) for one in parts]
        return np.asarray(np.unique(np.concatenate([*near, *worded])), dtype=np.int64)


def widened(raw: Vectors, mass: npt.NDArray[np.float64] | None = None) -> Vectors:
    """Each source as it is, and against the other entries' spread: what a similarity means depends on the question and on the FAQ.

    Margins to the best entry and places in the ranking were tried too and changed nothing on unseen businesses.
    """
    mean, spread = spread_of(raw, mass)
    return np.concatenate([raw, (raw - mean) / (spread + 1e-3)], axis=1, dtype=np.float32)


def spread_of(raw: Vectors, mass: npt.NDArray[np.float64] | None = None) -> tuple[Vectors, Vectors]:
    """(sources,) mean and standard deviation over the entries; `mass` is how many of them each row stands for."""
    if mass is None or bool((mass == 1.0).all()):
        return raw.mean(axis=0), raw.std(axis=0)
    share = (mass / mass.sum()).astype(np.float32)
    mean = share @ raw
    return mean, np.sqrt(share @ (raw - mean) ** 2)


def _facts(entries: Sequence[FaqEntry], cache: FactCache, centre: Centre, before: Evidence | None) -> list[Facts]:
    known = {facts.entry.id: facts for facts in before.facts} if before else {}
    new = [entry for entry in entries if not (entry.id in known and (known[entry.id].entry is entry or known[entry.id].entry == entry))]
    read = dict(zip((entry.id for entry in new), cache.read(new, centre), strict=True))
    return [read.get(entry.id) or known[entry.id] for entry in entries]


def _changes(now: Sequence[Facts], before: Sequence[Facts]) -> tuple[list[Facts], list[Facts]]:
    """What came and what went."""
    present, former = set(map(id, now)), set(map(id, before))
    return [facts for facts in now if id(facts) not in former], [facts for facts in before if id(facts) not in present]


def _own(entries: Sequence[FaqEntry], cache: FactCache) -> Centre:
    encoded = cache.encoded([passage for entry in entries for passage in passages_of(entry)])
    return own_centre(encoded, encoded, cache.dim)


def _sample(held: Sequence[Facts]) -> npt.NDArray[np.int64]:
    """Rows of entries that are as good as drawn by lot, but the same ones for as long as they are there."""
    return np.array(sorted(heapq.nsmallest(_SAMPLED, range(len(held)), key=lambda row: held[row].lot)), dtype=np.int64)
