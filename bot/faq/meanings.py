"""Expressions that mean the same: a question's „netti pole“ meets an entry's „internet ei tööta“ though they share no word.

The groups are written by hand in `data/words` and compiled (`abiline train --matcher`) into lemmas, one group a line, so that a start reads no
eighteen thousand expressions through Vabamorf. An expression stands in a text when all its lemmas do, in any order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from bot.encoder import Vectors
from bot.estonian import Analysis, analyse
from bot.morphology import read_word
from bot.understanding import FaqEntry
from bot.words import lines

COLUMNS = ("meaning", "meaning_share")
FILE = Path(__file__).parents[1] / "words" / "meanings.txt"
_HEAD = "# Made from data/words by `abiline train --matcher`: a group of expressions a line, each the lemmas that must all be there.\n"
_BETWEEN = " | "
_ANSWER, _EXAMPLE = 0.6, 0.8  # what a group met there counts, against one met in the entry's question
_GUESSED = 2  # of an unknown word's likely corrections, how many are believed


class Meanings:
    """Immutable: the compiled groups, ready to be found in texts."""

    def __init__(self, groups: Sequence[Sequence[frozenset[str]]]) -> None:
        alone = Counter(next(iter(one)) for group in groups for one in set(group) if len(one) == 1)
        held = Counter(lemma for group in groups for one in group for lemma in one)
        self._by_rarest: dict[str, list[tuple[int, frozenset[str], float]]] = {}
        for number, group in enumerate(groups):
            for one in set(group):
                # A word that stands alone in several groups may mean any of them.
                certainty = 1 / max(1.0, math.log(1 + alone[next(iter(one))])) if len(one) == 1 else 1.0
                self._by_rarest.setdefault(min(sorted(one), key=lambda lemma: held[lemma]), []).append((number, one, certainty))

    def of(self, text: Analysis) -> dict[int, float]:
        """The groups that stand in a text, each with how certainly."""
        lemmas = _all_lemmas(text)
        found: dict[int, float] = {}
        for lemma in lemmas:
            for number, one, certainty in self._by_rarest.get(lemma, ()):
                if one <= lemmas:
                    found[number] = max(found.get(number, 0.0), certainty)
        return found


class Thesaurus:
    """Immutable: what some entries mean, ready to be asked."""

    def __init__(self, entries: Sequence[FaqEntry], meanings: Meanings, *, beside: Thesaurus | None = None) -> None:
        """With `beside` meanings weigh what they do there, so that these few entries' scores can stand among that thesaurus's."""
        self._meanings = meanings
        held = [self._of_entry(entry) for entry in entries]
        counts = Counter(group for groups in held for group in groups)
        self._size = len(entries)
        own = {group: math.log(1 + (len(entries) - count + 0.5) / (count + 0.5)) for group, count in counts.items()}
        self._counted: int = beside._counted if beside else self._size
        rare = math.log(1 + (max(self._counted, 1) - 0.5) / 1.5)
        self._idf: dict[int, float] = {**dict.fromkeys(own, rare), **beside._idf} if beside else own
        self._holders: dict[int, list[tuple[int, float]]] = {}
        for row, groups in enumerate(held):
            for group, certainty in groups.items():
                self._holders.setdefault(group, []).append((row, certainty * self._idf[group]))

    def scores(self, asked: Analysis) -> Vectors:
        """(entries, 2): the weight of the groups that question and entry share, and their share of the question's."""
        out = np.zeros((self._size, len(COLUMNS)), dtype=np.float32)
        unheld = math.log(1 + self._counted)
        whole = 1e-6
        for group, certainty in self._meanings.of(asked).items():
            whole += certainty * self._idf.get(group, unheld)
            for row, weight in self._holders.get(group, ()):
                out[row, 0] += certainty * weight
        out[:, 1] = out[:, 0] / whole
        return out

    def _of_entry(self, entry: FaqEntry) -> dict[int, float]:
        found: dict[int, float] = {}
        versions = ({"question": entry.question, "answer": entry.answer}, *entry.translations.values())
        texts = [(text, weight) for version in versions for text, weight in ((version["question"], 1.0), (version["answer"], _ANSWER))]
        for text, weight in [*texts, *((example, _EXAMPLE) for example in entry.examples)]:
            for group, certainty in self._meanings.of(analyse(text)).items():
                found[group] = max(found.get(group, 0.0), certainty * weight)
        return found


@cache
def meanings() -> Meanings:
    """Those that come with the bot."""
    return Meanings([[frozenset(one.split()) for one in line.split(_BETWEEN)] for line in lines(FILE.stem)])


def compiled(groups: Iterable[Sequence[str]]) -> str:
    """Groups of expressions → the text of `meanings.txt`."""
    return _HEAD + "".join(f"{line}\n" for line in (_line(group) for group in groups) if line)


def _line(group: Sequence[str]) -> str:
    found = [" ".join(sorted({token.word.lemmas[0] for token in analyse(text).topical})) for text in group]
    return _BETWEEN.join(dict.fromkeys(one for one in found if one and "#" not in one))


def _all_lemmas(text: Analysis) -> frozenset[str]:
    """Every lemma a text's topical words may have: all readings, a compound's parts, likely corrections."""
    found: set[str] = set()
    for token in text.topical:
        found.update(token.word.lemmas, token.word.parts)
        for suggestion in token.word.suggestions[1 : 1 + _GUESSED]:
            found.update(read_word(suggestion).lemmas)
    return frozenset(found)
