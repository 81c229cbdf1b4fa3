"""Which of the three languages a text is in: Estonian, English or Russian."""

from __future__ import annotations

import re

from bot.morphology import read_word
from bot.understanding import Language
from bot.words import words

_LETTERS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENGLISH_SHAPE = re.compile(r"(?:th|sh|wh|ck|tion|ing|ght|ould|ould|ew|[bcdfghklmnpqrstvwxz]y)\b|^(?:th|sh|wh|ch|qu|wr|cr|cl)|[wqcxy]|ee[nk]s?$")
_ADDRESS = re.compile(r"\S*@\S*|https?://\S+")  # of a person or a page: says nothing about the language around it
_MARKS = re.compile(r"[õäöüšž]", re.IGNORECASE)
_LEAST_LEAD = 0.5  # evidence by which one language must lead the other


def detect(text: str) -> Language | None:
    """The language of a text, or None when its words say nothing either way ("ok", "PIN", a number)."""
    text = _ADDRESS.sub(" ", text)
    latin = len(re.findall(r"[a-zA-ZõäöüšžÕÄÖÜŠŽ]", text))
    cyrillic = len(re.findall(r"[а-яёА-ЯЁ]", text))
    if cyrillic > latin:
        return "ru"
    estonian = english = 0.0
    for word in _LETTERS.findall(text)[:60]:
        towards_estonian, towards_english = _evidence(word)
        estonian, english = estonian + towards_estonian, english + towards_english
    if abs(estonian - english) < _LEAST_LEAD:
        return "ru" if cyrillic else None
    return "et" if estonian > english else "en"


def _evidence(word: str) -> tuple[float, float]:
    """What one word says for Estonian and for English."""
    lower = word.lower().replace("’", "'")
    is_abbreviation = len(lower) < 2 or (word.isupper() and not _MARKS.search(word))
    if lower in words("undecided"):
        return 0.0, 0.0
    if lower in words("common_en"):
        return 0.0, 1.0
    if lower in words("common_et") or _MARKS.search(lower):
        return 1.0, 0.0
    return (0.0, 0.0) if is_abbreviation else _by_shape(word, lower)


def _by_shape(word: str, lower: str) -> tuple[float, float]:
    # Vabamorf's suggestions are not asked here: they cost milliseconds and find something for English words too.
    known = read_word(word, correct=False).known
    shape = 0.6 if _ENGLISH_SHAPE.search(lower) else 0.0
    if known:
        return (0.6, 0.0) if not shape else (0.5, 0.2)
    return (0.1, shape) if shape else (0.3, 0.1)
