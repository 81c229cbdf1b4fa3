from __future__ import annotations

import subprocess
import sys

import pytest

from bot.estonian import analyse, normalise, pipeline, proofread, split_sentences
from bot.morphology import read_word


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("joudnud", "jõudnud"), ("jarelmaks", "järelmaks"), ("kysimus", "küsimus"), ("yhenda", "ühenda"), ("j6uluks", "jõuluks"), ("tellimsu", "tellimus")],
)
def test_a_word_is_read_as_what_was_meant(typed: str, meant: str) -> None:
    word = read_word(typed)
    assert word.corrected == meant
    assert not word.known


@pytest.mark.parametrize("word", ["šokolaad", "öötöö", "jäääär", "pakiautomaat"])
def test_a_correct_word_is_left_alone(word: str) -> None:
    assert read_word(word).known
    assert read_word(word).corrected == word


def test_a_compound_has_the_lemmas_of_its_parts() -> None:
    assert read_word("tellimusenumbrile").parts == ("tellimus", "number")
    assert read_word("pakiautomaadist").parts == ("pakk", "automaat")


def test_a_doing_named_as_a_thing_has_the_lemma_of_the_doing() -> None:
    assert "tagastama" in read_word("tagastamine").lemmas
    assert "tagastama" in read_word("tagastada").lemmas


def test_slang_is_read_as_ordinary_estonian() -> None:
    assert analyse("kuda läpakas korda saab").corrected == "kuidas sülearvuti korda saab"


def test_a_word_that_is_another_without_its_marks_is_restored_only_where_marks_are_missing() -> None:
    assert "pärast" in analyse("pole joudnud parast reedet").corrected
    assert analyse("Uks ei käi lahti").corrected == "Uks ei käi lahti"


@pytest.mark.parametrize(
    ("text", "guessed"),
    [
        ("kus mu pakk on", False),
        ("tuhjad pudelid, kas votate", False),
        ("kuda läpakas korda saab", False),
        ("kas saab sulrahas maksta", True),
        ("tellisin Plinkerit", True),
    ],
)
def test_it_is_known_whether_a_word_was_guessed(text: str, guessed: bool) -> None:
    assert analyse(text).guessed is guessed


def test_negation_carries_topic_and_politeness_does_not() -> None:
    topical = [token.word.text for token in analyse("palun, mu pakk ei ole veel tulnud").topical]
    assert "ei" in topical
    assert "pakk" in topical
    assert "palun" not in topical


def test_spacy_tokens_carry_lemma_parts_and_suggestions() -> None:
    token = pipeline()("pakiautomaadist")[0]
    assert token.lemma_ == "pakiautomaat"
    assert token._.parts == ("pakk", "automaat")


def test_an_analysis_is_made_once_per_text() -> None:
    assert analyse("Kas see on sama?") is analyse("Kas see on sama?")


@pytest.mark.parametrize("text", ["", "   ", "😡😡", "???"])
def test_a_text_without_words_is_read_without_trouble(text: str) -> None:
    assert not analyse(text).has_words


def test_gibberish_has_words_that_nothing_explains() -> None:
    assert analyse("asdfgh qwrtzx").unreadable_share == 1.0
    assert analyse("kus mu pakk on").unreadable_share == 0.0


def test_dates_and_abbreviations_do_not_end_a_sentence() -> None:
    assert split_sentences("Tellisin 3. märtsil jope. Kus see on?") == ("Tellisin 3. märtsil jope.", "Kus see on?")


def test_text_in_pieces_becomes_one_form() -> None:
    assert normalise("jo\u0303udnud\u00a0 ’kohale’ ") == "jõudnud 'kohale'"


def test_proofreading_marks_the_place_and_passes_over_addresses() -> None:
    text = "Vaadake https://kauplus.example/xyzzy ja jarelmaks"
    (mark,) = proofread(text)
    assert text[mark.start : mark.end] == mark.word == "jarelmaks"
    assert "järelmaks" in mark.suggestions


def test_reading_estonian_loads_neither_torch_nor_tensorflow_nor_all_of_estnltk() -> None:
    heavy = "[name for name in ('torch', 'tensorflow', 'nltk', 'pandas') if name in sys.modules]"
    code = f"import sys; from bot.estonian import analyse; analyse('tere'); print({heavy})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
