"""Questions with known answers in, figures out: recall, AUROC, coverage, precision, calibration. Pure, but for reading files.

The whole understanding is asked, one text at a time, as in production; nothing it is given depends on the labels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import yaml

from bot.mendable import Mendable
from bot.understanding import Reading

if TYPE_CHECKING:
    from rich.console import Group

Understand = Callable[[str], Reading]
Floats = npt.NDArray[np.float64]

OUTSIDE = ("out_of_scope", "gibberish")
PEOPLE = ("human_request", "complaint")
PEOPLE_INTENTS = ("ask_human", "complain")
BINS = 10
SHOWN = 3
WARM_UP = 5
IN_DECISIONS = 5
KINDS_BY_ACTION = {"human_request": ("human",), "complaint": ("human",), "chitchat": ("smalltalk", "flow")}
FIGURES = ("recall_at_1", "recall_at_3", "mrr", "auroc", "coverage", "precision", "suggested_ok", "ece", "to_human", "chitchat_ok", "ms_p50", "ms_p95")


class QuestionsError(Mendable):
    """The questions can't be read; the message names the file, the line of the list and the mend."""


@dataclass(frozen=True)
class Question:
    """One labelled question. `expected` None: no entry answers it, and `kind` says what it is."""

    text: str
    expected: str | None
    also_ok: tuple[str, ...] = ()
    kind: str = "question"

    @property
    def right(self) -> frozenset[str]:
        """Ids of the entries that count as right; empty when none does."""
        return frozenset((self.expected, *self.also_ok)) if self.expected else frozenset()


@dataclass(frozen=True)
class Outcome:
    """A question, how it was read, and how long that took."""

    question: Question
    reading: Reading
    ms: float

    @property
    def rank(self) -> int | None:
        """Place of the first right entry among the candidates, from 1; None when it is not there."""
        right = self.question.right
        return next((place for place, one in enumerate(self.reading.candidates, 1) if one.entry_id in right), None)

    @property
    def probability(self) -> float:
        """What the decision goes by: the best candidate's probability, 0 without candidates."""
        return self.reading.candidates[0].probability if self.reading.candidates else 0.0


@dataclass(frozen=True)
class Report:
    """The figures of one run. A figure is None where the questions hold nothing to compute it from."""

    recall_at_1: float | None
    recall_at_3: float | None
    mrr: float | None
    auroc: float | None
    coverage: float | None
    precision: float | None
    suggested_ok: float | None
    ece: float | None
    coverage_curve: list[list[float]]
    to_human: float | None
    chitchat_ok: float | None
    by_kind: dict[str, dict[str, float]]
    ms_p50: float
    ms_p95: float
    decisions: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_table(self) -> Group:
        """The figures and the kinds, for a terminal."""
        from rich.console import Group
        from rich.table import Table

        figures = Table("figure", "value")
        for name in FIGURES:
            value = getattr(self, name)
            figures.add_row(name, "–" if value is None else f"{value:.3f}")
        kinds = Table("kind", "right", "questions")
        for kind, row in sorted(self.by_kind.items()):
            kinds.add_row(kind, f"{row['right']:.3f}", str(int(row["count"])))
        return Group(figures, kinds)


def read_questions(path: Path) -> list[Question]:
    """A YAML list of {text, expected, also_ok?, kind?}. Raises `QuestionsError`."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise QuestionsError(f"{path}: {error}") from None
    if not isinstance(rows, list):
        raise QuestionsError(f"{path}: write a list of {{text, expected, kind}}")
    return [_question(path, number, row) for number, row in enumerate(rows, 1)]


def evaluate(understand: Understand, questions: Sequence[Question]) -> Report:
    """Ask each question once, after a warm-up, and compute every figure."""
    for question in questions[:WARM_UP]:
        understand(question.text)
    outcomes = [_timed(understand, question) for question in questions]
    known = [outcome for outcome in outcomes if outcome.question.expected]
    times = np.array([outcome.ms for outcome in outcomes] or [0.0])
    return Report(
        recall_at_1=recall(known, 1),
        recall_at_3=recall(known, 3),
        mrr=_mean(1 / outcome.rank if outcome.rank else 0.0 for outcome in known),
        auroc=auroc([o.probability for o in known], [o.probability for o in outcomes if o.question.kind in OUTSIDE]),
        coverage=_mean(outcome.reading.action == "answer" for outcome in known),
        precision=_mean(_answered_right(outcome) for outcome in outcomes if outcome.reading.action == "answer"),
        suggested_ok=_mean((outcome.rank or SHOWN + 1) <= SHOWN for outcome in known if outcome.reading.action == "suggest"),
        ece=calibration_error([o.probability for o in outcomes], [o.rank == 1 for o in outcomes]),
        coverage_curve=coverage_curve(outcomes),
        to_human=_mean(outcome.reading.action == "human" for outcome in outcomes if outcome.question.kind in PEOPLE),
        chitchat_ok=_mean(_handled(outcome) for outcome in outcomes if outcome.question.kind == "chitchat"),
        by_kind=by_kind(outcomes),
        ms_p50=float(np.percentile(times, 50)),
        ms_p95=float(np.percentile(times, 95)),
        decisions=[_decision(outcome) for outcome in outcomes],
    )


def recall(known: Sequence[Outcome], k: int) -> float | None:
    """Share of questions with a right entry among the first `k` candidates, whatever was decided."""
    return _mean(outcome.rank is not None and outcome.rank <= k for outcome in known)


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Chance that an inside score is above an outside one, ties half (Mann and Whitney's U over the pairs)."""
    if not inside or not outside:
        return None
    ours, theirs = np.array(inside)[:, None], np.array(outside)[None, :]
    return float(((ours > theirs) + 0.5 * (ours == theirs)).mean())


def calibration_error(probabilities: Sequence[float], right: Sequence[bool]) -> float | None:
    """Expected calibration error over ten equal-width bins: mean |promised − kept|, weighted by the bins' sizes
    (Naeini, Cooper and Hauskrecht 2015)."""
    if not probabilities:
        return None
    promised, kept = np.array(probabilities), np.array(right, dtype=float)
    places = np.minimum((promised * BINS).astype(int), BINS - 1)
    gaps = [abs(promised[places == place].mean() - kept[places == place].mean()) * (places == place).mean() for place in np.unique(places)]
    return float(sum(gaps))


def coverage_curve(outcomes: Sequence[Outcome]) -> list[list[float]]:
    """[precision, coverage] at every threshold on the probability, from the strictest: precision over all that would be answered, coverage over
    questions with an expected entry. What is talked about, asked for or handed over by its intent is never answered."""
    known = sum(outcome.question.expected is not None for outcome in outcomes)
    ranked = sorted((outcome for outcome in outcomes if _by_probability(outcome.reading)), key=lambda outcome: -outcome.probability)
    curve: list[list[float]] = []
    right = inside = 0
    for place, outcome in enumerate(ranked, 1):
        right += outcome.rank == 1
        inside += outcome.question.expected is not None
        if place == len(ranked) or ranked[place].probability < outcome.probability:
            curve.append([right / place, inside / known if known else 0.0])
    return curve


def _by_probability(reading: Reading) -> bool:
    """Whether the band, and not the intent, decided."""
    return reading.action in ("answer", "suggest", "clarify", "human") and reading.intent not in PEOPLE_INTENTS


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Per kind: recall@1, or for kinds without an entry the share handled as it should be; and the count."""
    kinds: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        kinds.setdefault(outcome.question.kind, []).append(outcome)
    return {kind: {"right": _mean(_handled(one) for one in group) or 0.0, "count": float(len(group))} for kind, group in kinds.items()}


def _handled(outcome: Outcome) -> bool:
    if outcome.question.expected:
        return outcome.rank == 1
    wanted = KINDS_BY_ACTION.get(outcome.question.kind)
    return outcome.reading.action in wanted if wanted else outcome.reading.action != "answer"


def _answered_right(outcome: Outcome) -> bool:
    return outcome.rank == 1


def _timed(understand: Understand, question: Question) -> Outcome:
    began = time.perf_counter()
    reading = understand(question.text)
    return Outcome(question, reading, (time.perf_counter() - began) * 1000)


def _decision(outcome: Outcome) -> dict[str, Any]:
    reading = outcome.reading
    return {
        "text": outcome.question.text,
        "action": reading.action,
        "entry": reading.candidates[0].entry_id if reading.candidates and reading.action == "answer" else None,
        "intent": reading.intent,
        "candidates": [[one.entry_id, one.probability] for one in reading.candidates[:IN_DECISIONS]],
    }


def _question(path: Path, number: int, row: Any) -> Question:
    if not isinstance(row, Mapping) or not isinstance(row.get("text"), str) or "expected" not in row:
        raise QuestionsError(f"{path}, item {number}: each question needs text and expected (an entry's id, or null)")
    also = row.get("also_ok") or []
    return Question(row["text"], row["expected"], tuple(str(one) for one in also), str(row.get("kind", "question")))


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return float(np.mean(found)) if found else None
