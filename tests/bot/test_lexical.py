from __future__ import annotations

import pytest

from bot.estonian import analyse
from bot.faq.lexical import COLUMNS, AskedWords, Floats, Lexicon, Postings, Rarity
from bot.faq.vocabulary import EntryWords, Vocabulary, read_forms, read_terms
from bot.understanding import FaqEntry

ENTRIES = [
    FaqEntry("tagastus", "Kuidas kaupa tagastada?", "Tagastada saab 14 päeva jooksul."),
    FaqEntry("automaat", "Kuidas valida pakiautomaati?", "Valige sobiv automaat ostukorvis."),
    FaqEntry("jarelmaks", "Kas saab osta järelmaksuga?", "Järelmaksu lepingu saab sõlmida kassas.", ("kuumakse",)),
]


def words_of(entries: list[FaqEntry], vocabulary: Vocabulary) -> list[EntryWords]:
    return [vocabulary.numbered(read_terms(entry), read_forms(entry)) for entry in entries]


def scores_of(entries: list[FaqEntry], text: str) -> Floats:
    vocabulary = Vocabulary()
    return Lexicon(words_of(entries, vocabulary), vocabulary).scores(AskedWords.of(analyse(text), vocabulary))


@pytest.mark.parametrize(
    ("asked", "entry"),
    [("tagastamine", 0), ("soovin tagastust teha", 0), ("mis automaadid on", 1), ("jarelmaks", 2), ("kuumaksega ostmine", 2), ("jräelmaks", 2)],
)
def test_another_form_a_part_of_a_compound_or_a_slip_finds_the_entry(asked: str, entry: int) -> None:
    scores = scores_of(ENTRIES, asked)
    assert scores[:, COLUMNS.index("bm25")].argmax() == entry
    assert scores[:, COLUMNS.index("chars")].argmax() == entry


def test_nothing_shared_scores_nothing() -> None:
    assert not scores_of(ENTRIES, "vihmavari")[:, COLUMNS.index("bm25")].any()


def test_overlap_is_a_share() -> None:
    overlap = scores_of(ENTRIES, "kuidas kaupa tagastada")[:, COLUMNS.index("overlap")]
    assert overlap[0] == pytest.approx(1.0, abs=1e-4)
    assert overlap.max() <= 1.0


@pytest.mark.parametrize("text", ["", "😡", "ja"])
def test_a_text_without_topical_words_scores_zero(text: str) -> None:
    assert not scores_of(ENTRIES, text).any()


def test_an_empty_faq_has_no_rows() -> None:
    assert scores_of([], "arve").shape == (0, len(COLUMNS))


def test_one_entry_weighed_as_a_whole_faq_weighs_it_scores_what_it_does_there() -> None:
    vocabulary = Vocabulary()
    held = words_of(ENTRIES, vocabulary)
    asked = AskedWords.of(analyse("kuidas automaati valida"), vocabulary)
    alone = Lexicon(held[1:2], vocabulary, Rarity(held)).scores(asked)
    assert alone[0] == pytest.approx(Lexicon(held, vocabulary).scores(asked)[1])


@pytest.mark.parametrize("text", ["kuidas automaati valida", "jräelmaksu leping ja kuumakse", "vihmavari", "😡", "tagastada pakiautomaadi tagastus"])
def test_one_that_lasts_scores_alike(text: str) -> None:
    vocabulary = Vocabulary()
    held = words_of(ENTRIES, vocabulary)
    asked = AskedWords.of(analyse(text), vocabulary)
    assert Lexicon(held, vocabulary, lasting=True).scores(asked) == pytest.approx(Lexicon(held, vocabulary).scores(asked))
    assert Lexicon([], vocabulary, lasting=True).scores(asked).shape == (0, len(COLUMNS))


def test_a_word_that_came_into_the_vocabulary_later_weighs_as_a_rare_one() -> None:
    vocabulary = Vocabulary()
    rarity = Rarity(words_of(ENTRIES, vocabulary))
    later = words_of([FaqEntry("kaamel", "Kas te kaameleid müüte?", "Jah.")], vocabulary)
    scores = Lexicon(later, vocabulary, rarity).scores(AskedWords.of(analyse("kaamelid"), vocabulary))
    assert scores[0, COLUMNS.index("bm25")] > 1
    assert not rarity.knows(vocabulary.term("kaamel"))


def test_likely_entries_share_a_word_and_are_no_more_than_wanted() -> None:
    vocabulary = Vocabulary()
    held = words_of(ENTRIES, vocabulary)
    postings = Postings(held, vocabulary, Rarity(held))
    assert postings.likely(AskedWords.of(analyse("jarelmaksuga"), vocabulary), 2).tolist() == [2]
    assert postings.likely(AskedWords.of(analyse("vihmavari"), vocabulary), 2).tolist() == []
    assert len(postings.likely(AskedWords.of(analyse("tagastada automaadis järelmaksuga"), vocabulary), 2)) == 2
