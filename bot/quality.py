"""How right the answers are on FAQs that nothing was learned from: the bank's businesses kept for testing.

Each is asked its own questions as `abiline evaluate` asks: an index of that FAQ alone, the whole understanding, one text at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.evaluate import FIGURES, Question, Report, calibration_error, evaluate
from bot.faq.bank import Business
from bot.understanding import FaqEntry, Reading

Ask = Callable[[Sequence[FaqEntry], Sequence[Question]], Report]
HARD = ("paraphrase", "colloquial", "story")
TYPICAL = ("typical",)
FOREIGN = ("english", "russian")
GROUPS: Mapping[str, tuple[str, ...]] = {"hard": HARD, "typical": TYPICAL, "english, russian": FOREIGN}
PRECISIONS = (0.95, 0.9)
_TIMES = ("ms_p50", "ms_p95")


@dataclass(frozen=True)
class Measured:
    """Reports by business, with the questions they were made from."""

    reports: Mapping[str, Report]
    questions: Mapping[str, Sequence[Question]]

    def mean(self, figure: str) -> float:
        """The mean over businesses of one of `evaluate.FIGURES`; nan where none has it."""
        values = [value for report in self.reports.values() if (value := getattr(report, figure)) is not None]
        return float(np.mean(values)) if values else float("nan")

    def coverage_at(self, precision: float) -> float:
        """The mean over businesses of the share of answerable questions that are answered where this share of answers is right."""
        return float(
            np.mean([max((covered for reached, covered in report.coverage_curve if reached >= precision), default=0.0) for report in self.reports.values()])
        )

    def recall(self, kinds: Sequence[str], k: int = 1) -> float:
        """Share of the questions of these kinds whose right entry is among the first `k` (at most 5); nan without such questions."""
        places = [place for question, place in self._places() if question.kind in kinds]
        return sum(place <= k for place in places) / len(places) if places else float("nan")

    def misses(self, count: int) -> list[tuple[str, str, str, float]]:
        """(question, wanted entry or "–", entry put first, its probability): the surest mistakes first, sure answers to what has none among them."""
        found = []
        for name, report in self.reports.items():
            for question, decision in zip(self.questions[name], report.decisions, strict=True):
                best = decision["candidates"][0] if decision["candidates"] else None
                if best and best[0] not in question.right and (question.expected or decision["action"] == "answer"):
                    found.append((question.text, question.expected or "–", str(best[0]), float(best[1])))
        return sorted(found, key=lambda miss: -miss[3])[:count]

    def promised_and_kept(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """The best candidate's probability and whether it was right, over all questions."""
        pairs = [
            (decision["candidates"][0][1] if decision["candidates"] else 0.0, bool(decision["candidates"]) and decision["candidates"][0][0] in question.right)
            for name, report in self.reports.items()
            for question, decision in zip(self.questions[name], report.decisions, strict=True)
        ]
        return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs], dtype=float)

    def figures(self) -> dict[str, float]:
        """Every figure of the contract as a mean over businesses; recall by how hard the questions are, and calibration, over all questions together."""
        promised, kept = self.promised_and_kept()
        out = {name: self.mean(name) for name in FIGURES if name not in _TIMES}
        out |= {f"coverage at {precision}": self.coverage_at(precision) for precision in PRECISIONS}
        out |= {f"recall_at_{k} {group}": self.recall(kinds, k) for group, kinds in GROUPS.items() for k in (1, 3)}
        error = calibration_error(list(promised), [bool(one) for one in kept])
        return out | {"ece_pooled": float("nan") if error is None else error}

    def _places(self) -> list[tuple[Question, int]]:
        places = []
        for name, report in self.reports.items():
            for question, decision in zip(self.questions[name], report.decisions, strict=True):
                if question.expected:
                    ids = [one[0] for one in decision["candidates"]]
                    places.append((question, next((place for place, one in enumerate(ids, 1) if one in question.right), len(ids) + 99)))
        return places


def measure(businesses: Sequence[Business], ask: Ask, chatter: Sequence[Question] = ()) -> Measured:
    """Ask every business its own questions and `chatter` (chitchat and gibberish, which belong to no business)."""
    questions = {business.name: [*questions_of(business), *chatter] for business in businesses}
    return Measured({business.name: ask(business.entries, questions[business.name]) for business in businesses}, questions)


def questions_of(business: Business) -> list[Question]:
    """The bank's wordings as the contract's questions; follow-ups mean nothing alone and are left out."""
    found = []
    for one in business.asked:
        if one.kind != "followup":
            found.append(Question(one.text, one.topic or None, tuple(sorted(one.right - {one.topic})), one.kind))
    return found


def asking(read: Callable[[str], Reading], replace: Callable[[Sequence[FaqEntry]], None]) -> Ask:
    """`Ask` for a reader whose entries can be replaced."""

    def ask(entries: Sequence[FaqEntry], questions: Sequence[Question]) -> Report:
        replace(entries)
        return evaluate(read, questions)

    return ask


def plot(measured: Measured, folder: Path) -> list[Path]:
    """Coverage against precision, and what probabilities promised against what was kept; two PNG files in `folder`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    with pyplot.rc_context({"font.size": 11, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3}):
        return [_plot_coverage(measured, folder / "quality-coverage.png", pyplot), _plot_calibration(measured, folder / "quality-calibration.png", pyplot)]


def _plot_coverage(measured: Measured, path: Path, pyplot: Any) -> Path:
    figure, axes = pyplot.subplots(figsize=(6.4, 4.2), layout="constrained")
    for name, report in measured.reports.items():
        curve = np.array(report.coverage_curve).reshape(-1, 2)
        axes.plot(curve[:, 1], curve[:, 0], label=name, linewidth=1.6)
    axes.axhline(0.9, color="#888888", linestyle="--", linewidth=1)
    axes.set(xlabel="share of answerable questions answered", ylabel="share of answers that are right", xlim=(0, 1), ylim=(0.4, 1.01))
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return path


def _plot_calibration(measured: Measured, path: Path, pyplot: Any) -> Path:
    promised, kept = measured.promised_and_kept()
    figure, axes = pyplot.subplots(figsize=(5.2, 4.6), layout="constrained")
    axes.plot([0, 1], [0, 1], color="#888888", linestyle="--", linewidth=1)
    places = np.minimum((promised * 10).astype(int), 9)
    bins = [(promised[places == one].mean(), kept[places == one].mean(), (places == one).sum()) for one in np.unique(places)]
    axes.plot([one[0] for one in bins], [one[1] for one in bins], marker="o", color="#0b6e6e")
    for x, y, count in bins:
        axes.annotate(str(count), (x, y), textcoords="offset points", xytext=(6, -12), fontsize=9, color="#555555")
    axes.set(xlabel="probability promised", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1))
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return path
