"""How an entry is said in a chat, with its steps, pages and video."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.parse_data import chosen
from bot.spoken import FOLDER, _texts, answers, spoken
from bot.understanding import LANGUAGES, EntryButton, FaqEntry, Step
from handoff import elements
from handoff.markdown import as_letter

PLAIN = FaqEntry(
    "tagastus",
    "Kuidas tagastada?",
    "Nii:\n\n1. Pakkige.",
    translations={"en": {"question": "How to return?", "answer": "Like this:"}},
    steps=(Step("trüki", "Trükkige silt.\nVõi näidake koodi.", translations={"en": "Print the label."}), Step("vii", "Viige **automaati**.")),
    buttons=(EntryButton("Automaadid", url="https://pood.example/automaadid", translations={"en": "Lockers"}), EntryButton("Tarneaeg", entry="tarne")),
    video="https://video.example/1",
)
GUIDE = FaqEntry(
    "ruuter", "Net ei tööta?", "Vaatame koos.", steps=(Step("a", "Kas tuli põleb?", yes="c", no="b"), Step("b", "Vajutage nuppu."), Step("c", "Tore!"))
)


def test_plain_steps_are_a_list_of_their_own_after_the_answer() -> None:
    shown = elements.answer(spoken(PLAIN))
    assert [node[0] for node in shown] == ["p", "ol", "ol", "p"]
    assert shown[2][2][2:] == ["Trükkige silt.", ["br", {}], "Või näidake koodi."]
    assert [node for node in shown[3] if isinstance(node, list) and node[0] == "a"] == [
        ["a", {"href": "https://pood.example/automaadid"}, "Automaadid"],
        ["a", {"href": "https://video.example/1"}, "Vaadake videot"],
    ]


def test_another_language_has_its_own_words_and_estonian_where_there_are_none() -> None:
    said = spoken(PLAIN, "en")
    assert said.startswith("Like this:\n\n1) Print the label.\n2) Viige")
    assert "[Lockers](" in said
    assert spoken(PLAIN, "ru") == spoken(PLAIN)


def test_a_guide_that_asks_is_a_link_to_it_for_the_chat_and_for_letters() -> None:
    assert elements.answer(spoken(GUIDE))[1] == ["p", {}, ["a", {"href": "/help/ruuter"}, "Lahendame koos, samm-sammult"]]
    assert "https://abi.example/help/ruuter" in as_letter(spoken(GUIDE, site="https://abi.example"))


def test_a_guide_for_verified_customers_is_told_in_the_chat_since_the_help_page_has_it_not() -> None:
    told = spoken(FaqEntry("ruuter", "Net?", "Vaatame.", steps=GUIDE.steps, needs_identity=True))
    assert "/help/" not in told
    assert "1) Kas tuli põleb? Kui **jah**, siis samm 3, kui **ei**, siis samm 2." in told


def test_an_entry_of_words_alone_is_said_as_it_stands() -> None:
    assert spoken(FaqEntry("a", "K?", "**Vastus.**")) == "**Vastus.**"


def test_a_button_asks_another_entry_only_while_that_is_there() -> None:
    tarne = FaqEntry("tarne", "Kaua?", "Kaks päeva.")
    assert answers(PLAIN, "et") == [("Tarneaeg", "tarne")]
    (candidate,) = chosen("tagastus", {"tagastus": PLAIN, "tarne": tarne})["candidates"]
    assert candidate["buttons"] == [{"entry": "tarne", "titles": {"et": "Tarneaeg", "en": "Tarneaeg", "ru": "Tarneaeg"}}]
    assert chosen("tarne-vana", {"tarne": replace(tarne, formerly=("tarne-vana",))})["candidates"][0]["entry_id"] == "tarne"
    assert "buttons" not in chosen("tagastus", {"tagastus": PLAIN})["candidates"][0]
    assert chosen("tagastus", {}) == {"candidates": []}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts(language: str) -> None:
    assert (FOLDER / f"{language}.yml").is_file()
    assert _texts(language).keys() == _texts("et").keys()
    assert all(text.strip() for text in _texts(language).values())
