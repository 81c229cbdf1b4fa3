"""Customers ask in vain, Liis sees it and writes the answer, and the next customer gets it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import PATIENCE_MS
from tests.browser.test_story import open_chat, say

pytestmark = pytest.mark.browser

LOOK_MS = 2 * PATIENCE_MS
NO_ANSWER, ANSWER = "ma veel vastust ei tea", "Jah, kutsikas on meil väga oodatud."
ASKED, ASKED_TOO, OTHER = "kutsikas jalutuskäigule", "kutsikas terrassil", "laenutate tõstukit"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def in_vain(visit: Visit, *questions: str) -> Page:
    """A customer asks, and there is no answer."""
    mari = visit("/demo")
    log = open_chat(mari)
    for number, question in enumerate(questions, 1):
        say(mari, question)
        expect(log.get_by_text(NO_ANSWER)).to_have_count(number)
    return mari


def missing(visit: Visit, server: FakeServer, *, phone: bool = False, dark: bool = False) -> Page:
    """Liis has logged in and opened what is missing."""
    return visit("/editor/missing", login="liis", phone=phone, dark=dark)


def look(page: Page, wanted: Locator) -> None:
    """Have it looked for now; the page is drawn anew when that is done."""
    page.get_by_role("button", name="Vaata uuesti").click()
    expect(page.locator("#looked[data-going-on]")).to_have_count(0, timeout=LOOK_MS)
    expect(wanted).to_be_visible()
    expect(page.get_by_role("button", name="Vaata uuesti")).to_be_focused()


def group(page: Page, words: str) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=re.compile(words, re.IGNORECASE)))


def test_what_two_customers_asked_in_vain_becomes_an_answer_that_the_next_question_finds(visit: Visit, server: FakeServer) -> None:
    mari = in_vain(visit, ASKED)
    in_vain(visit, ASKED_TOO)
    liis = missing(visit, server)
    puppies = group(liis, "kutsikas")
    look(liis, puppies.get_by_text("Küsimusi: 2"))
    expect(puppies.get_by_role("img", name=re.compile("Küsimusi nädalate kaupa"))).to_be_visible()
    expect(puppies).to_contain_text(f"„{ASKED_TOO}“")
    assert complaints(liis) == []

    puppies.get_by_role("link", name="Kirjuta vastus").click()
    expect(liis.locator("#question")).to_have_value(re.compile("^Kutsikas"))
    expect(liis.get_by_label("Teine sõnastus").first).to_have_value(re.compile("kutsikas"))
    expect(liis.locator("#answer")).to_be_focused()
    liis.keyboard.type(ANSWER)
    liis.get_by_role("button", name="Avalda", exact=True).click()
    expect(liis.locator("#said")).to_contain_text("Avaldatud")

    say(mari, ASKED)
    expect(mari.get_by_role("log")).to_contain_text(ANSWER)

    liis.goto(f"{server.url}/editor/missing?state=answered")
    look(liis, group(liis, "kutsikas"))
    expect(group(liis, "kutsikas")).to_contain_text("Nüüd vastab sellele")


def test_by_keyboard_a_group_is_put_aside_and_brought_back_and_its_words_go_to_an_entry(visit: Visit, server: FakeServer) -> None:
    in_vain(visit, OTHER)
    liis = missing(visit, server, phone=True, dark=True)
    lift = group(liis, "laenutate")
    look(liis, lift)
    lift.get_by_role("button", name="Pane kõrvale").focus()
    liis.keyboard.press("j")
    back = liis.get_by_role("button", name="Too tagasi")
    expect(back).to_be_focused()
    liis.get_by_role("combobox", name="Miks?").select_option("once")
    expect(liis.locator("#said")).to_contain_text("Põhjus on kirjas")
    back.click()
    expect(lift).to_be_focused()

    liis.keyboard.press("l")
    search = lift.get_by_role("searchbox")
    expect(search).to_be_focused()
    search.fill("kuidas järelmaksu vormistada")
    expect(lift.get_by_role("checkbox")).to_be_checked()
    assert complaints(liis) == []
    lift.get_by_role("button", name=re.compile("järelmaksu vormistada")).click()
    expect(liis.locator("#answer")).not_to_have_value("")
    expect(liis.get_by_label("Teine sõnastus").last).to_have_value(OTHER)
    expect(liis.locator("#marks")).to_contain_text("avaldamata muudatus")
