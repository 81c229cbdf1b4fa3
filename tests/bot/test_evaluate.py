"""The figures of `abiline evaluate`, against cases computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.evaluate import Question, QuestionsError, Report, auroc, calibration_error, evaluate, read_questions
from bot.understanding import Action, Candidate, Reading


def reading(action: Action, *candidates: tuple[str, float], intent: str = "ask_question") -> Reading:
    found = tuple(Candidate(entry, entry, probability) for entry, probability in candidates)
    return Reading("", "et", action, intent, 0.9, found, why="")


READINGS = {
    "kus pakk": reading("answer", ("tracking", 0.95), ("delay", 0.03)),
    "pakk hilineb": reading("suggest", ("tracking", 0.5), ("delay", 0.4)),
    "muuda aadressi": reading("answer", ("delay", 0.9), ("address", 0.05)),
    "arve": reading("human", ("delay", 0.2)),
    "tere": reading("smalltalk", ("delay", 0.1), intent="greet"),
    "inimest": reading("human", ("delay", 0.1), intent="ask_human"),
    "mis on elu mõte": reading("answer", ("tracking", 0.9)),
    "asdf": reading("clarify"),
}
QUESTIONS = [
    Question("kus pakk", "tracking", kind="typical"),
    Question("pakk hilineb", "delay", kind="typical"),
    Question("muuda aadressi", "address", also_ok=("delay",), kind="story"),
    Question("arve", "invoice", kind="keyword"),
    Question("tere", None, kind="chitchat"),
    Question("inimest", None, kind="human_request"),
    Question("mis on elu mõte", None, kind="out_of_scope"),
    Question("asdf", None, kind="gibberish"),
]


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(READINGS.__getitem__, QUESTIONS)


def test_recall_counts_also_ok_as_right_and_looks_at_the_ranking_only(report: Report) -> None:
    assert report.recall_at_1 == pytest.approx(2 / 4)
    assert report.recall_at_3 == pytest.approx(3 / 4)
    assert report.mrr == pytest.approx((1 + 1 / 2 + 1 + 0) / 4)


def test_coverage_is_over_known_questions_and_precision_over_all_answers(report: Report) -> None:
    assert report.coverage == pytest.approx(2 / 4)
    assert report.precision == pytest.approx(2 / 3)


def test_suggested_ok_looks_at_those_shown(report: Report) -> None:
    assert report.suggested_ok == 1.0


def test_people_and_chitchat_have_their_own_shares(report: Report) -> None:
    assert report.to_human == 1.0
    assert report.chitchat_ok == 1.0


def test_each_kind_has_its_count_and_share(report: Report) -> None:
    assert report.by_kind["typical"] == {"right": 0.5, "count": 2.0}
    assert report.by_kind["out_of_scope"] == {"right": 0.0, "count": 1.0}
    assert report.by_kind["gibberish"] == {"right": 1.0, "count": 1.0}


def test_the_curve_goes_through_every_threshold_once(report: Report) -> None:
    # 0.95 right · 0.9 twice (one right, one out of scope) · 0.5 wrong · 0.2 wrong · gibberish without candidates
    expected = [[1.0, 1 / 4], [2 / 3, 2 / 4], [2 / 4, 3 / 4], [2 / 5, 4 / 4], [2 / 6, 4 / 4]]
    assert [pytest.approx(pair) for pair in expected] == report.coverage_curve


def test_a_decision_names_action_entry_and_candidates(report: Report) -> None:
    first, second = report.decisions[:2]
    assert first == {"text": "kus pakk", "action": "answer", "entry": "tracking", "intent": "ask_question", "candidates": [["tracking", 0.95], ["delay", 0.03]]}
    assert second["entry"] is None


def test_auroc_counts_pairs_and_ties_half() -> None:
    assert auroc([0.9, 0.5], [0.5, 0.1]) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert auroc([], [0.1]) is None


def test_calibration_error_weighs_the_bins() -> None:
    # bin 0.9–1.0: promised 0.95, kept 0.5, half of all; bin 0.1–0.2: promised 0.1, kept 0, half of all
    assert calibration_error([0.95, 0.95, 0.1, 0.1], [True, False, False, False]) == pytest.approx(0.45 * 0.5 + 0.1 * 0.5)


def test_a_probability_of_one_falls_into_the_last_bin() -> None:
    assert calibration_error([1.0], [True]) == pytest.approx(0.0)


def test_questions_are_read_with_their_labels(tmp_path: Path) -> None:
    file = tmp_path / "questions.yml"
    rows = ["- {text: 'Kus pakk on?', expected: tracking, also_ok: [delay], kind: typical}", "- {text: tere, expected: null, kind: chitchat}"]
    file.write_text("\n".join(rows), encoding="utf-8")

    first, second = read_questions(file)

    assert first.right == {"tracking", "delay"}
    assert second.right == frozenset()


def test_a_question_without_a_label_is_an_error_that_names_its_place(tmp_path: Path) -> None:
    file = tmp_path / "questions.yml"
    file.write_text("- {text: tere, expected: null}\n- {text: tere}\n", encoding="utf-8")

    with pytest.raises(QuestionsError, match="item 2"):
        read_questions(file)
