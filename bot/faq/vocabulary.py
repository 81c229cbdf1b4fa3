"""Words as numbers: what an entry's texts hold, counted, in a vocabulary that a process shares.

Reading an entry's words takes tens of milliseconds, so what was read is kept as text (`read_words`) and only numbered anew.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bot.estonian import Token, analyse
from bot.understanding import FaqEntry
from bot.words import words

STEM_LETTERS = 5
_QUESTION_TIMES = 2  # an entry's question says what it is about; its answer mentions much else
_CHAR_SIZES = (3, 4, 5)


@dataclass(frozen=True, eq=False)
class Counted:
    """Numbers of terms or n-grams, each once, and how often each stands there."""

    ids: npt.NDArray[np.int32]
    counts: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class EntryWords:
    """What one entry holds, in all its texts and in its questions: terms (lemmas, compound parts, stems) and n-grams."""

    whole: Counted
    question: Counted
    grams: Counted
    grams_question: Counted


class Vocabulary:
    """Terms and n-grams ↔ numbers. It only grows, so a number means the same for as long as the process runs."""

    def __init__(self) -> None:
        self._terms: dict[str, int] = {}
        self._grams: dict[str, int] = {}
        self._by_word: dict[str, npt.NDArray[np.int32]] = {}
        self._growing = threading.Lock()

    @property
    def terms(self) -> int:
        return len(self._terms)

    @property
    def grams(self) -> int:
        return len(self._grams)

    def term(self, term: str) -> int | None:
        """Its number; None for one that no entry has had."""
        return self._terms.get(term)

    def gram(self, gram: str) -> int | None:
        return self._grams.get(gram)

    def numbered(self, terms: tuple[Mapping[str, int], Mapping[str, int]], forms: tuple[Mapping[str, int], Mapping[str, int]]) -> EntryWords:
        """`terms` and written `forms` of the whole entry and of its questions."""
        with self._growing:
            (whole, question), (grams, grams_question) = map(self._of_terms, terms), map(self._of_forms, forms)
        return EntryWords(whole, question, grams, grams_question)

    def _of_terms(self, counts: Mapping[str, int]) -> Counted:
        known = self._terms
        ids = np.fromiter((known.setdefault(term, len(known)) for term in counts), np.int32, len(counts))
        return Counted(ids, np.fromiter(counts.values(), np.float32, len(counts)))

    def _of_forms(self, counts: Mapping[str, int]) -> Counted:
        grams = [self._grams_of(form) for form in counts]
        if not grams:
            return Counted(np.zeros(0, np.int32), np.zeros(0, np.float32))
        times = np.repeat(np.fromiter(counts.values(), np.float32, len(counts)), [len(one) for one in grams])
        ids, places = np.unique(np.concatenate(grams), return_inverse=True)
        return Counted(ids.astype(np.int32), np.bincount(places, times, len(ids)).astype(np.float32))

    def _grams_of(self, form: str) -> npt.NDArray[np.int32]:
        found = self._by_word.get(form)
        if found is None:
            known = self._grams
            found = self._by_word[form] = np.array([known.setdefault(gram, len(known)) for gram in grams_of(form)], np.int32)
        return found


def changed(before: npt.NDArray[np.int64] | None, come: Sequence[npt.NDArray[np.int32]], gone: Sequence[npt.NDArray[np.int32]]) -> npt.NDArray[np.int64]:
    """How many entries hold each number, after some came and some went; exactly what counting all of them anew would give."""
    more, less = (np.bincount(np.concatenate(ids)) if ids else np.zeros(0, np.int64) for ids in (come, gone))
    counts = np.zeros(max(len(more), len(less), len(before) if before is not None else 0), np.int64)
    for some, sign in ((before, 1), (more, 1), (less, -1)):
        if some is not None:
            counts[: len(some)] += sign * some
    return counts


def read_terms(entry: FaqEntry) -> tuple[Counter[str], Counter[str]]:
    """The terms of the whole entry and of its questions."""
    asked, said = _texts_of_question(entry), _answers(entry)
    return _terms([*asked * _QUESTION_TIMES, *said]), _terms(asked)


def read_forms(entry: FaqEntry) -> tuple[Counter[str], Counter[str]]:
    """The topical words as they are written, corrected, of the whole entry and of its questions."""
    asked, said = _texts_of_question(entry), _answers(entry)
    return _forms([*asked * _QUESTION_TIMES, *said]), _forms(asked)


@lru_cache(maxsize=50_000)
def grams_of(form: str) -> tuple[str, ...]:
    """Character n-grams inside a word, with its ends marked."""
    padded = f" {form} "
    return tuple(padded[at : at + size] for size in _CHAR_SIZES for at in range(len(padded) - size + 1))


def _texts_of_question(entry: FaqEntry) -> list[str]:
    return [entry.question, *entry.examples, *(texts["question"] for texts in entry.translations.values())]


def _answers(entry: FaqEntry) -> list[str]:
    return [entry.answer, *(texts["answer"] for texts in entry.translations.values()), *entry.tags]


def _terms(texts: Iterable[str]) -> Counter[str]:
    """Lemmas, compound parts and stems of an entry's words; a part counts like a word of its own."""
    counts: Counter[str] = Counter()
    for token in _topical(texts):
        lemmas = token.word.lemmas
        counts.update(lemmas)
        counts.update(part for part in token.word.parts if part not in words("stop_et") and part not in lemmas)
        counts.update({f"{lemma[:STEM_LETTERS]}*" for lemma in lemmas if len(lemma) > STEM_LETTERS})
    return counts


def _forms(texts: Iterable[str]) -> Counter[str]:
    return Counter(token.word.corrected.lower() for token in _topical(texts))


def _topical(texts: Iterable[str]) -> Sequence[Token]:
    return [token for text in texts for token in analyse(text).topical]
