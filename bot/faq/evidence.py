"""All evidence for one question against every entry of an FAQ, side by side in one table. The matcher weighs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.encoder import Encoded, Encoder, Vectors
from bot.estonian import Analysis
from bot.faq import alignment, lexical
from bot.faq.index import Centre, Index, Kind, VectorCache
from bot.faq.lexical import Lexicon
from bot.understanding import FaqEntry

SOURCES = (*(f"dense_{kind.name.lower()}" for kind in Kind), *alignment.COLUMNS, *lexical.COLUMNS)
FORMS = ("raw", "z", "margin", "rank")
COLUMNS = tuple(f"{source}.{form}" for form in FORMS for source in SOURCES)


@dataclass(frozen=True)
class Question:
    """One text, read once: its analysis, and its vectors as typed and as probably meant."""

    analysis: Analysis
    typed: Encoded
    meant: Encoded

    @property
    def vector(self) -> Vectors:
        """(dim,) between both."""
        return (self.typed.vector + self.meant.vector) / 2


def read_questions(analyses: Sequence[Analysis], encoder: Encoder) -> list[Question]:
    """Encode texts; one that reads the same after correction is encoded once."""
    texts = dict.fromkeys(text for analysis in analyses for text in (analysis.normal, analysis.corrected))
    encoded = dict(zip(texts, encoder.read_queries(list(texts)), strict=True))
    return [Question(analysis, encoded[analysis.normal], encoded[analysis.corrected]) for analysis in analyses]


class Evidence:
    """Immutable: an FAQ ready to be asked."""

    def __init__(self, entries: Sequence[FaqEntry], cache: VectorCache, centre: Centre | None = None) -> None:
        self.entries = tuple(entries)
        self._index = Index(entries, cache, centre)
        self._lexicon = Lexicon(entries)

    def raw(self, question: Question) -> Vectors:
        """(entries, len(SOURCES)): what each source says, on its own scale."""
        dense = self._index.by_entry(question.vector[None])[0]
        aligned = self._index.aligned(question.meant.tokens, question.analysis.language)
        return np.concatenate([dense, aligned, self._lexicon.scores(question.analysis)], axis=1)

    def table(self, question: Question) -> Vectors:
        """(entries, len(COLUMNS)); see `widened`."""
        return widened(self.raw(question))


def widened(raw: Vectors) -> Vectors:
    """Each source in four forms: as it is, against the other entries' spread, against the best entry, and by its place.

    What a similarity means depends on the question (long or short) and on the FAQ (alike or not); the other three forms
    do not.
    """
    spread = raw.std(axis=0) + 1e-3
    z = (raw - raw.mean(axis=0)) / spread
    margin = (raw - raw.max(axis=0)) / spread if len(raw) else raw
    places = (raw[None, :, :] > raw[:, None, :]).sum(axis=1)
    return np.concatenate([raw, z, margin, 1.0 / (1.0 + places)], axis=1, dtype=np.float32)
