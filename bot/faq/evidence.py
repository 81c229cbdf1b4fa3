"""All evidence for one question against every entry of an FAQ, side by side in one table. The matcher weighs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.asking import asking_part
from bot.encoder import Encoded, Encoder, Vectors
from bot.estonian import Analysis, analyse
from bot.faq import alignment, bridge, lexical, meanings
from bot.faq.bridge import Bridge, Crossing
from bot.faq.index import Centre, Index, Kind, VectorCache
from bot.faq.lexical import Lexicon
from bot.faq.meanings import Thesaurus
from bot.understanding import FaqEntry

SOURCES = (*(f"dense_{kind.name.lower()}" for kind in Kind), "dense_pooled", *alignment.COLUMNS, *bridge.COLUMNS, *lexical.COLUMNS, *meanings.COLUMNS)
FORMS = ("raw", "z")
COLUMNS = tuple(f"{source}.{form}" for form in FORMS for source in SOURCES)


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


class Evidence:
    """Immutable: an FAQ ready to be asked."""

    def __init__(
        self, entries: Sequence[FaqEntry], cache: VectorCache, centre: Centre | None = None, over: Bridge | None = None, *, beside: Evidence | None = None
    ) -> None:
        """With `beside` all is weighed as it is there, so that these few entries' evidence can stand among that FAQ's."""
        self.entries = tuple(entries)
        self._centre, self._over = centre, over
        self._index: Index = Index(entries, cache, centre, beside=beside._index if beside else None)
        self._lexicon: Lexicon = Lexicon(entries, beside=beside._lexicon if beside else None)
        self._thesaurus: Thesaurus = Thesaurus(entries, meanings.meanings(), beside=beside._thesaurus if beside else None)
        self._crossing = Crossing(over, *self._index.whole(), len(self.entries)) if over and self.entries else None
        self.exampled = sum(bool(entry.examples) for entry in self.entries) * 2 > len(self.entries)

    def of(self, entry: FaqEntry, cache: VectorCache) -> Evidence:
        """This entry's own evidence, weighed as all here is."""
        return Evidence([entry], cache, self._centre, self._over, beside=self)

    @property
    def whole(self) -> Evidence:
        """The FAQ that words are weighed in."""
        return self

    def nearest_wording(self, entry_id: str, question: Question) -> str:
        """Of an entry's own questions and wordings the one that is nearest to this question."""
        row = next(row for row, entry in enumerate(self.entries) if entry.id == entry_id)
        return self._index.nearest_wording(row, question.vector, question.analysis.language)

    def raw(self, question: Question) -> Vectors:
        """(entries, len(SOURCES)): what each source says, on its own scale. A follow-up alone and after the question before it count alike."""
        whole = self._raw(question)
        return (whole + self._raw(question.follow_up)) / 2 if question.follow_up else whole

    def _raw(self, question: Question) -> Vectors:
        dense = self._index.by_entry(question.vector[None])[0]
        aligned = self._index.aligned(question.meant.tokens, question.analysis.language)
        bridged = self._crossing.scores(self._index.centred(question.vector[None]))[0] if self._crossing else np.zeros((len(dense), len(bridge.COLUMNS)))
        return np.concatenate([dense, aligned, bridged, self._lexicon.scores(question.analysis), self._thesaurus.scores(question.analysis)], axis=1)

    def table(self, question: Question) -> Vectors:
        """(entries, len(COLUMNS)); see `widened`."""
        return widened(self.raw(question))


def widened(raw: Vectors) -> Vectors:
    """Each source as it is, and against the other entries' spread: what a similarity means depends on the question and on the FAQ.

    Margins to the best entry and places in the ranking were tried too and changed nothing on unseen businesses.
    """
    z = (raw - raw.mean(axis=0)) / (raw.std(axis=0) + 1e-3)
    return np.concatenate([raw, z], axis=1, dtype=np.float32)
