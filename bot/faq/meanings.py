"""Expressions that mean the same: a question's „netti pole“ meets an entry's „internet ei tööta“ though they share no word.

The groups are written by hand in `data/words` and compiled (`abiline train --matcher`) into lemmas, one group a line, so that a start reads no
eighteen thousand expressions through Vabamorf. An expression stands in a text when all its lemmas do, in any order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors
from bot.estonian import Analysis, analyse
from bot.faq.vocabulary import changed
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


@dataclass(frozen=True, eq=False)
class Groups:
    """Those that stand in one entry, each once, and how certainly."""

    ids: npt.NDArray[np.int32]
    certainty: npt.NDArray[np.float32]

    @staticmethod
    def of(found: Mapping[int, float]) -> Groups:
        return Groups(np.fromiter(found, np.int32, len(found)), np.fromiter(found.values(), np.float32, len(found)))


class Rarity:
    """Immutable: how rare each group is among the entries of an FAQ."""

    def __init__(self, held: Sequence[Groups], *, before: Rarity | None = None, gone: Sequence[Groups] = ()) -> None:
        """With `before`, of an FAQ that had the entries `gone` in place of these."""
        self._size: int = (before._size if before else 0) + len(held) - len(gone)
        self._counts: npt.NDArray[np.int64] = changed(before._counts if before else None, [one.ids for one in held], [one.ids for one in gone])

    def idf(self, group: int, *, held: bool) -> float:
        """What a group weighs; one that no entry of the FAQ holds weighs what it will when one does (`held`), or as what is found nowhere."""
        count = int(self._counts[group]) if group < len(self._counts) else 0
        if not count:
            return math.log(1 + (max(self._size, 1) - 0.5) / 1.5) if held else math.log(1 + self._size)
        return math.log(1 + (self._size - count + 0.5) / (count + 0.5))


class Thesaurus:
    """Immutable: what some entries mean, ready to be asked."""

    def __init__(self, held: Sequence[Groups], rarity: Rarity | None = None) -> None:
        """With `rarity` groups weigh what they do in the FAQ it was counted in; without it these entries are the FAQ."""
        self._size = len(held)
        self._rows = np.repeat(np.arange(len(held)), [len(one.ids) for one in held])
        self._ids = np.concatenate([one.ids for one in held]) if held else np.zeros(0, np.int32)
        self._certainty = np.concatenate([one.certainty for one in held]) if held else np.zeros(0, np.float32)
        self._rarity = rarity or Rarity(held)

    def scores(self, asked: Mapping[int, float]) -> Vectors:
        """`asked` are a question's groups (`Meanings.of`) → (entries, 2): the weight of those that an entry shares, and their share of the question's."""
        out = np.zeros((self._size, len(COLUMNS)), dtype=np.float32)
        if not asked or not len(self._ids):
            return out
        most = max(int(self._ids.max()), *asked) + 1
        here = np.bincount(self._ids, minlength=most) > 0
        weights = np.zeros(most)
        for group, certainty in asked.items():
            weights[group] = certainty * self._rarity.idf(group, held=bool(here[group]))
        out[:, 0] = np.bincount(self._rows, weights[self._ids] * self._certainty, self._size)
        out[:, 1] = out[:, 0] / (1e-6 + float(weights.sum()))
        return out


def entry_meanings(entry: FaqEntry, meanings: Meanings) -> dict[int, float]:
    """The groups that stand in an entry, each with how certainly."""
    found: dict[int, float] = {}
    versions = ({"question": entry.question, "answer": entry.answer}, *entry.translations.values())
    texts = [(text, weight) for version in versions for text, weight in ((version["question"], 1.0), (version["answer"], _ANSWER))]
    for text, weight in [*texts, *((example, _EXAMPLE) for example in entry.examples)]:
        for group, certainty in meanings.of(analyse(text)).items():
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
