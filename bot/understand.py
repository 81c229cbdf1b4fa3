"""The whole understanding of one text: analysis, intents, matching, decision. The single place where they meet.

Used by `abiline evaluate`, by the editor's "ask it now" and by the Rasa components alike, so that all of them agree.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from bot.asking import questions_in
from bot.encoder import Encoder, Vectors, load_encoder
from bot.estonian import Analysis, analyse
from bot.examples import Example, read_nlu, with_bank
from bot.faq.decision import Decision, Policy, decide, discounted
from bot.faq.facts import FactCache
from bot.faq.feedback import fitted_shift
from bot.faq.grouping import Sketcher, asks_something
from bot.faq.lexical import shared_words
from bot.faq.matcher import DEFAULT_WEIGHTS, SHOWN, Matcher, MatcherWeights
from bot.faq.question import Question, read_questions
from bot.intents import IntentModel
from bot.understanding import Candidate, FaqEntry, Ground, Language, Outcome, Part, Reading

INTENTS_FOLDER = "intents"  # inside the model folder
CACHE_FOLDER = "cache"
SHIPPED_PRECISION = 0.9
BANDS = ("answer", "suggest", "human", "clarify")  # what is decided by likelihood; a wish for a person is one of them, and asks nothing
SHOWN_PARTS = {"suggest": 3}


@dataclass(frozen=True)
class _Published:
    """What changes together when entries are replaced."""

    matcher: Matcher
    revision: int


class Reader:
    """Reads texts; safe to use from several threads, also while entries are replaced."""

    def __init__(
        self,
        encoder: Encoder,
        weights: MatcherWeights,
        intents: IntentModel | None = None,
        *,
        precision: float = SHIPPED_PRECISION,
        cache: FactCache | None = None,
    ) -> None:
        self._encoder = encoder
        self._learned = self._weights = weights
        self.shift = 0.0
        self._intents = intents
        self._cache = cache or FactCache(encoder)
        self.policy = Policy(weights.threshold(precision))
        self._writing = threading.Lock()
        self._published = _Published(Matcher.over((), self._cache, weights), 0)

    @property
    def revision(self) -> int:
        return self._published.revision

    @property
    def entries(self) -> tuple[FaqEntry, ...]:
        return tuple(self.by_id.values())

    @property
    def by_id(self) -> Mapping[str, FaqEntry]:
        """The entries that are answered from."""
        return self._published.matcher.by_id

    def unread(self, entries: Sequence[FaqEntry]) -> list[FaqEntry]:
        """Those that were never read by this encoder: each takes a tenth of a second, any number of others together a fraction of one."""
        present = self.by_id
        new = [entry for entry in entries if (known := present.get(entry.id)) is not entry and known != entry]
        return self._cache.lacking(new)

    def learn(self, entries: Sequence[FaqEntry]) -> None:
        """Read entries ahead of answering from them."""
        self._cache.read(entries, self._weights.centre)

    def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        """Put these entries in place of the present ones; texts being read meanwhile see the old or the new, never a mixture.

        An older revision than the present one is passed over: a slow build must not undo a quick one.
        """
        matcher = Matcher.over(entries, self._cache, self._weights, self._published.matcher)
        with self._writing:
            if revision >= self._published.revision:
                self._published = _Published(matcher.weighed_by(self._weights), revision)

    @property
    def published(self) -> object:
        """Another one whenever entries or probabilities have changed."""
        return self._published

    def rehearsing(self, changed: Sequence[FaqEntry], intents: IntentModel | None, *, without: Sequence[str] = ()) -> Reader:
        """A reader of its own that reads as this one would if these were published and those archived; what this one answers from stays as it is."""
        other = copy(self)
        matcher = self._published.matcher
        other._intents, other._cache = intents or self._intents, self._cache.scratch()
        if len(changed) + len(without) > 1:
            entries = {entry_id: entry for entry_id, entry in self.by_id.items() if entry_id not in without} | {entry.id: entry for entry in changed}
            matcher = Matcher.over(list(entries.values()), other._cache, self._weights, matcher)
        elif changed:
            matcher = matcher.amended(changed[0], other._cache)
        elif without:
            matcher = matcher.without(without[0])
        other._published = replace(self._published, matcher=matcher)
        return other

    def as_if_new(self, text: str, entry_id: str) -> Reader:
        """A reader for whom `text` is no wording of that entry: without its question, there is no such entry."""
        entry = self.by_id.get(entry_id)
        if entry is None:
            return self
        matcher, other = self._published.matcher, copy(self)
        left = replace(entry, examples=tuple(example for example in entry.examples if example != text))
        other._published = replace(self._published, matcher=matcher.without(entry_id) if text == entry.question else matcher.amended(left, self._cache))
        return other

    def evidence(self, question: Question, entry_id: str) -> Ground:
        """What speaks for an entry: its nearest wording, and the words of the question that it has too."""
        wording = self._published.matcher.evidence.nearest_wording(entry_id, question)
        return Ground(entry_id, wording, shared_words(question.analysis, self.by_id[entry_id]))

    def sketch(self, text: str) -> bytes | None:
        """What a text asks, for putting questions alike together; None where it asks nothing."""
        question = self.question(text)
        return self.sketcher.of(question) if asks_something(question, self.intents_of(question)) else None

    @cached_property
    def sketcher(self) -> Sketcher:
        """Stays the same however probabilities move."""
        return Sketcher(self._learned.centre, self._learned.bridge, self._encoder.name)

    def recalibrate(self, outcomes: Sequence[Outcome]) -> float:
        """Move the probabilities, and with them the bands, to what people said came of earlier ones; gives the shift (see `bot.faq.feedback`)."""
        shift = fitted_shift(outcomes)
        with self._writing:
            self.shift, self._weights = shift, self._learned.shifted(shift)
            self._published = _Published(self._published.matcher.weighed_by(self._weights), self._published.revision)
        return shift

    def read(
        self, text: str, *, language: Language | None = None, intents: Sequence[tuple[str, float]] | None = None, question: Question | None = None
    ) -> Reading:
        """Understand one text alone. `language` is the customer's chosen one, used where the text itself does not tell.

        `intents`, best first, replace those of our own classifier (Rasa's pipeline has them already); `question` is the text read before.
        """
        question = question or self.question(text)
        scored = self.intents_of(question) if intents is None else list(intents)
        reading = self.conclude(text, question, self.match(question), scored)
        return replace(reading, language=question.analysis.language or language or "et")

    def conclude(self, text: str, question: Question, candidates: Sequence[Candidate], intents: Sequence[tuple[str, float]]) -> Reading:
        """The second half of `read`, for Rasa's pipeline, which has candidates and intents already. The language is the text's own, or Estonian."""
        weighed, decision = self.settle(candidates, question, intents)
        reading = Reading(
            text=text, language=question.analysis.language or "et", action=decision.action,
            intent=intents[0][0] if intents else None, intent_confidence=round(intents[0][1], 4) if intents else 0.0,
            candidates=weighed[:SHOWN], why=decision.why, entities=tuple(entity.as_dict() for entity in question.analysis.entities), shift=self.shift,
        )  # fmt: skip
        return self._in_parts(reading, intents) if decision.action in BANDS else reading

    def question(self, text: str) -> Question:
        """The text with its analysis and vectors, for callers that go on themselves."""
        return read_questions([analyse(text)], self._encoder)[0]

    def question_after(self, before: str, text: str) -> Question:
        """A short follow-up with the question before it: together they say what is meant, and the follow-up alone what is new."""
        joined, alone = read_questions([analyse(f"{before} {text}"), analyse(text)], self._encoder)
        return replace(joined, follow_up=alone)

    def intents_of(self, question: Question) -> list[tuple[str, float]]:
        """All intents with their probability, best first; empty without a classifier."""
        return self._intents.predict([question.analysis], question.vector[None])[0] if self._intents else []

    def decide(self, question: Question, intents: Sequence[tuple[str, float]]) -> tuple[tuple[Candidate, ...], Decision]:
        """Candidates with the probability that decided, and the decision."""
        return self.settle(self.match(question), question, intents)

    def match(self, question: Question) -> tuple[Candidate, ...]:
        """Candidates among the present entries, best first, as likely as the FAQ alone makes them."""
        return self._published.matcher.match(question)

    def settle(self, candidates: Sequence[Candidate], question: Question, intents: Sequence[tuple[str, float]]) -> tuple[tuple[Candidate, ...], Decision]:
        """The second half of `decide`, for Rasa's pipeline, which has the candidates already."""
        weighed = discounted(candidates, intents)
        return weighed, decide(weighed, intents, self.policy, has_words=question.analysis.has_words)

    def _in_parts(self, reading: Reading, intents: Sequence[tuple[str, float]]) -> Reading:
        """The reading with each of its questions answered by itself, where it asks several and at least one has a sure answer of its own."""
        texts = questions_in(reading.text)
        if len(texts) < 2:
            return reading
        parts = []
        for text in texts:
            question = self.question(text)
            candidates, decision = self.settle(self.match(question), question, intents)
            parts.append(Part(text, decision.action, candidates[: SHOWN_PARTS.get(decision.action, 1)]))
        answered = {part.candidates[0].entry_id: part.candidates[0] for part in parts if part.action == "answer"}
        if not answered or len({part.candidates[0].entry_id for part in parts if part.candidates}) < 2:
            return reading
        others = tuple(one for one in reading.candidates if one.entry_id not in answered)
        why = f"parts answered={len(answered)} of={len(parts)}"
        return replace(reading, action="answer", candidates=(*answered.values(), *others)[:SHOWN], why=why, parts=tuple(parts))


def load_reader(model_dir: Path, *, precision: float = SHIPPED_PRECISION, weights: Path = DEFAULT_WEIGHTS, keep_vectors: bool = True) -> Reader:
    """A reader from the model folder, without entries. Raises `EncoderMissing`, `WeightsUnreadable`, `IntentsUnreadable`."""
    encoder = load_encoder(model_dir)
    cache = FactCache(encoder, model_dir / CACHE_FOLDER if keep_vectors else None)
    return Reader(encoder, MatcherWeights.load(weights).fits(encoder.name), IntentModel.load(model_dir / INTENTS_FOLDER), precision=precision, cache=cache)


def train_intents(nlu: Path, bank: Path, encoder: Encoder) -> IntentModel:
    """Learn the intents of Rasa's NLU files, helped by the bank where they are ours."""
    return fit_intents(with_bank(read_nlu(nlu), bank), encoder)


def fit_intents(examples: Sequence[Example], encoder: Encoder) -> IntentModel:
    analyses: list[Analysis] = [analyse(example.text) for example in examples]
    questions = read_questions(analyses, encoder)
    model = IntentModel()
    model.fit(analyses, [example.intent for example in examples], stacked_vectors(questions, encoder.dim))
    return model


def stacked_vectors(questions: Sequence[Question], dim: int) -> Vectors:
    """(n, dim) of the questions' vectors."""
    return np.stack([question.vector for question in questions]) if questions else np.zeros((0, dim), np.float32)
