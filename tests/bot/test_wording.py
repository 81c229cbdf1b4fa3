"""Hints on cold words: what is marked, what is not, and that our own templates need none."""

from __future__ import annotations

import pytest

from bot.estonian import proofread
from bot.understanding import WORDING_REASONS
from bot.wording import Rule, rules, wording
from handoff.writing import files
from handoff.writing.templates import Written

RULES = [rule for group in rules().values() for rule in group]
LEAST = 60


def test_there_are_enough_rules_and_each_says_why_and_what_instead() -> None:
    assert len(RULES) >= LEAST
    assert {rule.why for rule in RULES} == set(WORDING_REASONS)
    assert [rule.words for rule in RULES if not rule.say.strip()] == []
    assert len({rule.words for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("Kahjuks on toode otsas.", "Kahjuks", "negative"),
        ("Me ei saanud teie makset kätte.", "ei saanud", "negative"),
        ("Seda ei ole võimalik vahetada.", "ei ole võimalik", "negative"),
        ("Tekkis probleeme maksega.", "probleeme", "negative"),
        ("Te eksite, pakk on kohal.", "eksite", "blaming"),
        ("Te ei saanud aru.", "ei saanud aru", "blaming"),
        ("Peate täitma vormi.", "Peate", "commanding"),
        ("Vastavalt tingimustele maksate ise.", "Vastavalt", "bureaucratic"),
        ("Seoses tarnega võtke ühendust.", "Seoses", "bureaucratic"),
        ("Informeerime teid homme.", "Informeerime", "bureaucratic"),
        ("Teie tellimus kuulub tagastamisele.", "kuulub tagastamisele", "bureaucratic"),
        ("Tagastus teostatakse homme.", "teostatakse", "passive"),
        ("Vastame võimalikult kiiresti.", "võimalikult kiiresti", "vague"),
        ("Lugupeetud klient, pakk on teel.", "Lugupeetud klient", "cold"),
    ],
)
def test_cold_words_are_marked_in_all_their_forms(text: str, words: str, why: str) -> None:
    assert [(mark.words, mark.why, text[mark.start : mark.end]) for mark in wording(text)] == [(words, why, words)]


def test_what_can_stand_in_its_place_says_so() -> None:
    (one,) = wording("Saadame paki koheselt teele.")
    assert (one.say, one.swaps) == ("kohe", True)
    (other,) = wording("Me ei saa seda teha.")
    assert not other.swaps


@pytest.mark.parametrize(
    "text",
    [
        "Saame selle homme vahetada.",
        "Kas kõik on nüüd korras?",
        "Te kirjutasite: „Kahjuks ei saa ma maksta.“",
        "Unfortunately we cannot do it.",
        "К сожалению, нет.",
        "",
        "{{probleem}}",
    ],
)
def test_warm_words_quotes_and_other_languages_are_left_alone(text: str) -> None:
    assert wording(text) == ()


@pytest.mark.parametrize("one", files.starters(), ids=lambda one: one.shortcut)
def test_our_own_templates_need_no_hint_and_have_no_slip(one: Written) -> None:
    assert [mark.words for mark in wording(one.texts["et"])] == []
    assert [mark.word for mark in proofread(one.texts["et"])] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: " ".join(rule.words))
def test_what_is_suggested_is_right_estonian(rule: Rule) -> None:
    assert [mark.word for mark in proofread(rule.say)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Teie tellimsu jouab homme.", ["tellimsu", "jouab"]),
        ("Tere, Zdislav! Omniva toob iPhone'i.", []),
        ("Vaadake pood.ee/tagastus või kirjutage abi@pood.ee, kood AB12x.", []),
        ("Tellimsu on teel.", ["Tellimsu"]),
        ("Hello, how are you today?", []),
        ("Здравствуйте, как дела?", []),
        ("Tere, {{name}}! Pakk {{tracking}}.", []),
    ],
)
def test_slips_are_marked_and_names_addresses_and_other_languages_are_not(text: str, words: list[str]) -> None:
    assert [mark.word for mark in proofread(text)] == words


def test_a_suggestion_keeps_the_capital_that_was_typed() -> None:
    assert proofread("Tellimsu on teel.")[0].suggestions[0] == "Tellimus"


def test_a_long_text_of_nonsense_is_looked_at_in_part() -> None:
    assert len(proofread("Siin on palju sõnu. " + " ".join(f"brzh{letter}kx" for letter in "aeiouõäöü" * 10))) == 40
