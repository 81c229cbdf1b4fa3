"""Some entries of an FAQ, weighed as that FAQ weighs them, ready to be asked: all of a small one, a few of a large one, or a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bot.encoder import Vectors
from bot.faq import alignment, bridge, lexical, meanings
from bot.faq.bridge import Bridge, Crossed, Crossing
from bot.faq.facts import Centre, Facts
from bot.faq.index import Index, Said, asked_tokens, asked_vector
from bot.faq.lexical import AskedWords, Lexicon
from bot.faq.meanings import Thesaurus
from bot.faq.passages import Kind
from bot.faq.question import Question
from bot.faq.vocabulary import Vocabulary
from bot.understanding import Language

SOURCES = (*(f"dense_{kind.name.lower()}" for kind in Kind), "dense_pooled", *alignment.COLUMNS, *bridge.COLUMNS, *lexical.COLUMNS, *meanings.COLUMNS)


@dataclass(frozen=True)
class Asked:
    """A question as an FAQ sees it."""

    vector: Vectors  # (dim,)
    tokens: Vectors  # (tokens, token dim)
    language: Language | None
    crossed: Crossed | None
    words: AskedWords
    groups: Mapping[int, float]  # of meaning
    follow_up: Asked | None


@dataclass(frozen=True)
class Weighing:
    """Immutable: what an FAQ as a whole makes its entries' evidence weigh."""

    centre: Centre
    bridge: Bridge | None
    vocabulary: Vocabulary
    said: Said
    words: lexical.Rarity
    groups: meanings.Rarity

    @staticmethod
    def of(held: Sequence[Facts], centre: Centre, over: Bridge | None, vocabulary: Vocabulary) -> Weighing:
        """Counted over all entries of the FAQ."""
        words, groups = lexical.Rarity([facts.words for facts in held]), meanings.Rarity([facts.groups for facts in held])
        return Weighing(centre, over, vocabulary, Said.of(held, len(centre.query)), words, groups)

    def changed(self, come: Sequence[Facts], gone: Sequence[Facts]) -> Weighing:
        """The same as if all entries were counted anew."""
        dim = len(self.centre.query)
        return replace(
            self,
            said=self.said.changed(Said.of(come, dim), Said.of(gone, dim)),
            words=lexical.Rarity([facts.words for facts in come], before=self.words, gone=[facts.words for facts in gone]),
            groups=meanings.Rarity([facts.groups for facts in come], before=self.groups, gone=[facts.groups for facts in gone]),
        )

    @cached_property
    def mean(self) -> Vectors:
        """(dim,) of the FAQ's answers."""
        return self.said.mean(self.centre)

    def asked(self, question: Question) -> Asked:
        """What of a question is held against every entry, computed once."""
        vector, follow_up = asked_vector(question.vector, self.centre), question.follow_up
        return Asked(
            vector=vector,
            tokens=asked_tokens(question.meant.tokens, self.centre),
            language=question.analysis.language,
            crossed=self.bridge.crossed(vector) if self.bridge else None,
            words=AskedWords.of(question.analysis, self.vocabulary),
            groups=meanings.meanings().of(question.analysis),
            follow_up=self.asked(follow_up) if follow_up else None,
        )


class Block:
    """Immutable."""

    def __init__(self, held: Sequence[Facts], weighing: Weighing, *, lasting: bool = False) -> None:
        """`lasting` for one that will be asked many times."""
        self._centre = weighing.centre
        self._index: Index = Index(held, weighing.centre, weighing.mean)
        self._lexicon: Lexicon = Lexicon([facts.words for facts in held], weighing.vocabulary, weighing.words, lasting=lasting)
        self._thesaurus: Thesaurus = Thesaurus([facts.groups for facts in held], weighing.groups)
        self._crossing = Crossing(weighing.bridge, *self._index.whole(), len(held)) if weighing.bridge and held else None

    def __len__(self) -> int:
        return len(self._index)

    def nearest_wording(self, row: int, question: Question) -> str:
        """Of an entry's own questions and wordings the one that is nearest to this question."""
        return self._index.nearest_wording(row, asked_vector(question.vector, self._centre), question.analysis.language)

    def raw(self, asked: Asked) -> Vectors:
        """(entries, len(SOURCES)): what each source says, on its own scale. A follow-up alone and after the question before it count alike."""
        whole = self._raw(asked)
        return (whole + self._raw(asked.follow_up)) / 2 if asked.follow_up else whole

    def _raw(self, asked: Asked) -> Vectors:
        dense = self._index.by_entry(asked.vector)
        aligned = self._index.aligned(asked.tokens, asked.language)
        bridged = self._crossing.scores(asked.crossed) if self._crossing and asked.crossed else np.zeros((len(dense), len(bridge.COLUMNS)))
        return np.concatenate([dense, aligned, bridged, self._lexicon.scores(asked.words), self._thesaurus.scores(asked.groups)], axis=1)
