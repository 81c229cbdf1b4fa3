from __future__ import annotations

from pathlib import Path

import pytest

from bot.estonian import analyse
from bot.faq.meanings import COLUMNS, FILE, Groups, Meanings, Thesaurus, compiled, entry_meanings, meanings
from bot.lessons import read_words
from bot.understanding import FaqEntry

ROOT = Path(__file__).parents[2]
SHARE = COLUMNS.index("meaning_share")
ENTRIES = [
    FaqEntry("kapp", "Pakiautomaadi uks ei avane", "Helistage meile."),
    FaqEntry("jarelmaks", "Kas saab osta järelmaksuga?", "Jah, kuni 36 kuud.", ("osamaksetega tasumine",)),
    FaqEntry("net", "Internet ei tööta", "Taaskäivitage ruuter.", translations={"en": {"question": "The internet is down", "answer": "Restart the router."}}),
]


def made(*groups: list[str]) -> Meanings:
    return Meanings([[frozenset(one.split()) for one in line.split(" | ")] for line in compiled(groups).splitlines()[1:]])


SOME = made(["pakiautomaat", "kapp", "luuk"], ["järelmaks", "jupi kaupa maksma", "osade kaupa tasuma"], ["ruuter", "modem", "võrgukarp"])
HELD = [Groups.of(entry_meanings(entry, SOME)) for entry in ENTRIES]


@pytest.mark.parametrize(
    ("asked", "entry"), [("luuk on kinni", 0), ("kapid ei avane", 0), ("kas jupi kaupa saab maksta", 1), ("modem vilgub", 2), ("modm vilgub", 2)]
)
def test_another_word_for_the_same_thing_finds_the_entry(asked: str, entry: int) -> None:
    scores = Thesaurus(HELD).scores(SOME.of(analyse(asked)))
    assert scores[:, SHARE].argmax() == entry
    assert scores[entry].min() > 0


def test_an_expression_stands_in_a_text_only_with_all_its_words() -> None:
    assert SOME.of(analyse("kas maksta saab ka jupi kaupa?")) == {1: 1.0}
    assert SOME.of(analyse("kas maksta saab?")) == {}


def test_a_word_of_many_groups_says_little_of_each() -> None:
    many = made(*(["kapp", f"sõna{number}ke"] for number in range(8)), ["luuk", "uks"])
    assert many.of(analyse("luuk"))[8] > many.of(analyse("kapp"))[0]


@pytest.mark.parametrize("text", ["", "😡", "lumememm"])
def test_nothing_shared_scores_nothing(text: str) -> None:
    assert not Thesaurus(HELD).scores(SOME.of(analyse(text))).any()


def test_an_empty_faq_has_no_meanings() -> None:
    assert Thesaurus([]).scores(SOME.of(analyse("kapp"))).shape == (0, len(COLUMNS))


def test_the_compiled_groups_are_those_of_the_word_lists() -> None:
    """`abiline train --matcher` compiles them; every fortieth is compared, all of them take a quarter of a minute."""
    groups = read_words(ROOT / "data" / "words")
    kept = FILE.read_text(encoding="utf-8").splitlines()[1:]
    assert len(kept) == len(groups), "run `abiline train --matcher`"
    assert compiled(groups[::40]).splitlines()[1:] == kept[::40], "run `abiline train --matcher`"


@pytest.mark.parametrize(("one", "other"), [("netti pole", "internet ei tööta"), ("läpakas", "sülearvuti"), ("salasõna", "parool")])
def test_everyday_words_mean_what_careful_ones_do(one: str, other: str) -> None:
    assert set(meanings().of(analyse(one))) & set(meanings().of(analyse(other)))
