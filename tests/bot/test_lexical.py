from __future__ import annotations

import pytest

from bot.estonian import analyse
from bot.faq.lexical import COLUMNS, Lexicon
from bot.understanding import FaqEntry

ENTRIES = [
    FaqEntry("tagastus", "Kuidas kaupa tagastada?", "Tagastada saab 14 päeva jooksul."),
    FaqEntry("automaat", "Kuidas valida pakiautomaati?", "Valige sobiv automaat ostukorvis."),
    FaqEntry("jarelmaks", "Kas saab osta järelmaksuga?", "Järelmaksu lepingu saab sõlmida kassas.", ("kuumakse",)),
]


@pytest.mark.parametrize(
    ("asked", "entry"),
    [("tagastamine", 0), ("soovin tagastust teha", 0), ("mis automaadid on", 1), ("jarelmaks", 2), ("kuumaksega ostmine", 2), ("jräelmaks", 2)],
)
def test_another_form_a_part_of_a_compound_or_a_slip_finds_the_entry(asked: str, entry: int) -> None:
    scores = Lexicon(ENTRIES).scores(analyse(asked))
    assert scores[:, COLUMNS.index("bm25")].argmax() == entry
    assert scores[:, COLUMNS.index("chars")].argmax() == entry


def test_nothing_shared_scores_nothing() -> None:
    assert not Lexicon(ENTRIES).scores(analyse("vihmavari"))[:, COLUMNS.index("bm25")].any()


def test_overlap_is_a_share() -> None:
    overlap = Lexicon(ENTRIES).scores(analyse("kuidas kaupa tagastada"))[:, COLUMNS.index("overlap")]
    assert overlap[0] == pytest.approx(1.0, abs=1e-4)
    assert overlap.max() <= 1.0


@pytest.mark.parametrize("text", ["", "😡", "ja"])
def test_a_text_without_topical_words_scores_zero(text: str) -> None:
    assert not Lexicon(ENTRIES).scores(analyse(text)).any()


def test_an_empty_faq_has_no_rows() -> None:
    assert Lexicon([]).scores(analyse("arve")).shape == (0, len(COLUMNS))
