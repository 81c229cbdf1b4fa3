"""Each rule says something where it should and nothing where it should not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.entities import mask
from bot.understanding import Candidate, SpellingMark, WordingMark
from handoff.conversations.usage import Usage
from handoff.editor.lint import among, facts, words
from handoff.editor.lint.finding import Finding, fields

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OURS = "https://abi.kodukaup.ee"
PAGES = {"/help": {"tarne"}, "/help/millal-pakk-jouab": (), "/privacy": ()}


def entry(
    answer: str = "Pakk jõuab kahe tööpäevaga.", *, question: str = "Millal pakk jõuab?", examples: Iterable[str] = (), **translations: str
) -> dict[str, Any]:
    translated = {language: {"question": "?", "answer": text} for language, text in translations.items()}
    return {"question": question, "answer": answer, "examples": list(examples), "translations": translated, "tags": []}


def marked(content: dict[str, Any], found: Iterable[Finding]) -> list[str]:
    """The words that the findings point to."""
    texts = {one.name: one.text for one in fields(content)}
    return [texts[one.field][one.start : one.end] for one in found]


def standing(**known: Any) -> among.Standing:
    long_ago = NOW - timedelta(days=200)
    ordinary = among.Standing(published=True, changed_at=long_ago, first_question=long_ago, lately=Usage(), rated=Usage())
    return replace(ordinary, **known)


def slip(text: str) -> list[SpellingMark]:
    at = text.find("tellimsu")
    return [SpellingMark(at, at + 8, "tellimsu", ("tellimus", "tellimuse"))] if at >= 0 else []


def test_slips_are_marked_in_question_and_answer_and_left_to_customers_in_other_wordings() -> None:
    content = entry("Teie tellimsu on teel.", examples=["kus mu tellimsu on"], en="Your tellimsu.")
    (found,) = words.spelling(content, slip)
    assert (found.field, found.start, found.end) == ("answer", 5, 13)
    assert found.values == {"word": "tellimsu", "meant": "„tellimus“, „tellimuse“"}
    assert list(words.spelling(entry(), slip)) == []


def test_cold_words_are_marked_with_what_to_say_instead() -> None:
    def wording(text: str) -> list[WordingMark]:
        return [WordingMark(0, 7, "Kahjuks", "negative", "saame …")] if text.startswith("Kahjuks") else []

    (found,) = words.cold(entry("Kahjuks on otsas."), wording)
    assert (found.start, found.end, found.values["why"]) == (0, 7, "negative")
    assert list(words.cold(entry("Kohe tuleb juurde."), wording)) == []


def test_a_sentence_that_goes_on_and_on_is_marked_alone() -> None:
    long = " ".join(["sõna"] * 26) + "."
    content = entry(f"Lühike lause. {long} Veel üks.")
    assert marked(content, words.long_sentences(content)) == [long]


@pytest.mark.parametrize(
    "answer",
    [
        " ".join(["sõna"] * 25) + ".",
        "- " + " ".join(["üks"] * 15) + "\n- " + " ".join(["kaks"] * 15),
        " ".join(["Lühike lause."] * 20),
        "Vaadake [siit](https://pood.ee/" + "/".join(["a"] * 40) + ").",
    ],
)
def test_short_sentences_lists_and_addresses_are_not_too_long(answer: str) -> None:
    assert list(words.long_sentences(entry(answer))) == []


def test_a_date_does_not_end_a_sentence() -> None:
    long = "Kuni 31. " + " ".join(["sõna"] * 26)
    content = entry(f"Tere. {long}.")
    assert marked(content, words.long_sentences(content)) == [f"{long}."]


def test_an_answer_that_fills_the_chat_more_than_once_is_too_long_in_any_language() -> None:
    assert [one.field for one in words.too_long(entry(en="word " * 201))] == ["translations.en.answer"]
    assert list(words.too_long(entry("sõna " * 199))) == []


@pytest.mark.parametrize(("said", "kind"), [("mari.maasikas@gmail.com", "e-post"), ("+372 5123 4567", "telefon"), ("49403136526", "isikukood")])
def test_data_of_a_person_is_marked_wherever_it_stands(said: str, kind: str) -> None:
    content = entry(f"Kirjutage {said}, aitame.", examples=[f"minu andmed {said}"])
    found = list(facts.personal(content, mask, lambda words: False))
    assert [(one.field, one.values["kind"]) for one in found] == [("answer", kind), ("examples.0", kind)]
    assert marked(content, found) == [said, said]


@pytest.mark.parametrize("answer", ["Kirjutage ABI@kodukaup.ee.", "Tellimus 123456 on teel.", "Hind on 12,50 € [telefon]."])
def test_the_house_s_own_address_and_plain_numbers_are_no_data_of_a_person(answer: str) -> None:
    assert list(facts.personal(entry(answer), mask, {"abi@kodukaup.ee"}.__contains__)) == []


def test_an_address_that_stands_in_several_other_answers_is_the_house_s_own() -> None:
    answers = {"a": "Kirjutage Abi@pood.ee.", "b": "Abi saate: abi@pood.ee.", "c": "Helistage 600 0000."}
    assert among.is_shared("abi@pood.ee", "c", answers)
    assert not among.is_shared("abi@pood.ee", "a", answers)
    assert not among.is_shared("600 0000", "a", answers)


@pytest.mark.parametrize(
    ("answer", "words_of_it"),
    [
        ("Kampaania kestab 31.12.2025.", "31.12.2025"), ("Kuni 1. 3. 2026 on tarne tasuta.", "1. 3. 2026"), ("Kehtib 2025-12-31.", "2025-12-31"),
        ("Tasuta 31. detsembrini 2025.", "31. detsembrini 2025"), ("Alates 1. märtsist 2026 teisiti.", "1. märtsist 2026"),
    ],
)  # fmt: skip
def test_days_that_have_passed_are_marked(answer: str, words_of_it: str) -> None:
    content = entry(answer)
    assert marked(content, facts.passed_dates(content, NOW.date())) == [words_of_it]


@pytest.mark.parametrize(
    "answer", ["Kuni 22.11.2026.", "Kuni 31. detsembrini 2026.", "Päev 31.11.2025 ei ole päev.", "Versioon 1.2.3, kell 10.30.", "Alates 2025. aastast."]
)
def test_days_to_come_and_what_is_no_day_are_left_alone(answer: str) -> None:
    assert list(facts.passed_dates(entry(answer), date(2026, 11, 22))) == []


def test_days_are_read_in_the_language_of_the_answer() -> None:
    content = entry(en="Until 31 December 2025 or January 5, 2026.", ru="До 31 декабря 2025 года.")
    assert marked(content, facts.passed_dates(content, NOW.date())) == ["31 December 2025", "January 5, 2026", "31 декабря 2025"]


@pytest.mark.parametrize("path", ["/help/on-ammu-arhiivis", "/olematu", "/help#olematu"])
def test_a_link_to_a_page_of_ours_that_is_not_there_is_dead(path: str) -> None:
    content = entry(f"Vaadake [siit]({OURS}{path}).")
    (found,) = facts.dead_links(content, OURS, PAGES)
    assert (found.rule, *marked(content, [found])) == ("dead_link", f"{OURS}{path}")


def test_a_link_without_its_site_is_cut() -> None:
    (found,) = facts.dead_links(entry("Vaadake [siit](/help)."), OURS, PAGES)
    assert found.rule == "cut_link"


@pytest.mark.parametrize(
    "link",
    [
        f"{OURS}/help",
        f"{OURS}/help/",
        f"{OURS}/help#tarne",
        f"{OURS}/help/millal-pakk-jouab",
        "https://pood.ee/olematu",
        "mailto:abi@pood.ee",
        "/pictures/AbCd_-1234567890",
    ],
)
def test_living_links_and_other_people_s_are_left_alone(link: str) -> None:
    assert list(facts.dead_links(entry(f"Vaadake [siit]({link}) või {OURS}/privacy."), OURS, PAGES)) == []


def test_steps_are_looked_at_like_the_answer_in_each_language() -> None:
    content = entry("Vaatame koos.") | {
        "steps": [{"id": "a", "text": "Vaadake [siit](/help)."}],
        "translations": {"en": {"steps": {"a": "Look [here](/help)."}}},
    }
    assert [one.field for one in facts.dead_links(content, OURS, PAGES)] == ["steps.0.text", "translations.en.steps.a"]


def test_the_same_wording_in_two_entries_is_named_with_the_other_one() -> None:
    known = among.wordings([("a", entry(question="Kus pakk on?")), ("b", entry(examples=["kus pakk on"]))])
    (found,) = among.same_wordings("b", entry(examples=["oma", "kus pakk on"]), known)
    assert (found.field, found.other, found.values["question"]) == ("examples.1", "a", "Kus pakk on?")
    assert list(among.same_wordings("a", entry(question="Millal?"), known)) == []


def test_an_entry_whose_question_another_one_answers_is_its_double() -> None:
    (found,) = among.near(entry(), [Candidate("b", "Kui kaua tarne kestab?", 0.97)], {"b": "Kaks päeva."})
    assert (found.rule, found.other, found.values["chance"]) == ("duplicate", "b", "97\u00a0%")


def test_two_doubles_with_other_numbers_contradict_each_other() -> None:
    candidates = [Candidate("b", "Kui kaua saab tagastada?", 0.97)]
    (found,) = among.near(entry("Tagastada saab 14 päeva."), candidates, {"b": "Tagastamiseks on aega 30 päeva."})
    assert (found.rule, found.values["own"], found.values["other"]) == ("conflict", "14", "30")
    (same,) = among.near(entry("Tagastada saab 14 päeva."), candidates, {"b": "Tagastamiseks on 14 päeva, e-R 10–18."})
    assert same.rule == "duplicate"
    (apart,) = among.near(entry("Tagastada saab 14 päeva."), candidates, {"b": "Tagastamine maksab 3 €."})
    assert apart.rule == "duplicate"


@pytest.mark.parametrize("candidates", [[], [Candidate("b", "Kus pood on?", 0.9)], [Candidate("c", "Arhiivis", 0.97)]])
def test_an_entry_that_nobody_else_answers_is_no_double(candidates: list[Candidate]) -> None:
    assert list(among.near(entry(), candidates, {"b": "Tartus."})) == []


def test_a_translation_is_missed_where_most_entries_have_it() -> None:
    contents = [entry(en="Two days.", ru="Два дня."), entry(en="Soon."), entry()]
    usual = among.usual_languages(contents)
    assert usual == ("en",)
    assert [one.field for one in among.missing_translations(contents[2], usual)] == ["translations.en.question"]
    assert list(among.missing_translations(contents[0], usual)) == []


def test_an_entry_that_nobody_has_asked_for_long_is_named() -> None:
    (found,) = among.unasked(standing(), NOW)
    assert found.values == {"days": "90"}


@pytest.mark.parametrize(
    "known", [{"lately": Usage(asked=1)}, {"published": False}, {"changed_at": NOW}, {"first_question": NOW - timedelta(days=30)}, {"first_question": None}]
)
def test_a_new_entry_a_draft_and_a_young_house_are_given_time(known: dict[str, Any]) -> None:
    assert list(among.unasked(standing(**known), NOW)) == []


def test_an_answer_with_more_thumbs_down_than_up_is_named() -> None:
    (found,) = among.badly_rated(standing(rated=Usage(helpful=1, unhelpful=4)))
    assert found.values == {"helpful": "1", "count": "5"}


@pytest.mark.parametrize("rated", [Usage(), Usage(helpful=0, unhelpful=4), Usage(helpful=3, unhelpful=3)])
def test_few_or_even_thumbs_say_nothing(rated: Usage) -> None:
    assert list(among.badly_rated(standing(rated=rated))) == []
