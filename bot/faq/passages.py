"""The passages of an entry: what of it is read as a text of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from bot.understanding import FaqEntry


class Kind(IntEnum):
    """What of an entry a passage is."""

    QUESTION = 0
    FULL = 1  # question and answer together
    ANSWER = 2
    EXAMPLE = 3


ASKED = frozenset({Kind.QUESTION, Kind.EXAMPLE})  # these are questions themselves


@dataclass(frozen=True)
class Passage:
    kind: Kind
    text: str
    language: str = "et"


def passages_of(entry: FaqEntry) -> tuple[Passage, ...]:
    """Every passage of an entry, translations included."""
    out: list[Passage] = []
    for language, texts in {"et": {"question": entry.question, "answer": entry.answer}, **entry.translations}.items():
        question, answer = texts["question"], texts["answer"]
        pairs = ((Kind.QUESTION, question), (Kind.FULL, f"{question} {answer}"), (Kind.ANSWER, answer))
        out += [Passage(kind, text, language) for kind, text in pairs]
    return (*out, *(Passage(Kind.EXAMPLE, example) for example in entry.examples))
