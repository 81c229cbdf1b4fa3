"""Liis is helped while she writes: hints that lead to their place, the bot asked about a draft, and a last look before publishing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import comes_to, until
from tests.browser.test_story import open_chat, say

pytestmark = pytest.mark.browser

RETURN_DAYS, ASKED = "tagastamise-tahtaeg", "mitu päeva on mul aega kaup tagastada"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def editor(visit: Visit, server: FakeServer, where: str = "", *, phone: bool = False, dark: bool = False) -> Page:
    """Liis has logged in and opened something."""
    page = visit(f"/editor#{where}" if where else "/editor", login="liis", phone=phone, dark=dark)
    expect(page.locator("#list button").first).to_be_attached()
    return page


def selected(page: Page, field: str = "") -> str:
    """The words that are marked in the field that has the focus; nothing when that is another one than is asked for."""
    marked = "id => { const a = document.activeElement; return !id || a.id === id ? (a.value ?? '').slice(a.selectionStart, a.selectionEnd) : '' }"
    return str(page.evaluate(marked, field))


def hint(page: Page, rule: str) -> Locator:
    return page.locator(f"#hints li[data-rule={rule}]")


def test_hints_come_while_she_writes_lead_to_their_place_and_are_put_aside_for_good(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server, RETURN_DAYS)
    expect(liis.locator("#answer")).not_to_have_value("")
    liis.fill("#answer", "Teie 😀 tellimsu saab kahjuks tagastada kuni 31.12.2025.")
    expect(hint(liis, "spelling")).to_contain_text("„tellimus“")
    expect(hint(liis, "past_date")).to_contain_text("31. detsember 2025")

    hint(liis, "spelling").get_by_role("button", name="Näita kohta").click()
    comes_to("tellimsu", lambda: selected(liis, "answer"), liis)
    liis.keyboard.type("tellimuse")
    expect(hint(liis, "spelling")).to_have_count(0)

    hint(liis, "wording").get_by_role("button", name="Nii on mõeldud").click()
    expect(hint(liis, "wording")).to_have_count(0)
    expect(liis.get_by_text("Kõrvale pandud: Soojem sõna")).to_be_visible()
    assert complaints(liis) == []
    liis.locator("#save").click()
    expect(liis.get_by_text("Mustand on salvestatud.")).to_be_visible()
    liis.reload()
    expect(hint(liis, "past_date")).to_be_visible()
    expect(hint(liis, "wording")).to_have_count(0)
    liis.get_by_role("button", name="Too tagasi").click()
    expect(hint(liis, "wording")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
def test_the_review_of_all_answers_leads_from_a_hint_to_its_place(visit: Visit, server: FakeServer, phone: bool) -> None:
    liis = editor(visit, server, phone=phone, dark=phone)
    liis.get_by_role("button", name="Ülevaatus").click()
    expect(liis.locator("#review-state")).to_contain_text("Nõuandeid:")
    chip = liis.locator("#review-rules").get_by_role("button", name=re.compile("Pikk lause"))
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    first = liis.locator("#review-found .hint-jump").first
    expect(first).to_contain_text("Pikk lause")
    assert complaints(liis) == []

    first.click()
    until(lambda: len(selected(liis).split()) > 20, liis)


def test_a_draft_is_asked_as_it_is_written_and_the_winner_is_a_click_away(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server, "new")
    liis.fill("#question", "Kas kaameleid müüte?")
    liis.fill("#answer", "Jah, **kaks kaamelit**.")
    liis.fill("#ask-text", "kas kaameleid müüte")
    liis.locator("#ask").get_by_role("button").click()
    reading = liis.locator("#reading")
    expect(reading.locator(".bubble")).to_contain_text("kaks kaamelit")
    expect(reading).to_contain_text("kui selle teksti avaldate")
    reading.locator(".grounds summary").first.click()
    expect(reading).to_contain_text("Ühised sõnad: kas, kaameleid, müüte")
    assert complaints(liis) == []

    liis.fill("#ask-text", ASKED)
    liis.locator("#ask").get_by_role("button").click()
    expect(reading).to_contain_text("Selle küsimuse saab endale teine vastus.")
    liis.fill("#question", "")
    liis.fill("#answer", "")  # nothing is left behind
    reading.get_by_role("button", name=re.compile("^Ava „")).click()
    expect(liis.locator("#question")).not_to_have_value("")
    expect(liis).to_have_url(f"{server.url}/editor#{RETURN_DAYS}")


def test_a_known_question_that_would_lose_its_answer_is_shown_before_publishing(visit: Visit, server: FakeServer) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, ASKED)
    mari.get_by_role("button", name="Jah, oli abi").click()
    expect(log).to_contain_text("Aitäh tagasiside eest!")

    liis = editor(visit, server, RETURN_DAYS)
    expect(liis.locator("#question")).not_to_have_value("")
    liis.fill("#question", "Tähtaeg?")
    liis.get_by_role("button", name="Avalda", exact=True).click()
    gate = liis.locator("#gate")
    expect(gate.get_by_role("heading")).to_be_focused()
    expect(gate).to_contain_text(ASKED)
    assert complaints(liis) == []
    gate.get_by_role("button", name="Muudan veel").click()
    expect(gate).to_be_hidden()
    expect(liis.locator("#publish")).to_be_focused()
    expect(liis.locator("#said")).not_to_contain_text("Avaldatud")

    liis.get_by_role("button", name="Avalda", exact=True).click()
    gate.get_by_role("button", name="Avalda ikkagi").click()
    expect(liis.locator("#said")).to_contain_text("Avaldatud")
