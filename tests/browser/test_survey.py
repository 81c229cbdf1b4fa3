"""How it was: Mari answers with a tap and a few words; Tiit looks after it, reviews Jaan's work by keyboard, and Jaan answers him."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.test_desk_moves import desk_of, talking
from tests.browser.test_story import answer, claim, open_chat, say

pytestmark = pytest.mark.browser

QUESTION = "Kui rahul te meie abiga olete?"
THANKS = "Suur aitäh!"
SCORES = ("1", "2", "3", "4", "5")


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def end(mari: Page) -> None:
    """Mari ends the conversation and is asked."""
    mari.get_by_role("button", name="Lõpeta vestlus").click()
    expect(mari.get_by_role("log")).to_contain_text(QUESTION)


def office(visit: Visit, server: FakeServer, path: str, *, phone: bool = False, dark: bool = False) -> Page:
    """Tiit's browser on a page of this room."""
    tiit = desk_of(visit, server, "tiit", phone=phone, dark=dark)
    tiit.goto(server.url + path)
    return tiit


def test_mari_is_asked_once_answers_with_a_tap_and_a_few_words_and_goes_on_asking(visit: Visit, desk: Page) -> None:
    mari, log = talking(visit, desk, "minu tagasimakse")
    end(mari)
    for score in SCORES:
        expect(log.get_by_role("button", name=score, exact=True)).to_be_visible()
    log.get_by_role("button", name="2", exact=True).click()
    expect(log).to_contain_text("Meie inimene loeb selle läbi")
    say(mari, "Ootasin liiga kaua. Minu number on 5555 1234.")
    expect(log).to_contain_text(THANKS)
    mari.reload()
    expect(log).to_contain_text(THANKS)
    expect(log.get_by_text(QUESTION)).to_have_count(1)
    assert complaints(mari) == []
    say(mari, "Kas te laupäeval olete avatud?")
    expect(log).to_contain_text("Vestlus jätkub")


def test_a_number_that_is_typed_on_a_phone_is_an_answer_too(visit: Visit, desk: Page) -> None:
    mari = visit("/demo", phone=True, dark=True)
    log = open_chat(mari)
    say(mari, "tahan inimesega rääkida, lahtiolek")
    claim(desk, "lahtiolek")
    expect(log).to_contain_text("Jaan liitus")
    end(mari)
    say(mari, "viis")
    expect(log).to_contain_text("Soovi korral kirjutage")


def test_tiit_looks_after_a_low_score_and_jaan_answers_the_review(visit: Visit, server: FakeServer, desk: Page) -> None:
    mari, log = talking(visit, desk, "minu arve")
    answer(desk, "Tere! Saadan arve kohe.")
    expect(log).to_contain_text("Saadan arve kohe")
    end(mari)
    say(mari, "1")
    say(mari, "Arve tuli vale nimega, helistage 5555 1234.")
    expect(log).to_contain_text(THANKS)

    tiit = office(visit, server, "/coaching", dark=True)
    low = tiit.get_by_role("article").filter(has_text="Arve tuli vale nimega")
    expect(low).to_contain_text("1 / 5")
    expect(low).to_contain_text("[telefon]")
    expect(low).not_to_contain_text("5555")
    assert complaints(tiit) == []
    low.get_by_label("Märge").fill("Helistasin Marile.")
    low.get_by_role("button", name="Märgi tehtuks").click()
    expect(tiit.get_by_role("status")).to_contain_text("Tehtud")
    tiit.get_by_role("link", name="Näita järele vaadatuid").click()
    expect(low).to_contain_text("Helistasin Marile.")
    low.get_by_role("link", name="Vaata töö üle").click()

    tiit.get_by_role("group", name="Vastas õigesti").get_by_label("3", exact=True).focus()
    tiit.keyboard.press("ArrowRight")
    expect(tiit.get_by_role("group", name="Vastas õigesti").get_by_label("4", exact=True)).to_be_checked()
    tiit.locator("summary").first.press("Enter")
    tiit.get_by_label("Märge sõnumi").first.fill("Kiire algus!")
    tiit.get_by_label("Teie sõnad: Jaan").fill("Küsi nime üle enne, kui arve saadad.")
    assert complaints(tiit) == []
    tiit.get_by_role("button", name="Jaga: Jaan").click()
    expect(tiit.get_by_role("heading", name="Ülevaade: Jaan")).to_be_visible()

    jaan = desk_of(visit, server, "jaan", phone=True)
    jaan.goto(server.url + "/coaching")
    expect(jaan.get_by_role("row", name="Rahulolu")).to_contain_text("(n")
    assert complaints(jaan) == []
    jaan.get_by_role("link", name="Ülevaade,").first.click()
    expect(jaan.get_by_role("listitem").filter(has_text="Saadan arve kohe")).to_contain_text("Kiire algus!")
    jaan.get_by_label("Kirjutage vastus").fill("Aitäh, teen nii.")
    jaan.get_by_role("button", name="Saada vastus").click()
    expect(jaan.get_by_role("status")).to_have_text("Vastus on saadetud.")
    assert complaints(jaan) == []
    tiit.reload()
    expect(tiit.locator("#main")).to_contain_text("Aitäh, teen nii.")
