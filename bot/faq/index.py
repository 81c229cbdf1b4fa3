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

    Centred by what is known of passages in general, so that an entry's vectors stay the same whatever comes and goes beside it.
    """

    def __init__(self, held: Sequence[Facts], centre: Centre, *, before: Neighbours | None = None) -> None:
        """With `before`, an earlier form of the FAQ, only what has changed is put in and taken out."""
        kept = set(map(id, held))
        known = {id(facts) for facts in before._held} if before else set()
        new = [facts for facts in held if id(facts) not in known]
        self._flat: Any = faiss.clone_index(before._flat) if before else faiss.IndexFlatIP(len(centre.query))
        self._held: list[Facts] = [facts for facts in before._held if id(facts) in kept] if before else []
        if before and len(self._held) < len(before._held):
            lost = np.repeat([id(facts) not in kept for facts in before._held], [len(facts.kinds) for facts in before._held])
            self._flat.remove_ids(np.flatnonzero(lost))
        for at in range(0, len(new), _AT_ONCE):
            self._flat.add(_centred(new[at : at + _AT_ONCE], centre, centre.passage))
        self._held += new
        rows = {id(facts): row for row, facts in enumerate(held)}
        self._owner = np.repeat([rows[id(facts)] for facts in self._held], [len(facts.kinds) for facts in self._held])

    def nearest(self, vector: Vectors, most: int) -> Rows:
        """Rows of up to `most` entries, the nearest first."""
        _, rows = self._flat.search(vector[None], min(4 * most, self._flat.ntotal))
        owners, first = np.unique(self._owner[rows[0]], return_index=True)
        return np.asarray(owners[np.argsort(first)][:most], dtype=np.int64)


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
