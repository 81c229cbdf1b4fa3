"""A customer's text, read once: its words, its vectors, and the part of it that asks.

The encoder reads what was probably meant, and beside it what was typed only where a word was guessed: the guess may be a wrong one, of a name above all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.asking import asking_part
from bot.encoder import Encoded, Encoder, Vectors
from bot.estonian import Analysis, analyse


@dataclass(frozen=True)
class Question:
    """One text, read once: its analysis, and its vectors as probably meant, also as `typed` where that was guessed.

    `core` is the part of a longer message that asks, read by itself; None where the message is one sentence. `follow_up` is a short
    message, read by itself, where the text is that message after the question before it.
    """

    analysis: Analysis
    meant: Encoded
    typed: Encoded | None = None
    core: Question | None = None
    follow_up: Question | None = None

    @property
    def vector(self) -> Vectors:
        """(dim,) of what was meant, between both where that was guessed."""
        return (self.typed.vector + self.meant.vector) / 2 if self.typed else self.meant.vector


def read_questions(analyses: Sequence[Analysis], encoder: Encoder) -> list[Question]:
    """Encode texts and the parts of them that ask, each once."""
    cores = [_core(analysis) for analysis in analyses]
    texts = dict.fromkeys(text for one in (*analyses, *cores) if one for text in _read(one))
    encoded = dict(zip(texts, encoder.read_queries(list(texts)), strict=True))

    def read(analysis: Analysis, core: Analysis | None = None) -> Question:
        meant, *typed = (encoded[text] for text in _read(analysis))
        return Question(analysis, meant, typed[0] if typed else None, read(core) if core else None)

    return [read(analysis, core) for analysis, core in zip(analyses, cores, strict=True)]


def _read(analysis: Analysis) -> tuple[str, ...]:
    """What the encoder reads of it: what was meant, and what was typed where that was guessed."""
    return (analysis.corrected, analysis.normal) if analysis.guessed else (analysis.corrected,)


def _core(analysis: Analysis) -> Analysis | None:
    part = analyse(asking_part(analysis.normal))
    return part if part.normal != analysis.normal and part.has_words else None
