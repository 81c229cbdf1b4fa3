"""Passwords that anybody guesses first: one common word with figures, years or signs around it, a walk over the keyboard, a row of figures, the same thing
again and again, or the person's own name. What is long in other ways is left alone: no rule says which signs a password must have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from pathlib import Path

LEAST_WALK = 4  # keys; fewer beside each other stand in any word
LONGEST_UNIT = 4  # of what is repeated: „abcabcabc“, „12121212“
_LOOKALIKES = (str.maketrans("01345789@$!|+", "oieastbgasiit"), str.maketrans("01345789@$!|+", "oleastbgaslit"))  # `p@r00l`; a 1 is an i or an l
_ROWS = (
    "1234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopuo",
    "qwertyuiop[]",
    "qwertzuiopu",
    "asdfghjkloa",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "yxcvbnm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "qweasdzxc",
    "zaqxswcdevfrbgtnhymjukilop",
)
_FIGURES_AND_SIGNS = re.compile(r"[\W\d_]+")


def is_common(password: str, about: Collection[str] = ()) -> bool:
    """Whether it is one of those that are tried first. `about` is what the person is called: their log-in, their name."""
    folded = _folded(password)
    own = {_letters(_folded(word)) for name in about for word in (name, *name.split())}
    known = _words() | {word for word in own if len(word) >= 3}
    return any(_is_word(one, known) for one in (folded, *(_inside(folded).translate(signs) for signs in _LOOKALIKES))) or _is_walk(folded)


def _is_word(text: str, known: Collection[str]) -> bool:
    """Whether all its letters are one known word, once or several times."""
    parts = {part for part in _FIGURES_AND_SIGNS.split(text) if part}
    return (len(parts) == 1 and _unit(parts.pop()) in known) or _letters(text) in known


def _is_walk(text: str) -> bool:
    """Whether it is a row of keys or of figures, there or back, or a short thing repeated; also with a few figures around it."""
    cores = {text, _inside(text)}
    repeated = len(_unit(text)) <= LONGEST_UNIT
    return repeated or any(_walked(_unit(core)) for core in cores if len(core) >= LEAST_WALK) or all(_walked(part) for part in _FIGURES_AND_SIGNS.split(text))


def _walked(text: str) -> bool:
    return len(text) >= LEAST_WALK and any(text in walk for walk in _walks())


def _unit(text: str) -> str:
    """What the text is made of when it is one thing over and over, else the text."""
    return text[: (text + text).find(text, 1)] if text else text


def _inside(text: str) -> str:
    """Without the figures and signs before and after; `text` itself where there is nothing else."""
    return re.sub(r"^[\W\d_]+(?=[^\W\d_])|(?<=[^\W\d_])[\d!?.,_*#-]+$", "", text)


def _letters(text: str) -> str:
    return _FIGURES_AND_SIGNS.sub("", text)


def _folded(text: str) -> str:
    """In small letters and without the signs on them: „Õunapuu“ is „ounapuu“."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))


@cache
def _words() -> frozenset[str]:
    text = (Path(__file__).parent / "common.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def _walks() -> tuple[str, ...]:
    rows = [_folded(row) for row in _ROWS]
    return (*rows, *(row[::-1] for row in rows))
