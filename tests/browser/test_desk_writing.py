"""An agent writes: offers, templates and advice come by key and by click, stop nothing, and nothing half-filled is sent."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import until
from tests.browser.test_desk_moves import desk_of, talking
from tests.browser.test_story import say

pytestmark = pytest.mark.browser

SLIPS = "Teie tellimsu jouab homme ja saadame koheselt."


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


@pytest.fixture
def box(desk: Page) -> Locator:
    return desk.locator("#words")


def test_an_answer_is_taken_with_one_key_and_a_new_question_brings_others(visit: Visit, desk: Page, box: Locator) -> None:
    mari, log = talking(visit, desk, "pakkumiste lugu")
    say(mari, "Kuidas ma kauba tagastan?")
    offers = desk.locator(".offer")
    expect(offers.first).to_contain_text(re.compile("tagasta", re.IGNORECASE))
    expect(offers.first).to_contain_text("%")
    box.press_sequentially("Tere!")
    desk.keyboard.press("Alt+1")
    expect(box).to_have_value(re.compile(r"^Tere!\n\n.{20}", re.DOTALL))
    expect(offers).to_have_count(0)
    box.press("Enter")
    expect(log).to_contain_text("Tere!")

    say(mari, "Kui kiiresti tellimus jõuab?")
    expect(offers.first).to_contain_text("Kui kiiresti tellimus")
    desk.get_by_role("button", name="Peida pakutud vastused").click()
    expect(offers).to_have_count(0)
    expect(box).to_be_focused()


def test_a_template_is_found_by_a_slash_and_nothing_half_filled_is_sent(visit: Visit, desk: Page, box: Locator) -> None:
    _mari, log = talking(visit, desk, "mallide lugu")
    box.press_sequentially("/olematu")
    expect(desk.locator("#ready")).to_be_hidden()
    box.fill("")
    box.press_sequentially("Tere! /hilin")
    option = desk.get_by_role("option", name=re.compile("Pakk jõuab lubatust hiljem"))
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "ready-0")
    box.press("Escape")
    expect(option).to_be_hidden()
    expect(box).to_be_focused()
    box.press_sequentially("eb")
    expect(option).to_be_hidden()
    box.fill("Tere! ")
    box.press_sequentially("/hilin")
    box.press("Enter")
    expect(box).to_have_value(re.compile(r"^Tere! Palun vabandust, tellimus \{\{tellimuse number\}\}"))

    box.press("Enter")
    expect(desk.locator("#box-hint")).to_have_text("Täitke enne saatmist: tellimuse number")
    desk.keyboard.type("A-1042")
    box.press("Tab")
    desk.keyboard.type("reedel")
    expect(box).to_have_value(re.compile("tellimus A-1042 on teel lubatust kauem. Uus saabumise päev on reedel."))
    box.press("Enter")
    expect(log).to_contain_text("Uus saabumise päev on reedel.")
    expect(box).to_have_value("")


def test_slips_are_marked_where_they_stand_and_mended_by_key_and_click(visit: Visit, desk: Page, box: Locator) -> None:
    _mari, log = talking(visit, desk, "vigade lugu")
    box.press_sequentially(SLIPS)
    marks = desk.locator(".paper mark")
    expect(marks).to_have_text(["tellimsu", "jouab", "koheselt"])

    desk.keyboard.press("Alt+Period")
    desk.keyboard.press("Alt+Comma")
    expect(box).to_have_value(re.compile("^Teie tellimus jouab"))
    desk.keyboard.press("Alt+Comma")
    expect(box).to_have_value(re.compile("^Teie tellimuse jouab"))
    desk.keyboard.press("Control+z")
    expect(box).to_have_value(re.compile("^Teie tellimus jouab"))
    expect(marks).to_have_text(["jouab", "koheselt"])
    desk.keyboard.press("Alt+Period")
    desk.locator(".advice").get_by_role("button", name="jõuab").click()
    expect(box).to_have_value(re.compile("^Teie tellimus jõuab homme"))
    expect(desk.locator(".advice")).to_contain_text("kõlab ametlikult")
    desk.locator(".advice").get_by_role("button", name="Jäta nii").click()
    expect(marks).to_have_count(0)
    box.press("Enter")
    expect(log).to_contain_text("Teie tellimus jõuab homme ja saadame koheselt.")


def test_a_learned_word_and_a_switched_off_kind_are_marked_no_more(visit: Visit, desk: Page, box: Locator) -> None:
    talking(visit, desk, "sõnade lugu")
    marks = desk.locator(".paper mark")
    box.press_sequentially("jouab koheselt")
    expect(marks).to_have_text(["jouab", "koheselt"])
    desk.keyboard.press("Alt+Period")
    with desk.expect_response("**/known-words"):
        desk.locator(".advice").get_by_role("button", name="Jäta meelde").click()
    expect(marks).to_have_text(["koheselt"])
    desk.keyboard.press("Control+k")
    desk.get_by_role("combobox", name="Tegevused").fill("sõnastuse soovitused")
    desk.keyboard.press("Enter")
    expect(marks).to_have_count(0)

    desk.reload()
    expect(desk.locator(".talk-head")).to_contain_text("teie käes")
    box.fill("")
    box.press_sequentially("jouab koheselt tellimsu")
    expect(marks).to_have_text(["tellimsu"])


def test_a_supervisor_writes_a_template_and_the_agent_finds_it(visit: Visit, desk: Page, server: FakeServer, box: Locator) -> None:
    tiit = desk_of(visit, server, "tiit")
    tiit.goto(f"{server.url}/replies")
    tiit.get_by_role("searchbox", name="Otsi malli").fill("komisjon")
    expect(tiit.locator("#found")).to_contain_text("Leitud")
    tiit.get_by_role("link", name="Kirjuta uus mall").click()
    tiit.get_by_label("Pealkiri").fill("Kinkekaart")
    tiit.get_by_label("Lühend").fill("kink")
    tiit.get_by_label("Tekst eesti keeles").fill("Kinkekaardi summa on ")
    tiit.get_by_role("button", name="summa").click()
    broken = complaints(tiit)
    tiit.get_by_role("button", name="Salvesta").click()
    expect(tiit.get_by_text("Mall on salvestatud.")).to_be_visible()
    assert broken + complaints(tiit) == []

    talking(visit, desk, "kinkekaardi lugu")
    box.press_sequentially("/kink")
    desk.get_by_role("option", name=re.compile("Kinkekaart")).click()
    expect(box).to_have_value("Kinkekaardi summa on {{summa}}")


def test_a_complaint_brings_its_card_with_the_day_and_calm_templates_first(visit: Visit, desk: Page, box: Locator) -> None:
    mari, log = talking(visit, desk, "kaebuse lugu")
    say(mari, "Olen väga pettunud!")
    expect(desk.locator("#talk .log")).to_contain_text("Olen väga pettunud!")
    desk.locator("#talk .log").focus()
    desk.keyboard.press("q")
    card = desk.get_by_role("region", name="Kaebus")
    expect(card).to_contain_text("jäänud 15 päeva")
    expect(card.get_by_role("link", name="Avaldus: komisjon.ee")).to_have_attribute("href", "https://komisjon.ee/et/avalduse-esitamine")
    expect(desk.locator(".offer").first).to_contain_text("Kaebus on vastu võetud")
    card.get_by_label("Toode").fill("Matkasaabas")
    desk.keyboard.press("Enter")
    expect(desk.locator("#talk .log")).to_contain_text("märkis toote: Matkasaabas")
    expect(card.get_by_label("Toode")).to_have_value("Matkasaabas")
    card.get_by_role("button", name="Vali kaebuse mall").click()
    expect(desk.locator("#ready").get_by_role("option").first).to_contain_text("Kaebus on vastu võetud")
    box.press("Enter")
    expect(box).to_have_value(re.compile("vastan teile hiljemalt \\d+. [a-zäõöü]+l \\d{4}"))
    box.press("Enter")
    expect(log).to_contain_text("saime teie kaebuse kätte")
    expect(desk.locator(".offer")).to_have_count(0)
    assert complaints(desk) == []


def test_a_saved_answer_shows_where_it_went_also_after_a_reload(visit: Visit, desk: Page, box: Locator) -> None:
    talking(visit, desk, "mustandi lugu")
    box.fill("Šokolaadi saadame jahutatult.")
    box.press("Enter")
    desk.locator("#context").get_by_role("button", name="Salvesta KKK-sse").click()
    made = desk.locator(".made")
    expect(made).to_contain_text("mustandi lugu")
    desk.reload()
    expect(made).to_contain_text("mustand")


def test_help_fits_a_phone_and_breaks_no_rule(visit: Visit, desk: Page, server: FakeServer) -> None:
    mari, _log = talking(visit, desk, "telefoni abi lugu")
    phone = desk_of(visit, server, "jaan", phone=True, dark=True)
    phone.goto(desk.url)
    say(mari, "Kuidas ma kauba tagastan?")
    expect(phone.locator(".offer").first).to_be_visible()
    phone.locator("#words").press_sequentially(SLIPS)
    expect(phone.locator(".paper mark").first).to_be_visible()
    broken = complaints(phone)
    phone.locator("#words").fill("")
    phone.locator("#words").press_sequentially("/")
    expect(phone.locator("#ready")).to_be_visible()
    until(lambda: bool(phone.evaluate("document.documentElement.scrollWidth <= innerWidth")), phone)
    assert broken + complaints(phone) == []
