"""A customer's words as an entry's question: „millal pakk jouab“ → „Millal pakk jõuab?“. Nothing is guessed but marks over letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from bot.understanding import SpellingMark

ENDS = ".?!…"
GREETINGS = ("tere päevast", "tere hommikust", "tere õhtust", "tere", "tervist", "hei", "hello", "hi", "здравствуйте", "добрый день", "привет")


def as_question(text: str, proofread: Callable[[str], Sequence[SpellingMark]]) -> str:
    """The text without a greeting, with õ, ä, ö and ü where they belong, a capital letter and a mark at its end."""
    text = _without_greeting(" ".join(text.split()))
    for mark in reversed(proofread(text)):
        meant = next((one for one in mark.suggestions if _bare(one) == _bare(mark.word)), None)
        if meant is not None:
            text = text[: mark.start] + meant + text[mark.end :]
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ENDS else f"{text}?"


def _without_greeting(text: str) -> str:
    low = text.lower()
    for greeting in GREETINGS:
        rest = text[len(greeting) :]
        if low.startswith(greeting) and rest[:1] in (",", "!", ".", " ") and len(rest.split()) > 1:
            return rest.lstrip(",!. ")
    return text


def _bare(word: str) -> str:
    """Small letters without marks."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(letter))
