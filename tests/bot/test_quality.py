from __future__ import annotations

from pathlib import Path

from bot.evaluate import Question
from bot.faq.bank import Asked, Business
from bot.quality import asking, measure, plot, questions_of
from bot.understanding import Candidate, FaqEntry, Reading

ENTRIES = (FaqEntry("pakk", "Kus on pakk?", "Teel."), FaqEntry("arve", "Kus on arve?", "Kontol."))
ASKED = (
    Asked("pakk kus", frozenset(["pakk"]), "typical", "pakk"),
    Asked("arve või pakk", frozenset(["arve", "pakk"]), "paraphrase", "arve"),
    Asked("kus on dokument", frozenset(["arve"]), "paraphrase", "arve"),
    Asked("aga homme?", frozenset(["pakk"]), "followup", "pakk"),
    Asked("kus on kuu", frozenset(), "out_of_scope"),
)
SHOP = Business("pood", ENTRIES, ASKED)


def read(text: str) -> Reading:
    """Whatever is asked, it is the parcel; less surely when the word is missing."""
    sure = 0.9 if "pakk" in text else 0.4
    candidates = (Candidate("pakk", "Kus on pakk?", sure), Candidate("arve", "Kus on arve?", 0.1))
    return Reading(text, "et", "answer" if sure > 0.5 else "suggest", "ask_question", 0.9, candidates, "")


def test_follow_ups_are_left_out_and_other_right_entries_count() -> None:
    questions = questions_of(SHOP)
    assert [question.text for question in questions] == ["pakk kus", "arve või pakk", "kus on dokument", "kus on kuu"]
    assert questions[1].right == {"arve", "pakk"}
    assert questions[-1].expected is None


def test_figures_are_means_over_businesses_and_by_kind() -> None:
    replaced: list[int] = []
    measured = measure([SHOP], asking(read, lambda entries: replaced.append(len(entries))), [Question("tere", None, (), "chitchat")])
    figures = measured.figures()
    assert replaced == [2]
    assert figures["recall_at_1"] == 2 / 3
    assert figures["recall_at_1 hard"] == 1 / 2
    assert figures["recall_at_3 hard"] == 1
    assert figures["recall_at_1 typical"] == 1
    assert measured.misses(5) == [("kus on dokument", "arve", "pakk", 0.4)]


def test_both_plots_are_drawn(tmp_path: Path) -> None:
    for path in plot(measure([SHOP], asking(read, lambda _: None)), tmp_path / "pictures"):
        assert path.read_bytes().startswith(b"\x89PNG")
