"""Learns the matcher's weights from the bank of businesses.

What counts is an FAQ never seen, so everything is cross-fitted over whole businesses: fusion for one business is learned
from the others, its scores there make the cases that confidence is learned from, and confidence is again judged on
businesses it did not see. FAQs in the field differ from the bank's, so each business is asked in several variations:
whole, with topics taken out (their questions then have no answer, among tempting neighbours), with examples, and merged
with others into a large one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.encoder import Encoder, Vectors
from bot.estonian import analyse
from bot.faq.bank import ENCODER, MATCHER, Asked, Business, read_bank
from bot.faq.bridge import Bridge
from bot.faq.evidence import Evidence, Table, widened
from bot.faq.facts import Centre, FactCache, own_centre
from bot.faq.matcher import MatcherWeights, Ranking, fusion_name, rank
from bot.faq.passages import passages_of
from bot.faq.question import Question, read_questions
from bot.faq.regression import Array, Linear, fit_chance, fit_choice, fit_curve, sigmoid
from bot.understanding import FaqEntry

Progress = Callable[[str], None]
_FUSION_L2, _CONFIDENCE_L2 = 3e-3, 1e-3
_UNANSWERABLE_MASS = 0.15  # share of the cases without a right entry, whatever their number: about what an inbox holds
_EXAMPLED = 2  # variations with examples
_PER_VARIATION = 260  # questions asked of a variation; the whole FAQ gets all
_PRIOR = 60.0


@dataclass(frozen=True)
class Case:
    """One question asked of one variation of a business's FAQ."""

    business: str
    question: Question
    raw: Vectors  # (entries, sources)
    right: Array  # (entries,) 0 or 1
    exampled: bool


@dataclass(frozen=True)
class Learned:
    weights: MatcherWeights
    figures: Mapping[str, float]  # on businesses not learned from


def train(bank: Path, encoder: Encoder, out: Path, *, chatter: Sequence[str] = (), progress: Progress = lambda _: None) -> Learned:
    """Learn from those businesses of `bank` that the encoder has not seen and write the weights to `out`.

    `chatter` are texts that are no questions (greetings, smalltalk, gibberish): no entry is right for them.
    """
    businesses = read_bank(bank, MATCHER)
    cache = FactCache(encoder)
    progress("reading the bank's questions")
    read = _read_all(businesses, chatter, encoder)
    centre = _centre(businesses, read, cache, encoder.dim)
    progress("reading the questions of the businesses the encoder knows")
    bridge = Bridge.learn([one for one in read_bank(bank) if one.part == ENCODER], encoder, centre)
    cases: list[Case] = []
    for business in businesses:
        progress(f"asking {business.name}")
        cases += [
            case for faq, asked in variations(business, businesses, chatter) for case in _ask(business.name, Evidence(faq, cache, centre, bridge), asked, read)
        ]
    progress("learning")
    learned = learn(cases, encoder.name, centre, bridge)
    learned.weights.save(out)
    return learned


def learn(cases: Sequence[Case], encoder: str, centre: Centre, bridge: Bridge | None = None) -> Learned:
    """Fusion, confidence and calibration, each cross-fitted over businesses; the final fit uses them all."""
    names = sorted({case.business for case in cases})
    rankings: list[Ranking | None] = [None] * len(cases)
    for name in names:
        fusion = _fusion([case for case in cases if case.business != name])
        for number, case in enumerate(cases):
            if case.business == name:
                rankings[number] = rank(whole(case.raw), case.question.analysis, fusion, exampled=case.exampled)
    ranked = [ranking for ranking in rankings if ranking is not None]
    signs = np.stack([ranking.signs for ranking in ranked])
    right = np.array([case.right[ranking.rows[0]] for case, ranking in zip(cases, ranked, strict=True)])
    answerable = np.array([case.right.any() for case in cases])
    mass = _mass(answerable)
    logit = np.zeros(len(cases))
    owner = np.array([case.business for case in cases])
    for name in names:
        logit[owner == name] = fit_chance(signs[owner != name], right[owner != name], mass[owner != name], l2=_CONFIDENCE_L2)(signs[owner == name])
    probability = fit_curve(logit, right, mass)
    chance = np.asarray(probability(logit))
    confidence = fit_chance(signs, right, mass, l2=_CONFIDENCE_L2)
    weights = MatcherWeights(encoder, centre, _fusion(cases), confidence, probability, precision_steps(chance, right, mass, answerable), bridge)
    figures = {"recall_at_1": float(right[answerable].mean()), "auroc": auroc(chance[answerable], chance[~answerable])}
    for exampled, name in ((False, "plain"), (True, "exampled")):
        chosen = answerable & np.array([case.exampled is exampled for case in cases])
        if chosen.any():
            figures[f"recall_at_1_{name}"] = float(right[chosen].mean())
    return Learned(weights, figures | {"logloss": _logloss(sigmoid(logit), right, mass)})


def precision_steps(chance: Array, right: Array, mass: Array, answerable: Array) -> tuple[tuple[float, float, float], ...]:
    """(threshold, precision, coverage) for thresholds 0.02 … 0.99: what would have been answered, right, and missed."""
    steps = []
    inside = answerable.astype(bool)
    whole = float(mass[inside].sum())
    for threshold in np.arange(0.02, 0.995, 0.01):
        given = chance >= threshold
        total = float(mass[given].sum())
        if total > 0:
            reached, covered = float(mass[given] @ right[given]) / total, float(mass[given & inside].sum()) / whole
            steps.append((round(float(threshold), 2), round(reached, 4), round(covered, 4)))
    return tuple(steps)


def auroc(positive: Array, negative: Array) -> float:
    """Probability that a positive scores above a negative, ties counting half."""
    if not len(positive) or not len(negative):
        return float("nan")
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left") + np.searchsorted(ordered, positive, side="right")
    return float(below.sum() / (2 * len(positive) * len(negative)))


def variations(business: Business, all_businesses: Sequence[Business], chatter: Sequence[str]) -> Iterator[tuple[list[FaqEntry], list[Asked]]]:
    """(FAQ, questions) pairs, the same on every run."""
    dice = random.Random(business.name)  # noqa: S311 - the same variations every time
    entries, asked = list(business.entries), list(business.asked)
    no_question = [Asked(text, frozenset(), "chatter") for text in dice.sample(list(chatter), min(60, len(chatter)))]
    yield entries, asked + no_question
    for kept in (round(len(entries) * 0.7), round(len(entries) * 0.4)):
        some = dice.sample(entries, max(2, kept))
        yield some, _asked_of(some, asked, dice)
    for _ in range(_EXAMPLED):
        yield _with_examples(entries, asked, dice)
    others = dice.sample([other for other in all_businesses if other.name != business.name], min(2, len(all_businesses) - 1))
    merged = entries + [entry for other in others for entry in other.entries]
    yield merged, _asked_of(merged, asked, dice)


def _asked_of(entries: Sequence[FaqEntry], asked: Sequence[Asked], dice: random.Random) -> list[Asked]:
    """A sample of the questions, about evenly with and without an answer here when there are many without."""
    ids = {entry.id for entry in entries}
    trimmed = [replace(one, right=one.right & ids) for one in asked]
    answered = [one for one in trimmed if one.right]
    unanswered = [one for one in trimmed if not one.right]
    half = _PER_VARIATION // 2
    return dice.sample(answered, min(half, len(answered))) + dice.sample(unanswered, min(half, len(unanswered)))


def _with_examples(entries: Sequence[FaqEntry], asked: Sequence[Asked], dice: random.Random) -> tuple[list[FaqEntry], list[Asked]]:
    """Nearly all entries get customers' questions as examples, up to five, which are then not asked."""
    out, used = [], set()
    for entry in entries:
        own = [one.text for one in asked if entry.id in one.right and one.kind != "followup"]
        examples = dice.sample(own, min(dice.choice((0, 2, 3, 3, 4, 5)), len(own)))
        used.update(examples)
        out.append(replace(entry, examples=tuple(examples)))
    return out, _asked_of(out, [one for one in asked if one.text not in used], dice)


def _read_all(businesses: Sequence[Business], chatter: Sequence[str], encoder: Encoder) -> dict[str, Question]:
    texts = list(dict.fromkeys([one.text for business in businesses for one in business.asked] + list(chatter)))
    return dict(zip(texts, read_questions([analyse(text) for text in texts], encoder), strict=True))


def _centre(businesses: Sequence[Business], read: Mapping[str, Question], cache: FactCache, dim: int) -> Centre:
    passages = cache.vectors.passages([passage.text for business in businesses for entry in business.entries for passage in passages_of(entry)])
    return replace(own_centre([question.meant for question in read.values()], passages, dim), prior=_PRIOR)


def whole(raw: Vectors) -> Table:
    """Of an FAQ that was looked at entry by entry."""
    return Table(np.arange(len(raw)), raw, np.ones(len(raw)))


def _ask(business: str, evidence: Evidence, asked: Sequence[Asked], read: Mapping[str, Question]) -> Iterator[Case]:
    for one in asked:
        if read[one.text].analysis.has_words:
            right = np.array([float(entry.id in one.right) for entry in evidence.entries])
            yield Case(business, read[one.text], evidence.raw(read[one.text]), right, evidence.exampled)


def _fusion(cases: Sequence[Case]) -> dict[str, Linear]:
    """A set of weights for each kind of question and FAQ that `fusion_name` tells apart."""
    kinds: dict[str, list[Case]] = {}
    for case in cases:
        if case.right.any():
            kinds.setdefault(fusion_name(case.question.analysis, exampled=case.exampled), []).append(case)
    out = {}
    for name, chosen in kinds.items():
        out[name] = fit_choice([widened(case.raw).astype(np.float64) for case in chosen], [case.right for case in chosen], l2=_FUSION_L2)
    return out


def _mass(answerable: Array) -> Array:
    """Weights of cases so that those without a right entry have `_UNANSWERABLE_MASS` of the whole."""
    answered = max(float(answerable.sum()), 1.0)
    unanswered = max(float((~answerable.astype(bool)).sum()), 1.0)
    times = _UNANSWERABLE_MASS / (1 - _UNANSWERABLE_MASS) * answered / unanswered
    return np.where(answerable, 1.0, times)


def _logloss(chance: Array, right: Array, mass: Array) -> float:
    clipped = np.clip(chance, 1e-6, 1 - 1e-6)
    return float(-(mass * (right * np.log(clipped) + (1 - right) * np.log(1 - clipped))).sum() / mass.sum())
