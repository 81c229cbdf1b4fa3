"""A customer's text, read once: its words, its vectors, and the part of it that asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.asking import asking_part
from bot.encoder import Encoded, Encoder, Vectors
from bot.estonian import Analysis, analyse


@dataclass(frozen=True)
class Question:
    """One text, read once: its analysis, and its vectors as typed and as probably meant.

    `core` is the part of a longer message that asks, read by itself; None where the message is one sentence. `follow_up` is a short
    message, read by itself, where the text is that message after the question before it.
    """

    analysis: Analysis
    typed: Encoded
    meant: Encoded
    core: Question | None = None
    follow_up: Question | None = None

    @property
    def vector(self) -> Vectors:
        """(dim,) between both."""
        return (self.typed.vector + self.meant.vector) / 2


def read_questions(analyses: Sequence[Analysis], encoder: Encoder) -> list[Question]:
    """Encode texts and the parts of them that ask; one that reads the same after correction is encoded once."""
    cores = [_core(analysis) for analysis in analyses]
    texts = dict.fromkeys(text for one in (*analyses, *cores) if one for text in (one.normal, one.corrected))
    encoded = dict(zip(texts, encoder.read_queries(list(texts)), strict=True))

    def read(analysis: Analysis, core: Analysis | None = None) -> Question:
        return Question(analysis, encoded[analysis.normal], encoded[analysis.corrected], read(core) if core else None)

    return [read(analysis, core) for analysis, core in zip(analyses, cores, strict=True)]


def _core(analysis: Analysis) -> Analysis | None:
    part = analyse(asking_part(analysis.normal))
    return part if part.normal != analysis.normal and part.has_words else None
