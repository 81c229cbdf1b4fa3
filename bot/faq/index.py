"""Vectors in, neighbours out. The only file that imports FAISS; distance becomes similarity here, once.

An index is an immutable snapshot: new entries make a new one, which is put in place of the old by one assignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors
from bot.faq.alignment import Alignment
from bot.faq.facts import Centre, Facts
from bot.faq.passages import ASKED, Kind, passages_of

Rows = npt.NDArray[np.int64]
_POOLED = 15.0  # how sharply the nearest of an entry's passages counts before the others
_FINE = 2.0**24  # steps between 0 and 1
_AT_ONCE = 2000  # entries whose vectors are centred together: little is held twice
_EXACT = 16_000  # passages that are compared one by one: some six thousand entries, two milliseconds
_TAUGHT, _ROUNDS = 40, 8  # passages a cell that the cells are learned from, and rounds of that (k-means)
_CELL_SHARE = 24  # of the cells one in so many is looked into
_LEAST_COME, _COME_SHARE = 512, 64  # passages that are searched beside the others before all are put in anew: the least, and one in so many


class Index:
    """Immutable: the passages of some entries, centred, and how near a question is to each."""

    def __init__(self, held: Sequence[Facts], centre: Centre, mean: Vectors) -> None:
        """`mean` is that of the FAQ these entries stand in: see `Said`."""
        self._held = tuple(held)
        self._vectors = _centred(held, centre, mean)
        lengths = np.array([len(facts.kinds) for facts in held], dtype=np.int64)
        self._lengths, self._firsts = lengths, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._owner = np.repeat(np.arange(len(held)), lengths)
        self._kind = np.concatenate([facts.kinds for facts in held]) if held else np.zeros(0, np.int8)
        languages = {language for facts in held for language in facts.whole}
        self._alignments = {language: self._alignment(language) for language in languages}
        self._examples = Alignment([(row, tokens) for row, facts in enumerate(held) for tokens in facts.examples], len(held))

    def __len__(self) -> int:
        return len(self._held)

    def by_entry(self, vector: Vectors) -> Vectors:
        """(entries, kinds + 1): a centred question's best similarity to each entry's passages of each kind, and a soft best of all its passages together.

        An entry without other wordings gets its question in their place.
        """
        similar = self._vectors @ vector
        out = np.full((len(self), len(Kind)), -2.0, dtype=np.float32)
        np.maximum.at(out, (self._owner, self._kind), similar)
        out[:, Kind.EXAMPLE] = np.maximum(out[:, Kind.EXAMPLE], out[:, Kind.QUESTION])
        sums = np.add.reduceat(np.exp(_POOLED * similar), self._firsts[:-1]) if len(self) else np.zeros(0)
        pooled = np.log(sums / self._lengths) / _POOLED
        return np.concatenate([out, pooled[:, None]], axis=1, dtype=np.float32)

    def aligned(self, tokens: Vectors, language: str | None = None) -> Vectors:
        """(entries, 3): how well a question's tokens (`asked_tokens`) are met by each entry's, in its language where there is a translation, and by its
        examples; an entry without an example is as near by them as by itself."""
        chosen = self._alignments.get(language or "et") or self._alignments.get("et")
        if not chosen:
            return np.zeros((0, 3), np.float32)
        whole, by_example = chosen.scores(tokens), self._examples.scores(tokens)[:, :1]
        return np.concatenate([whole, np.maximum(by_example, whole[:, :1])], axis=1)

    def nearest_wording(self, row: int, vector: Vectors, language: str | None) -> str:
        """Of an entry's question, also in the given language, and other wordings the one that is nearest to a centred question (dim,)."""
        similar = self._vectors[self._firsts[row] : self._firsts[row + 1]] @ vector
        own = [
            (score, passage.text)
            for score, passage in zip(similar, passages_of(self._held[row].entry), strict=True)
            if passage.kind in ASKED and passage.language in ("et", language)
        ]
        return str(max(own)[1])

    def whole(self) -> tuple[Vectors, Rows]:
        """The vectors of the passages that are question and answer together, and the rows of the entries they belong to."""
        chosen = self._kind == Kind.FULL
        return self._vectors[chosen], self._owner[chosen]

    def _alignment(self, language: str) -> Alignment:
        return Alignment([(row, facts.whole.get(language, facts.whole["et"])) for row, facts in enumerate(self._held)], len(self._held))


class Neighbours:
    """Immutable: all passages of an FAQ, to find the entries that a question is nearest to without looking at each.

    Centred by what is known of passages in general, so that an entry's vectors stay the same whatever comes and goes beside it. An FAQ changed a
    little shares what was searched before (`_Searched`) and knows what is gone of it and what has come; only after many changes all is put in anew.
    """

    def __init__(self, held: Sequence[Facts], centre: Centre, *, before: Neighbours | None = None) -> None:
        """With `before`, an earlier form of the FAQ, only what has changed is looked at."""
        self._searched: _Searched = before._searched if before else _Searched.over(held, centre)
        come = [facts for facts in held if id(facts) not in self._searched.places]
        if sum(len(facts.kinds) for facts in come) > max(_LEAST_COME, len(self._searched) // _COME_SHARE):
            self._searched, come = _Searched.over(held, centre), []
        rows = {id(facts): row for row, facts in enumerate(held)}
        own = np.array([rows.get(place, -1) for place in self._searched.places], dtype=np.int64)
        self._owner = np.repeat(own, self._searched.lengths)
        self._gone = int((self._owner < 0).sum())
        self._come = _centred(come, centre, centre.passage)
        self._come_owner = np.repeat([rows[id(facts)] for facts in come], [len(facts.kinds) for facts in come]).astype(np.int64)

    def nearest(self, vector: Vectors, most: int) -> Rows:
        """Rows of up to `most` entries, the nearest first."""
        owners, similar = self._of_searched(vector, 4 * most)
        if len(self._come):
            owners, similar = np.concatenate([owners, self._come_owner]), np.concatenate([similar, self._come @ vector])
            owners = owners[np.argsort(-similar, kind="stable")][: 4 * most]
        owners, first = np.unique(owners, return_index=True)
        return np.asarray(owners[np.argsort(first)][:most], dtype=np.int64)

    def _of_searched(self, vector: Vectors, wanted: int) -> tuple[Rows, Vectors]:
        """(≤ wanted,) owners of the nearest passages that are still there, and how near they are."""
        ask = wanted + min(self._gone, wanted)
        while True:
            similar, places = self._searched.nearest(vector, ask)
            owners = self._owner[places]
            there = owners >= 0
            if int(there.sum()) >= wanted or ask >= len(self._searched):
                return owners[there][:wanted], similar[there][:wanted]
            ask *= 2


@dataclass(frozen=True, eq=False)
class _Searched:
    """FAISS over the passages of some entries. Few are compared one by one. Of many (`_EXACT`) those in the cells that the question is nearest to are, in 8
    bits a number: what comes of it is looked at exactly anyway (inverted file, Sivic and Zisserman 2003; Jégou, Douze and Schmid 2011)."""

    held: tuple[Facts, ...]  # so that no other object gets one of the `places`
    places: dict[int, int]  # id of the facts → which they are
    lengths: Rows  # passages of each
    index: Any

    @staticmethod
    def over(held: Sequence[Facts], centre: Centre) -> _Searched:
        lengths = np.array([len(facts.kinds) for facts in held], dtype=np.int64)
        dim, passages = len(centre.query), int(lengths.sum())
        index: Any = faiss.IndexFlatIP(dim)
        if passages > _EXACT:
            cells = 2 * int(passages**0.5)
            index = faiss.index_factory(dim, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
            step = max(1, passages // (_TAUGHT * cells))
            index.cp.niter, index.cp.seed = _ROUNDS, 1
            index.train(np.concatenate([_centred(held[at : at + _AT_ONCE], centre, centre.passage)[::step] for at in range(0, len(held), _AT_ONCE)]))
            index.nprobe = max(1, cells // _CELL_SHARE)
        for at in range(0, len(held), _AT_ONCE):
            index.add(_centred(held[at : at + _AT_ONCE], centre, centre.passage))
        return _Searched(tuple(held), {id(facts): place for place, facts in enumerate(held)}, lengths, index)

    def __len__(self) -> int:
        return int(self.index.ntotal)

    def nearest(self, vector: Vectors, most: int) -> tuple[Vectors, Rows]:
        """(≤ most,) similarities and places of the nearest passages."""
        similar, places = self.index.search(vector[None], min(most, len(self)))
        found = places[0] >= 0
        return similar[0][found], places[0][found]


def asked_vector(vector: Vectors, centre: Centre) -> Vectors:
    """A question (dim,), without what questions have in common, of length one."""
    return np.asarray(_unit(np.asarray(vector, dtype=np.float32)[None] - centre.query)[0], dtype=np.float32)


def asked_tokens(tokens: Vectors, centre: Centre) -> Vectors:
    """A question's tokens likewise."""
    return _unit(tokens - centre.query_token)


@dataclass(frozen=True)
class Said:
    """The answers of an FAQ added up, in whole numbers: what comes and goes leaves no trace of rounding."""

    total: npt.NDArray[np.int64]  # (dim,)
    count: int

    @staticmethod
    def of(held: Sequence[Facts], dim: int) -> Said:
        total, count = np.zeros(dim, np.int64), 0
        for facts in held:
            vectors = facts.vectors[(facts.kinds == Kind.FULL) | (facts.kinds == Kind.ANSWER)]
            total += np.rint(vectors * _FINE).astype(np.int64).sum(axis=0)
            count += len(vectors)
        return Said(total, count)

    def changed(self, come: Said, gone: Said) -> Said:
        return Said(self.total + come.total - gone.total, self.count + come.count - gone.count)

    def mean(self, centre: Centre) -> Vectors:
        """Of these answers, with what is known of answers in general."""
        return np.asarray((self.total / _FINE + centre.prior * centre.passage) / (self.count + centre.prior), dtype=np.float32)


def _asked(held: Sequence[Facts]) -> npt.NDArray[np.bool_]:
    kinds = np.concatenate([facts.kinds for facts in held])
    return np.asarray((kinds == Kind.QUESTION) | (kinds == Kind.EXAMPLE))


def _centred(held: Sequence[Facts], centre: Centre, mean: Vectors) -> Vectors:
    if not held:
        return np.zeros((0, len(centre.query)), np.float32)
    vectors = np.concatenate([facts.vectors for facts in held])
    asked = _asked(held)
    vectors[asked] -= centre.query
    vectors[~asked] -= mean
    return _unit(vectors)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
