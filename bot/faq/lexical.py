"""Evidence of shared words: BM25 over lemmas and compound parts, character n-grams, weighted overlap.

Finds what vectors miss: names, numbers, rare words. A question's word counts through the best of its readings (its lemmas,
the parts of a compound, the lemmas of what a misspelt word may mean), never through several at once.

What a word weighs is counted over a whole FAQ (`Rarity`); what some of its entries hold stands in a `Lexicon`, so that a few entries can be
weighed as the whole FAQ weighs them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bot.estonian import Analysis, Token, analyse
from bot.faq.vocabulary import STEM_LETTERS, Counted, EntryWords, Vocabulary, changed, grams_of, read_terms
from bot.morphology import read_word
from bot.understanding import FaqEntry
from bot.words import words

Floats = npt.NDArray[np.float32]
COLUMNS = ("bm25", "bm25_question", "overlap", "covered", "chars", "chars_question")
_K1, _B = 1.2, 0.6
_PART, _SUGGESTED, _STEM = 0.6, 0.5, 0.45  # what a weaker reading of a word counts


class Rarity:
    """Immutable: how rare each term and n-gram is among the entries of an FAQ."""

    def __init__(self, held: Sequence[EntryWords], *, before: Rarity | None = None, gone: Sequence[EntryWords] = ()) -> None:
        """With `before`, of an FAQ that had the entries `gone` in place of these: only what has changed is counted."""
        self.size: int = (before.size if before else 0) + len(held) - len(gone)
        self._counts: dict[str, npt.NDArray[np.int64]] = {}
        for name in ("whole", "grams", "grams_question"):
            come, went = ([getattr(words, name).ids for words in some] for some in (held, gone))
            self._counts[name] = changed(before._counts[name] if before else None, come, went)
        self._totals: tuple[float, float] = tuple(  # type: ignore[assignment]
            (before._totals[side] if before else 0.0) + _total(held, name) - _total(gone, name) for side, name in enumerate(("whole", "question"))
        )
        counts = self._counts["whole"]
        self._known = counts > 0
        self._rare = math.log(1 + (max(self.size, 1) - 0.5) / 1.5)
        self._idf = np.where(self._known, np.log1p((self.size - counts + 0.5) / (counts + 0.5)), self._rare)
        self.unseen = float(self._idf[self._known].max(initial=0.0)) or 1.0
        self.lengths = self._totals[0] / max(self.size, 1) or 1.0, self._totals[1] / max(self.size, 1) or 1.0
        self._grams = tuple(np.log((1 + self.size) / np.maximum(self._counts[name], 1)) for name in ("grams", "grams_question"))

    def knows(self, term: int | None) -> bool:
        return term is not None and term < len(self._known) and bool(self._known[term])

    def idf(self, terms: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """What terms weigh; one that no entry holds weighs what it will when one does."""
        return _at(self._idf, terms, self._rare)

    def gram(self, side: int, grams: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """What n-grams weigh among whole entries (`side` 0) or their questions (1)."""
        return _at(self._grams[side], grams, math.log(1 + self.size))


class _Places:
    """Where each number stands among many. To look at those places alone is sooner than at all, but to be put in order costs as much as being asked ten
    times."""

    def __init__(self, ids: npt.NDArray[np.int32]) -> None:
        self._order = np.argsort(ids, kind="stable")
        self._sorted = ids[self._order]

    def of(self, asked: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(places,) of all that are asked for, and (places,) which of them stands there."""
        first, last = np.searchsorted(self._sorted, asked, "left"), np.searchsorted(self._sorted, asked, "right")
        lengths = last - first
        starts = np.repeat(first - np.cumsum(lengths) + lengths, lengths)
        return self._order[starts + np.arange(len(starts))], np.repeat(np.arange(len(asked)), lengths)


class _Side:
    """The terms of some entries, of all their texts or of their questions, side by side."""

    def __init__(self, held: Sequence[Counted], rarity: Rarity, mean: float, *, lasting: bool) -> None:
        self._entries = len(held)
        self._ids, counts, self._rows = _joined(held)
        totals = np.bincount(self._rows, counts, self._entries)
        norm = _K1 * (1 - _B + _B * totals / mean)
        idf = rarity.idf(self._ids)
        self._weights = (idf * counts * (_K1 + 1) / (counts + norm[self._rows])).astype(np.float32)
        self.mass = np.bincount(self._rows, idf, self._entries).astype(np.float32)
        self._places = _Places(self._ids) if lasting else None

    def of(self, terms: npt.NDArray[np.int32], most: int) -> Floats:
        """(entries, terms): what each term weighs in each entry, 0 where it isn't; `most` is beyond every id."""
        if self._places:
            places, which = self._places.of(terms)
            out = np.zeros((self._entries, len(terms)), dtype=np.float32)
            out[self._rows[places], which] = self._weights[places]
            return out
        slots = np.full(most, -1, dtype=np.int32)
        slots[terms] = np.arange(len(terms))
        slot = slots[self._ids]
        met = slot >= 0
        out = np.zeros((self._entries, len(terms)), dtype=np.float32)
        out[self._rows[met], slot[met]] = self._weights[met]
        return out


class _Grams:
    """The n-grams of some entries as vectors of length one."""

    def __init__(self, held: Sequence[Counted], rarity: Rarity, side: int, *, lasting: bool) -> None:
        self._entries = len(held)
        self._ids, counts, self._rows = _joined(held)
        weights = (1 + np.log(counts)) * rarity.gram(side, self._ids)
        lengths = np.sqrt(np.bincount(self._rows, weights * weights, self._entries))
        self._weights = weights / np.where(lengths > 0, lengths, 1.0)[self._rows]
        self._places = _Places(self._ids) if lasting else None

    def dot(self, grams: npt.NDArray[np.int32], weights: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.float64]:
        """(entries,) for the n-grams of a question, each once, and their weights; `most` is beyond every id."""
        if self._places:
            places, which = self._places.of(grams)
            return np.asarray(np.bincount(self._rows[places], weights[which] * self._weights[places], self._entries), dtype=np.float64)
        asked = np.zeros(most)
        asked[grams] = weights
        return np.asarray(np.bincount(self._rows, asked[self._ids] * self._weights, self._entries), dtype=np.float64)


class Lexicon:
    """Immutable: the words of some entries, ready to be asked."""

    def __init__(self, held: Sequence[EntryWords], vocabulary: Vocabulary, rarity: Rarity | None = None, *, lasting: bool = False) -> None:
        """With `rarity` words weigh what they do in the FAQ it was counted in; without it these entries are the FAQ. `lasting` for one that will be
        asked many times."""
        self._size = len(held)
        self._vocabulary = vocabulary
        self._rarity = rarity = rarity or Rarity(held)
        self._whole = _Side([one.whole for one in held], rarity, rarity.lengths[0], lasting=lasting)
        self._question = _Side([one.question for one in held], rarity, rarity.lengths[1], lasting=lasting)
        self._grams = tuple(
            _Grams([getattr(one, name) for one in held], rarity, side, lasting=lasting) for side, name in enumerate(("grams", "grams_question"))
        )

    def scores(self, asked: AskedWords) -> Floats:
        """(entries, len(COLUMNS)): each column's evidence, zero where nothing is shared."""
        out = np.zeros((self._size, len(COLUMNS)), dtype=np.float32)
        whole, question = (side.of(asked.terms, self._vocabulary.terms) for side in (self._whole, self._question))
        if len(asked.terms):
            out[:, 0], out[:, 1] = (np.maximum.reduceat(side[:, asked.slots] * asked.certainty, asked.starts, axis=1).sum(axis=1) for side in (whole, question))
        out[:, 2], out[:, 3] = self._overlap(asked, whole, question)
        for column, grams in enumerate(self._grams):
            out[:, 4 + column] = grams.dot(asked.grams, asked.weights, self._vocabulary.grams).astype(np.float32) / asked.length
        return out

    def _overlap(self, asked: AskedWords, whole: Floats, question: Floats) -> tuple[Floats, Floats]:
        """Share of the asked words' weight that an entry has, and share of the entry's question that was asked."""
        here = (whole > 0).any(axis=0)
        weights = []
        for known in asked.groups:
            held = [term for term in known if self._rarity.knows(term) or here[asked.places[term]]]
            weights.append(float(self._rarity.idf(np.array(held, np.int32)).max()) if held else self._rarity.unseen)
        total = sum(weights, 1e-6)
        if not len(asked.terms):
            nothing = np.zeros(self._size, dtype=np.float32)
            return nothing, nothing / np.maximum(self._question.mass, 1e-6)
        own = np.array([weight for weight, known in zip(weights, asked.groups, strict=True) if known], dtype=np.float32)
        shared, covered = (np.maximum.reduceat((side[:, asked.slots] > 0) * asked.certainty, asked.starts, axis=1) @ own for side in (whole, question))
        return shared / np.float32(total), covered / np.maximum(self._question.mass, 1e-6)


class Postings:
    """Immutable: for each term the entries that hold it; finds likely entries among thousands without looking at each."""

    def __init__(self, held: Sequence[EntryWords], vocabulary: Vocabulary, rarity: Rarity) -> None:
        from scipy.sparse import csr_matrix

        self._rarity, self._size = rarity, len(held)
        ids, counts, rows = _joined([one.whole for one in held])
        norm = _K1 * (1 - _B + _B * np.bincount(rows, counts, self._size) / rarity.lengths[0])
        ends = np.cumsum([0, *(len(one.whole.ids) for one in held)])
        columns = csr_matrix((counts, ids, ends), shape=(self._size, vocabulary.terms)).tocsc()
        self._starts, self._rows = columns.indptr, columns.indices
        self._shares = np.asarray(columns.data * (_K1 + 1) / (columns.data + norm[columns.indices]), dtype=np.float32)  # of a term's weight

    def likely(self, asked: AskedWords, most: int) -> npt.NDArray[np.int64]:
        """Up to `most` entries' rows with the highest BM25, fewer where fewer share a word. Entries that share none are hardly touched."""
        total, best = np.zeros(self._size, np.float32), np.zeros(self._size, np.float32)
        for known in asked.groups:
            touched = []
            for term, certainty in known.items():
                if not self._rarity.knows(term):
                    continue
                rows, weights = self._held(term, certainty)
                if len(known) > 1:  # of a word's readings the best counts: each adds what it is better by
                    touched.append(rows)
                    weights = np.maximum(weights - best[rows], np.float32(0.0))
                    best[rows] += weights
                total[rows] += weights
            for rows in touched:
                best[rows] = 0.0
        found = np.flatnonzero(total > 0)  # of truths, which is ten times sooner than of numbers
        return np.asarray(found[np.argpartition(-total[found], most)[:most]] if len(found) > most else found, dtype=np.int64)

    def _held(self, term: int, certainty: float) -> tuple[npt.NDArray[np.int32], Floats]:
        """The entries that hold the term, and what it weighs in each."""
        held = slice(self._starts[term], self._starts[term + 1])
        weight = certainty * float(self._rarity.idf(np.array([term], np.int32))[0])
        return self._rows[held], self._shares[held] * np.float32(weight)


@dataclass(frozen=True, eq=False)
class AskedWords:
    """A question's words in an FAQ's vocabulary."""

    groups: tuple[Mapping[int, float], ...]  # for each topical word the terms that it may stand for, with how certain each is
    grams: npt.NDArray[np.int32]  # its n-grams that some entry has or had, each once
    weights: npt.NDArray[np.float64]  # what they weigh
    length: float  # of all its n-grams, also of those that no entry holds

    @staticmethod
    def of(asked: Analysis, vocabulary: Vocabulary) -> AskedWords:
        readings = ({vocabulary.term(term): certainty for term, certainty in _readings(token).items()} for token in asked.topical)
        groups = tuple({term: certainty for term, certainty in one.items() if term is not None} for one in readings)
        counts = Counter(gram for token in analyse(asked.corrected).topical for gram in grams_of(token.word.corrected.lower()))
        weights = {gram: 1 + math.log(count) for gram, count in counts.items()}
        placed = {place: weight for gram, weight in weights.items() if (place := vocabulary.gram(gram)) is not None}
        length = math.sqrt(sum(weight * weight for weight in weights.values()) + 1e-6)
        return AskedWords(groups, np.fromiter(placed, np.int32, len(placed)), np.fromiter(placed.values(), np.float64, len(placed)), length)

    @cached_property
    def places(self) -> Mapping[int, int]:
        """All terms, each once, and where it stands among them."""
        return {term: place for place, term in enumerate(dict.fromkeys(term for known in self.groups for term in known))}

    @cached_property
    def terms(self) -> npt.NDArray[np.int32]:
        return np.fromiter(self.places, np.int32, len(self.places))

    @cached_property
    def slots(self) -> npt.NDArray[np.int64]:
        """The places of all groups' terms, group after group; `starts` is where each group begins that has any."""
        return np.array([self.places[term] for known in self.groups for term in known], dtype=np.int64)

    @cached_property
    def certainty(self) -> Floats:
        return np.array([certainty for known in self.groups for certainty in known.values()], dtype=np.float32)

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        return np.cumsum([0, *(len(known) for known in self.groups if known)][:-1], dtype=np.int64)


def shared_words(asked: Analysis, entry: FaqEntry) -> tuple[str, ...]:
    """The asked words, as typed, that the entry has too: in another form, as part of a compound, or spelt rightly."""
    held = read_terms(entry)[0]
    found = (token.word.text for token in asked.topical if any(reading in held for reading, certainty in _readings(token).items() if certainty > _STEM))
    return tuple(dict.fromkeys(found))


def _readings(token: Token) -> dict[str, float]:
    """The terms a question's word may stand for, with how certain each is."""
    word = token.word
    readings: dict[str, float] = {}
    for suggestion in word.suggestions[1:4]:
        other = read_word(suggestion)
        readings |= dict.fromkeys(other.lemmas, _SUGGESTED)
    readings |= {f"{lemma[:STEM_LETTERS]}*": _STEM for lemma in word.lemmas if len(lemma) > STEM_LETTERS}
    readings |= {part: _PART for part in word.parts if part not in words("stop_et")}
    return readings | dict.fromkeys(word.lemmas, 1.0)


def _joined(held: Sequence[Counted]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """All entries' ids, counts, and the entry that each stands in."""
    if not held:
        return np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int64)
    rows = np.repeat(np.arange(len(held)), [len(one.ids) for one in held])
    return np.concatenate([one.ids for one in held]), np.concatenate([one.counts for one in held]).astype(np.float64), rows


def _at(weights: npt.NDArray[np.float64], ids: npt.NDArray[np.int32], otherwise: float) -> npt.NDArray[np.float64]:
    """`weights[ids]`, and `otherwise` for ids that came into the vocabulary later."""
    out = np.full(len(ids), otherwise)
    known = ids < len(weights)
    out[known] = weights[ids[known]]
    return out


def _total(held: Sequence[EntryWords], name: str) -> float:
    return float(sum(getattr(words, name).counts.sum() for words in held))
