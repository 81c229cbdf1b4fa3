"""A question → FAQ entries, best first, with the calibrated probability that each is the right one.

Two learned steps, both trained on `data/bank` (businesses this FAQ knows nothing of) and kept in `weights.json`:
`fusion` weighs the evidence of every source into one score per entry; `confidence` looks at how clearly the best one wins
and says how likely it is right at all. Their cross-fitted curve makes the probability an honest one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from bot.estonian import Analysis, analyse
from bot.faq.amended import Amended, amended, without
from bot.faq.block import SOURCES
from bot.faq.bridge import Bridge
from bot.faq.decision import SAME_WORDING
from bot.faq.evidence import Evidence, Table, spread_of, widened
from bot.faq.facts import Centre, FactCache
from bot.faq.question import Question
from bot.faq.regression import Array, Curve, Linear
from bot.mendable import Mendable
from bot.understanding import Candidate, FaqEntry

DEFAULT_WEIGHTS = Path(__file__).parent / "weights.json"
BRIDGE_FILE = "bridge.npz"  # beside the weights
SIGNS = (
    "score", "lead", "lead_third", "share", "doubt", "entries", "words", "unknown", "unreadable", "typed_latin", "english", "russian", "asks", "exampled",
    *(f"best_{source}" for source in SOURCES), *(f"over_{source}" for source in SOURCES),
)  # fmt: skip
SHOWN = 10
CORE_LEAD = 0.1  # by how much surer the asking part of a story must be than the whole
_MEANS = ("query", "passage", "query_token", "passage_token")
_FORM = 2


class WeightsUnreadable(Mendable):
    """The weights file is missing, broken or of another version; the message names it and the mend."""


@dataclass(frozen=True)
class MatcherWeights:
    """All that was learned."""

    encoder: str  # the encoder's name these were learned with
    centre: Centre
    fusion: Mapping[str, Linear]  # "et" and "foreign", each also with "+examples": see `fusion_name`
    confidence: Linear
    probability: Curve  # confidence → probability of being right
    precision: tuple[tuple[float, float, float], ...]  # (threshold, precision, coverage), cross-fitted, rising thresholds
    bridge: Bridge | None = None

    def shifted(self, by: float) -> MatcherWeights:
        """With every probability moved by `by` on the logit scale (see `bot.faq.feedback`)."""
        return replace(self, probability=self.probability.shifted(by))

    def threshold(self, precision: float) -> float:
        """The least probability at which the answers given, all together, are right with this share; above 1 when none is."""
        enough = [threshold for threshold, reached, _ in self.precision if reached >= precision]
        return min(enough, default=1.01)

    def fits(self, encoder: str) -> MatcherWeights:
        """These weights, if they were learned with that encoder; raises `WeightsUnreadable` otherwise."""
        if encoder != self.encoder:
            raise WeightsUnreadable(f"the matcher's weights were learned with {self.encoder}, the encoder is {encoder}: run `abiline train --matcher`")
        return self

    def save(self, path: Path) -> None:
        """Two files: `path`, and the bridge beside it."""
        if self.bridge:
            self.bridge.save(path.with_name(BRIDGE_FILE))
        centre = {name: [round(float(value), 4) for value in getattr(self.centre, name)] for name in _MEANS}
        form = {
            "form": _FORM, "encoder": self.encoder, "sources": SOURCES, "signs": SIGNS, "centre": centre | {"prior": self.centre.prior},
            "fusion": {name: linear.as_dict() for name, linear in self.fusion.items()}, "confidence": self.confidence.as_dict(),
            "probability": self.probability.as_dict(), "precision": self.precision, "bridge": self.bridge and self.bridge.digest(),
        }  # fmt: skip
        path.write_text(json.dumps(form, separators=(",", ":")) + "\n", encoding="utf-8")

    @staticmethod
    def load(path: Path = DEFAULT_WEIGHTS) -> MatcherWeights:
        """Raises `WeightsUnreadable`."""
        try:
            form: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if form["form"] != _FORM or tuple(form["sources"]) != SOURCES or tuple(form["signs"]) != SIGNS:
                raise WeightsUnreadable(f"{path} was learned by another version: run `abiline train --matcher`")
            means = {name: np.array(form["centre"][name], np.float32) for name in _MEANS}
            centre = Centre(means["query"], means["passage"], means["query_token"], means["passage_token"], prior=float(form["centre"]["prior"]))
            fusion = {name: Linear.from_dict(linear) for name, linear in form["fusion"].items()}
            precision = tuple((float(threshold), float(reached), float(share)) for threshold, reached, share in form["precision"])
            confidence, probability = Linear.from_dict(form["confidence"]), Curve.from_dict(form["probability"])
            bridge = Bridge.load(path.with_name(BRIDGE_FILE)) if form["bridge"] else None
            if bridge and bridge.digest() != form["bridge"]:
                raise WeightsUnreadable(
                    f"{path.with_name(BRIDGE_FILE)} is not the one {path.name} was learned with: restore it or run `abiline train --matcher`"
                )
            return MatcherWeights(form["encoder"], centre, fusion, confidence, probability, precision, bridge)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise WeightsUnreadable(f"{path} can't be read ({type(error).__name__}): restore it or run `abiline train --matcher`") from error


@dataclass(frozen=True)
class Ranking:
    """Entry rows best first, their fused scores, and the signs by which confidence is judged."""

    rows: tuple[int, ...]
    scores: Array
    mass: Array  # how many entries each stands for
    signs: Array


class Matcher:
    """Immutable: one FAQ, ready to be asked."""

    def __init__(self, evidence: Evidence, weights: MatcherWeights) -> None:
        self.evidence: Evidence | Amended = evidence
        self._weights = weights
        self._owners = _owners((facts.entry, facts.wordings) for facts in evidence.facts)

    @staticmethod
    def over(entries: Sequence[FaqEntry], cache: FactCache, weights: MatcherWeights, before: Matcher | None = None) -> Matcher:
        """With the evidence these weights were learned on. Of an FAQ asked `before` only what has changed is read."""
        earlier = before.evidence.whole if before else None
        return Matcher(Evidence(entries, cache, weights.centre, weights.bridge, before=earlier), weights)

    @property
    def by_id(self) -> Mapping[str, FaqEntry]:
        """The entries that can be found."""
        return self.evidence.by_id

    def weighed_by(self, weights: MatcherWeights) -> Matcher:
        """The same FAQ under other weights, at once."""
        other = copy(self)
        other._weights = weights
        return other

    def amended(self, entry: FaqEntry, cache: FactCache) -> Matcher:
        """The FAQ with this entry in place of its former self, or added."""
        return self._with(amended(self.evidence, entry, cache), entry.id, entry)

    def without(self, entry_id: str) -> Matcher:
        """The FAQ as if there were no such entry."""
        return self._with(without(self.evidence, entry_id), entry_id, None)

    def _with(self, evidence: Amended, entry_id: str, entry: FaqEntry | None) -> Matcher:
        other = copy(self)
        present = self.evidence.by_id.get(entry_id)
        former = _owners([(present, _wordings(present))] if present else ())
        own = _owners([(entry, _wordings(entry))] if entry else ())
        other.evidence, other._owners = evidence, dict(self._owners)
        for words in {*former, *own}:
            others = {owner: one for owner, one in self._owners.get(words, {}).items() if owner != entry_id}
            other._owners[words] = others | own.get(words, {})
        return other

    def match(self, question: Question) -> tuple[Candidate, ...]:
        """At most ten candidates, best first; empty for an empty FAQ or a text without a word.

        A story is read as a whole and by the part of it that asks; whichever is clearly surer is believed. Some people tell all
        that matters and end with „mida teha?“, others tell of much else before they ask.
        """
        whole = self._match(question)
        if whole and whole[0].probability + CORE_LEAD >= 1.0:  # nothing is so much surer
            return whole
        core = self._match(question.core) if question.core and not question.follow_up else ()
        return core if core and core[0].probability > whole[0].probability + CORE_LEAD else whole

    def _match(self, question: Question) -> tuple[Candidate, ...]:
        if not self.evidence.entries or not question.analysis.has_words:
            return ()
        table = self.evidence.table(self.evidence.asked(question))
        if not len(table.rows):
            return ()
        ranking = rank(table, question.analysis, self._weights.fusion, exampled=self.evidence.exampled)
        best = float(self._weights.probability(self._weights.confidence(ranking.signs)))
        entries = [self.evidence.entries[row] for row in ranking.rows[:SHOWN]]
        chances = spread(ranking.scores, best, ranking.mass)
        ranked = tuple(Candidate(entry.id, entry.question, round(chance, 4)) for entry, chance in zip(entries, chances, strict=False))
        owners = self._owners.get(_words(question.analysis), {})
        return _first(next(iter(owners.values())), ranked) if len(owners) == 1 else ranked


def _words(analysis: Analysis) -> tuple[str, ...]:
    """A question as its words' lemmas, for recognising one that was written before: case, endings, marks, slips and order make no difference."""
    return tuple(sorted(analysis.lemmas))


def _wordings(entry: FaqEntry) -> tuple[tuple[str, ...], ...]:
    return tuple(_words(analyse(text)) for text in (entry.question, *entry.examples))


def _owners(wordings: Iterable[tuple[FaqEntry, Iterable[tuple[str, ...]]]]) -> dict[tuple[str, ...], dict[str, FaqEntry]]:
    """Wordings, and whose they are. Where that is one entry alone, the editor who wrote this very question has said what answers it."""
    owners: dict[tuple[str, ...], dict[str, FaqEntry]] = {}
    for entry, own in wordings:
        for words in own:
            if words:
                owners.setdefault(words, {})[entry.id] = entry
    return owners


def _first(entry: FaqEntry, ranked: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The entry whose own wording was asked, in front and all but sure; the others share what that leaves."""
    others = [one for one in ranked if one.entry_id != entry.id]
    rest = [replace(one, probability=round(min(one.probability, 1 - SAME_WORDING), 4)) for one in others]
    return (Candidate(entry.id, entry.question, SAME_WORDING), *rest)[:SHOWN]


def fusion_name(analysis: Analysis, *, exampled: bool) -> str:
    """Which weights apply: English and Russian share hardly a word with an Estonian FAQ, and where most entries have other wordings,
    those tell more than question and answer do."""
    return ("foreign" if analysis.language in ("en", "ru") else "et") + ("+examples" if exampled else "")


def rank(table: Table, analysis: Analysis, fusion: Mapping[str, Linear], *, exampled: bool) -> Ranking:
    """The order of the table's entries under these weights."""
    own = fusion.get(fusion_name(analysis, exampled=exampled))
    weights = own or fusion[fusion_name(analysis, exampled=False)]  # a small bank may teach nothing on examples
    scores = weights(widened(table.raw, table.mass))
    order = np.argsort(-scores, kind="stable")
    mass = table.mass[order]
    return Ranking(tuple(int(row) for row in table.rows[order]), scores[order], mass, _signs(table, scores[order], order, analysis, exampled))


def spread(scores: Sequence[float] | Array, best: float, mass: Array | None = None) -> list[float]:
    """Probabilities of all candidates when the first one's is `best`: the others share what a softmax gives them, never more than the first.
    `mass` is how many entries each stands for."""
    chance = np.exp(np.asarray(scores) - scores[0])
    share = chance / (chance.sum() if mass is None else chance @ mass)
    rest = min(1.0, (1.0 - best) / max(1.0 - float(share[0]), 1e-9))
    # What is left when the best is wrong goes partly to "no entry at all": as much as the best one's own doubt.
    scope = min(1.0, best / max(float(share[0]), 1e-9))
    return [best, *(min(best, float(one) * rest * scope) for one in share[1:])]


def _signs(table: Table, top: Array, order: np.ndarray[Any, Any], analysis: Analysis, exampled: bool) -> Array:
    second, third = (float(top[0] - top[place]) if len(top) > place else 5.0 for place in (1, 2))
    mass = table.mass[order]
    size = float(mass.sum())
    chance = np.exp(top - top[0])
    share = chance / (chance @ mass)
    doubt = -float((mass * share * np.log(share + 1e-12)).sum()) / math.log(size + 1)
    best = table.raw[order[0]]
    mean, deviation = spread_of(table.raw, table.mass)
    over = (best - mean) / (deviation + 1e-3)
    latin = float(not any(letter in "õäöüÕÄÖÜ" for letter in analysis.text))
    about = [
        float(top[0]), second, third, float(share[0]), doubt, math.log(size), math.log(1 + len(analysis.tokens)), analysis.unknown_share,
        analysis.unreadable_share, latin, float(analysis.language == "en"), float(analysis.language == "ru"), float("?" in analysis.text), float(exampled),
    ]  # fmt: skip
    return np.array([*about, *best, *over], dtype=np.float64)
