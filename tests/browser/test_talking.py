"""Mari and Jaan talk: each sees the other type and read, news is heard when one looks away, a thumb down leads on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import DESKTOP, FakeServer, Visit
from tests.browser.patience import until
from tests.browser.test_story import answer, claim, open_chat, say

pytestmark = pytest.mark.browser

LOOKING_AWAY = """
  let away = false;
  Object.defineProperty(document, "hidden", { get: () => away });
  window.look = (elsewhere) => { away = elsewhere; document.dispatchEvent(new Event("visibilitychange")); };
"""
EAR = """
  window.notes = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.notes += 1; start.apply(this, when); };
"""


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    return fake_server


@pytest.fixture
def mari_context(chromium: Browser) -> BrowserContext:
    """Mari's browser, which tells whether it sounds and can be told that she looks elsewhere."""
    context = chromium.new_context(viewport=DESKTOP, locale="et-EE")  # type: ignore[arg-type]
    context.add_init_script(LOOKING_AWAY + EAR)
    return context


def talking(visit: Visit, desk: Page, words: str, *, context: BrowserContext | None = None, phone: bool = False) -> tuple[Page, Locator]:
    """Mari's page and log with Jaan in the conversation; `words` tell it from others."""
    mari = visit("/demo", phone=phone, context=context)
    log = open_chat(mari)
    say(mari, f"tahan inimesega rääkida, {words}")
    claim(desk, words)
    expect(log).to_contain_text("Jaan liitus")
    expect(desk.get_by_role("textbox", name="Vastus kliendile")).to_be_visible()  # until it knows, what is typed is a note
    return mari, log


def close(mari: Page) -> None:
    mari.get_by_role("dialog").get_by_role("button", name="Sule vestlus").click()


def notes(page: Page) -> int:
    """How often the page has sounded."""
    return int(page.evaluate("notes"))


def box(mari: Page) -> Locator:
    return mari.get_by_role("textbox", name="Teie sõnum")


def test_each_sees_the_other_type_and_read(visit: Visit, desk: Page) -> None:
    mari, log = talking(visit, desk, "lugu trükkimisest")

    box(mari).press_sequentially("Zzz")  # letters that stand in no suggested answer
    expect(desk.locator("#talk .typing")).to_contain_text("kirjutab …")
    expect(desk.locator("#talk")).not_to_contain_text("Zzz")
    say(mari, "Kas pakk on teel?")
    expect(desk.locator("#talk .log")).to_contain_text("Kas pakk on teel?")
    expect(desk.locator("#talk .typing")).to_be_empty()
    expect(mari.get_by_text("Nähtud")).to_be_visible()

    desk.get_by_role("textbox", name="Vastus kliendile").press_sequentially("Jah")
    expect(log).to_contain_text("Jaan kirjutab")
    answer(desk, "Jah, homme on see kohal.")
    expect(log).to_contain_text("homme on see kohal")
    expect(log.get_by_text("Jaan kirjutab")).to_have_count(0)
    expect(desk.locator("#talk .state", has_text="Nähtud")).to_have_count(1)
    answer(desk, "Kas saan veel aidata?")
    expect(desk.locator("#talk .message.seen .tick")).to_have_count(1)


def test_a_note_is_not_typed_to_the_customer_and_a_sign_goes_by_itself(visit: Visit, desk: Page) -> None:
    mari, log = talking(visit, desk, "lugu märkusest", phone=True)
    desk.get_by_role("button", name="Märkus", exact=True).click()

    desk.get_by_role("textbox", name="Märkus, mida näevad ainult kolleegid").press_sequentially("klient on kannatlik")
    with mari.expect_response(lambda response: response.url.endswith("/typing")):
        box(mari).press_sequentially("Ma")  # a sign goes one way …
    expect(desk.locator("#talk .typing")).to_contain_text("kirjutab")
    expect(log).not_to_contain_text("Jaan kirjutab")  # … and none the other

    expect(desk.locator("#talk .typing")).to_be_empty()


def test_what_comes_while_the_panel_is_closed_is_counted_and_heard_until_it_is_read(visit: Visit, desk: Page, mari_context: BrowserContext) -> None:
    mari, log = talking(visit, desk, "lugu kinnisest aknast", context=mari_context)
    title = mari.title()
    close(mari)

    answer(desk, "Tere!")
    expect(mari.get_by_role("button", name="Ava vestlus · Uusi sõnumeid: 1")).to_be_visible()
    expect(mari).to_have_title(f"(1) {title}")
    until(lambda: notes(mari) == 1, mari)
    for place in range(9):
        answer(desk, f"Vaatan seda, {place}")
    expect(mari.locator(".launcher .dot")).to_have_text("9+")
    expect(mari).to_have_title(f"(10) {title}")

    mari.get_by_role("button", name="Ava vestlus").click()
    expect(log).to_contain_text("Vaatan seda, 8")
    expect(mari).to_have_title(title)
    expect(desk.locator("#talk .state", has_text="Nähtud")).to_have_count(1)


def test_who_looks_at_another_window_reads_the_news_in_the_title(visit: Visit, desk: Page, mari_context: BrowserContext) -> None:
    mari, _log = talking(visit, desk, "lugu teisest aknast", context=mari_context)
    title = mari.title()
    mari.evaluate("look(true)")

    answer(desk, "Tere!")
    expect(mari).to_have_title(f"(1) {title}")
    expect(mari).to_have_title("(1) Teile vastati")
    expect(mari).to_have_title(f"(1) {title}")
    mari.evaluate("document.title = 'Poe uus leht'")
    expect(mari).to_have_title("(1) Poe uus leht")  # in its turn

    mari.evaluate("look(false)")
    expect(mari).to_have_title("Poe uus leht")


def test_of_two_tabs_one_sounds_and_none_while_the_sound_is_off(visit: Visit, desk: Page, mari_context: BrowserContext) -> None:
    first, _log = talking(visit, desk, "lugu kahest sakist", context=mari_context)
    second = visit("/demo/tooted", context=mari_context)
    second.get_by_role("heading").first.click()  # browsers let a page sound only after a touch
    bell = first.get_by_role("button", name="Uue sõnumi heli")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "false")
    close(first)

    answer(desk, "Seda ei kuule keegi")
    for page in (first, second):
        expect(page.get_by_role("button", name="Uusi sõnumeid: 1")).to_be_visible()
    first.get_by_role("button", name="Ava vestlus").click()
    bell.click()
    close(first)
    for sounded in (1, 2):
        answer(desk, "Tere!")
        until(lambda least=sounded: notes(first) + notes(second) >= least, first)  # type: ignore[misc]
    assert notes(first) + notes(second) == 2


def test_a_site_may_do_without_sound(visit: Visit) -> None:
    mari = visit("/accessibility")
    mari.evaluate("""() => {
      const tag = document.createElement("script");
      Object.assign(tag.dataset, { sound: "off", language: "et" });
      tag.src = "/widget.js";
      document.body.append(tag);
    }""")
    open_chat(mari)
    expect(mari.get_by_role("button", name="Uue sõnumi heli")).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_thumb_down_asks_one_thing_and_a_mind_can_be_changed(visit: Visit, desk: Page, phone: bool) -> None:
    mari = visit("/demo", phone=phone)
    log = open_chat(mari)
    say(mari, "Kuidas kaupa tagastada?")
    down, up = mari.get_by_role("button", name="Sellest jäi väheks"), mari.get_by_role("button", name="Jah, oli abi")

    down.click()
    expect(log).to_contain_text("Kuidas saame paremini aidata?")
    expect(down).to_be_focused()
    up.click()
    expect(log).to_contain_text("Aitäh tagasiside eest!")
    expect(log.get_by_text("Kuidas saame paremini aidata?")).to_have_count(0)
    expect(up).to_be_focused()

    down.click()
    log.get_by_role("button", name="Proovin teisiti").click()
    expect(box(mari)).to_be_focused()
    expect(box(mari)).to_have_attribute("placeholder", re.compile("teiste sõnadega"))
    say(mari, "Millal pakk jõuab?")
    expect(box(mari)).to_have_attribute("placeholder", re.compile("oma küsimus"))
    expect(log.get_by_role("button", name="Proovin teisiti")).to_have_count(0)


def test_a_thumb_down_brings_a_person(visit: Visit, desk: Page) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "Kuidas kaupa tagastada?")
    mari.get_by_role("button", name="Sellest jäi väheks").click()

    log.get_by_role("button", name="Räägi inimesega").click()

    expect(log).to_contain_text("Kutsun kolleegi")
