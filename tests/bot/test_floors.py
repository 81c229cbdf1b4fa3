"""What the answers must not fall below, on businesses that nothing was learned from (`part: test` in the bank).

Each floor lies a little under what was measured when it was set; `docs/quality.md` has the figures themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.evaluate import Question, read_questions
from bot.faq.bank import TEST, Asked, read_bank
from bot.quality import Ask, Measured, asking, measure
from bot.understand import load_reader

ROOT = Path(__file__).parents[2]
NO_QUESTION = Path(__file__).parent / "sets" / "no_question.yml"

pytestmark = [pytest.mark.figures, pytest.mark.load]

EVERY = 3  # one question in three: all of them take a minute, and say the same; typical ones, which are few, all


@pytest.fixture(scope="module")
def ask(trained_model: Path) -> Ask:
    reader = load_reader(trained_model, keep_vectors=False)
    return asking(reader.read, lambda entries: reader.replace_entries(entries, revision=1))


@pytest.fixture(scope="module")
def measured(ask: Ask) -> Measured:
    businesses = [replace(business, asked=sampled(business.asked)) for business in read_bank(ROOT / "data" / "bank", TEST)]
    return measure(businesses, ask)


def sampled(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    return tuple(one for number, one in enumerate(asked) if one.kind == "typical" or number % EVERY == 0)


@pytest.fixture(scope="module")
def without_question(ask: Ask) -> Measured:
    (business, *_) = read_bank(ROOT / "data" / "bank", TEST)
    questions: list[Question] = read_questions(NO_QUESTION)
    return Measured({business.name: ask(business.entries, questions)}, {business.name: questions})


@pytest.mark.parametrize(
    ("figure", "floor"),
    [
        ("recall_at_1", 0.71),
        ("recall_at_3", 0.86),
        ("mrr", 0.79),
        ("auroc", 0.76),  # against tempting questions without an answer alone; gibberish is easier
        ("coverage", 0.48),
        ("precision", 0.92),
        ("suggested_ok", 0.79),
        ("recall_at_1 typical", 0.85),
        ("recall_at_3 typical", 0.96),
        ("recall_at_1 hard", 0.42),
        ("recall_at_1 english, russian", 0.82),
    ],
)
def test_answers_stay_as_right_as_they_were(measured: Measured, figure: str, floor: float) -> None:
    assert measured.figures()[figure] >= floor


def test_probabilities_keep_what_they_promise(measured: Measured) -> None:
    assert measured.figures()["ece_pooled"] <= 0.09


@pytest.mark.parametrize(("kind", "floor"), [("human_request", 0.9), ("complaint", 0.95), ("chitchat", 0.9), ("gibberish", 0.95)])
def test_what_is_no_question_is_handled_as_it_should_be(without_question: Measured, kind: str, floor: float) -> None:
    (report,) = without_question.reports.values()
    assert report.by_kind[kind]["right"] >= floor
