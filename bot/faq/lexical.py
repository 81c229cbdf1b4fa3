"""Evidence of shared words: BM25 over lemmas and compound parts, character n-grams, weighted overlap.

Finds what vectors miss: names, numbers, rare words. A question's word counts through the best of its readings (its lemmas,
the parts of a compound, the lemmas of what a misspelt word may mean), never through several at once.
"""

from __future__ import annotations

import math
from collections import ChainMap, Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.estonian import Analysis, Token, analyse
from bot.morphology import read_word
from bot.understanding import FaqEntry
from bot.words import words

Floats = npt.NDArray[np.float32]
COLUMNS = ("bm25", "bm25_question", "overlap", "covered", "chars", "chars_question")
_K1, _B = 1.2, 0.6
_PART, _SUGGESTED, _STEM = 0.6, 0.5, 0.45  # what a weaker reading of a word counts
_STEM_LETTERS = 5
_QUESTION_TIMES = 2  # an entry's question says what it is about; its answer mentions much else
_CHAR_SIZES = (3, 4, 5)


@dataclass(frozen=True)
class _Postings:
    rows: npt.NDArray[np.int64]
    weights: Floats


class Lexicon:
    """Immutable: the words of some entries, ready to be asked."""

    def __init__(self, entries: Sequence[FaqEntry], *, beside: Lexicon | None = None) -> None:
        """With `beside` words weigh what they do there, so that these few entries' scores can stand among that lexicon's."""
        self._size = len(entries)
        questions = [_texts_of_question(entry) for entry in entries]
        wholes = [[*texts * _QUESTION_TIMES, *_answers(entry)] for texts, entry in zip(questions, entries, strict=True)]
        question_terms = [_terms(texts) for texts in questions]
        whole_terms = [_terms(texts) for texts in wholes]
        self._idf: Mapping[str, float] = _idf_beside(beside._idf, beside._counted, whole_terms) if beside else _idf(whole_terms)
        self._unseen: float = beside._unseen if beside else max(self._idf.values(), default=1.0)
        self._counted: int = beside._counted if beside else self._size
        self._lengths: tuple[float, float] = beside._lengths if beside else (_mean_length(whole_terms), _mean_length(question_terms))
        self._whole = _bm25(whole_terms, self._idf, self._lengths[0])
        self._question = _bm25(question_terms, self._idf, self._lengths[1])
        self._mass = np.array([sum(self._idf[term] for term in terms) for terms in question_terms], dtype=np.float32)
        self._chars: Mapping[str, _Postings] = _char_postings(wholes, self._counted, beside._chars if beside else None)
        self._chars_question: Mapping[str, _Postings] = _char_postings(questions, self._counted, beside._chars_question if beside else None)

    def scores(self, asked: Analysis) -> Floats:
        """(entries, len(COLUMNS)): each column's evidence, zero where nothing is shared."""
        out = np.zeros((self._size, len(COLUMNS)), dtype=np.float32)
        groups = [_readings(token) for token in asked.topical]
        out[:, 0] = self._sum(groups, self._whole)
        out[:, 1] = self._sum(groups, self._question)
        out[:, 2], out[:, 3] = self._overlap(groups)
        out[:, 4] = self._cosine(asked, self._chars)
        out[:, 5] = self._cosine(asked, self._chars_question)
        return out

    def _sum(self, groups: Sequence[Mapping[str, float]], postings: Mapping[str, _Postings]) -> Floats:
        total = np.zeros(self._size, dtype=np.float32)
        for readings in groups:
            best = np.zeros(self._size, dtype=np.float32)
            for term, weight in readings.items():
                if term in postings:
                    found = postings[term]
                    best[found.rows] = np.maximum(best[found.rows], weight * found.weights)
            total += best
        return total

    def _overlap(self, groups: Sequence[Mapping[str, float]]) -> tuple[Floats, Floats]:
        """Share of the asked words' weight that an entry has, and share of the entry's question that was asked."""
        shared = np.zeros(self._size, dtype=np.float32)
        covered = np.zeros(self._size, dtype=np.float32)
        whole = 1e-6
        for readings in groups:
            known = [self._idf[term] for term in readings if term in self._idf]
            weight = max(known, default=self._unseen)
            whole += weight
            shared += weight * self._certainty(readings, self._whole)
            covered += weight * self._certainty(readings, self._question)
        return shared / whole, covered / np.maximum(self._mass, 1e-6)

    def _certainty(self, readings: Mapping[str, float], postings: Mapping[str, _Postings]) -> Floats:
        """(entries,): how certainly each entry holds the word."""
        best = np.zeros(self._size, dtype=np.float32)
        for term, certainty in readings.items():
            if term in postings:
                best[postings[term].rows] = np.maximum(best[postings[term].rows], certainty)
        return best

    def _cosine(self, asked: Analysis, postings: Mapping[str, _Postings]) -> Floats:
        grams = Counter(_grams([asked.corrected]))
        total = np.zeros(self._size, dtype=np.float32)
        length = 1e-6
        for gram, count in grams.items():
            if gram in postings:
                weight = 1 + math.log(count)
                total[postings[gram].rows] += weight * postings[gram].weights
            length += (1 + math.log(count)) ** 2
        return total / math.sqrt(length)


def shared_words(asked: Analysis, entry: FaqEntry) -> tuple[str, ...]:
    """The asked words, as typed, that the entry has too: in another form, as part of a compound, or spelt rightly."""
    held = _terms([*_texts_of_question(entry), *_answers(entry)])
    found = (token.word.text for token in asked.topical if any(reading in held for reading, certainty in _readings(token).items() if certainty > _STEM))
    return tuple(dict.fromkeys(found))


def _texts_of_question(entry: FaqEntry) -> list[str]:
    return [entry.question, *entry.examples, *(texts["question"] for texts in entry.translations.values())]


def _answers(entry: FaqEntry) -> list[str]:
    return [entry.answer, *(texts["answer"] for texts in entry.translations.values()), *entry.tags]


def _readings(token: Token) -> dict[str, float]:
    """The terms a question's word may stand for, with how certain each is."""
    word = token.word
    readings: dict[str, float] = {}
    for suggestion in word.suggestions[1:4]:
        other = read_word(suggestion)
        readings |= dict.fromkeys(other.lemmas, _SUGGESTED)
    readings |= {f"{lemma[:_STEM_LETTERS]}*": _STEM for lemma in word.lemmas if len(lemma) > _STEM_LETTERS}
    readings |= {part: _PART for part in word.parts if part not in words("stop_et")}
    return readings | dict.fromkeys(word.lemmas, 1.0)


def _terms(texts: Iterable[str]) -> Counter[str]:
    """Lemmas, compound parts and stems of an entry's words; a part counts like a word of its own."""
    counts: Counter[str] = Counter()
    for text in texts:
        for token in analyse(text).topical:
            lemmas = token.word.lemmas
            counts.update(lemmas)
            counts.update(part for part in token.word.parts if part not in words("stop_et") and part not in lemmas)
            counts.update({f"{lemma[:_STEM_LETTERS]}*" for lemma in lemmas if len(lemma) > _STEM_LETTERS})
    return counts


def _idf(documents: Sequence[Counter[str]]) -> dict[str, float]:
    held = Counter(term for terms in documents for term in terms)
    return {term: math.log(1 + (len(documents) - count + 0.5) / (count + 0.5)) for term, count in held.items()}


def _idf_beside(known: Mapping[str, float], size: int, documents: Sequence[Counter[str]]) -> Mapping[str, float]:
    """What is known, and new words as one entry of `size` has them."""
    new = {term for terms in documents for term in terms if term not in known}
    return ChainMap(dict.fromkeys(new, math.log(1 + (max(size, 1) - 0.5) / 1.5)), known)  # type: ignore[arg-type]  # only read


def _mean_length(documents: Sequence[Counter[str]]) -> float:
    return sum(terms.total() for terms in documents) / max(len(documents), 1) or 1.0


def _bm25(documents: Sequence[Counter[str]], idf: Mapping[str, float], mean: float) -> dict[str, _Postings]:
    found: dict[str, list[tuple[int, float]]] = {}
    for row, terms in enumerate(documents):
        norm = _K1 * (1 - _B + _B * terms.total() / mean)
        for term, count in terms.items():
            found.setdefault(term, []).append((row, idf[term] * count * (_K1 + 1) / (count + norm)))
    return _packed(found)


def _char_postings(documents: Sequence[Sequence[str]], size: int, beside: Mapping[str, _Postings] | None) -> dict[str, _Postings]:
    """With `beside`, the postings of `size` other documents, an n-gram is as rare as it is there."""
    counted = [Counter(_grams(texts)) for texts in documents]
    held: Mapping[str, int] = Counter(gram for grams in counted for gram in grams)
    if beside is not None:
        held = {gram: len(beside[gram].rows) if gram in beside else 1 for gram in held}
    found: dict[str, list[tuple[int, float]]] = {}
    for row, grams in enumerate(counted):
        weights = {gram: (1 + math.log(count)) * math.log((1 + size) / held[gram]) for gram, count in grams.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for gram, weight in weights.items():
            found.setdefault(gram, []).append((row, weight / length))
    return _packed(found)


def _packed(found: Mapping[str, Sequence[tuple[int, float]]]) -> dict[str, _Postings]:
    return {term: _Postings(np.array([row for row, _ in held], np.int64), np.array([weight for _, weight in held], np.float32)) for term, held in found.items()}


def _grams(texts: Iterable[str]) -> Iterable[str]:
    """Character n-grams inside each word, with its ends marked."""
    for text in texts:
        for token in analyse(text).topical:
            padded = f" {token.word.corrected.lower()} "
            for size in _CHAR_SIZES:
                yield from (padded[at : at + size] for at in range(len(padded) - size + 1))
