"""For everyone: the keyboard alone is enough, nothing is lost in narrow windows, colours can be read, languages can be picked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import comes_to, until
from tests.browser.test_story import ANSWER_MS, answer, claim, open_chat, say

pytestmark = pytest.mark.browser

ANSWERED = "Mitu päeva on mul aega kaup tagastada?"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def focused(page: Page) -> str:
    """Name or text of what has the focus, inside the widget too."""
    return str(
        page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              return at?.getAttribute("aria-label") || at?.textContent.trim() || at?.tagName;
            }"""
        )
    )


def expect_focus(page: Page, name: str) -> None:
    comes_to(name, lambda: focused(page), page)


def tab_to(page: Page, name: str, *, key: str = "Tab") -> None:
    """Press the key until this has the focus, as somebody without a mouse does."""
    for _ in range(60):
        if name in focused(page):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name!r} can't be reached with {key}: the focus is on {focused(page)!r}")


def test_the_keyboard_alone_is_enough(visit: Visit, desk: Page) -> None:
    mari = visit("/demo")
    expect(mari.get_by_role("button", name="Ava vestlus")).to_be_visible()
    mari.keyboard.press("Shift+Tab")  # the widget stands last on the page
    tab_to(mari, "Ava vestlus", key="Shift+Tab")
    mari.keyboard.press("Enter")
    expect_focus(mari, "Teie sõnum")
    expect(mari.get_by_role("dialog", name="Vestlus klienditoega")).to_have_accessible_description(re.compile("Abiline · tehisaru"))
    log = mari.get_by_role("log")
    mari.keyboard.type(ANSWERED)
    mari.keyboard.press("Enter")
    expect(log.get_by_role("button", name="Jah, oli abi")).to_be_visible(timeout=ANSWER_MS)
    expect_focus(mari, "Teie sõnum")
    tab_to(mari, "Jah, oli abi", key="Shift+Tab")
    mari.keyboard.press("Space")
    expect(log.get_by_text("Aitäh tagasiside eest")).to_be_visible()
    expect_focus(mari, "Jah, oli abi")
    tab_to(mari, "Teie sõnum")
    mari.keyboard.type("järelmaksuga telefon kuidas osta homme")
    mari.keyboard.press("Enter")
    none = log.get_by_role("button", name="Ükski neist")
    expect(none).to_be_visible(timeout=ANSWER_MS)
    tab_to(mari, "Ükski neist", key="Shift+Tab")
    tab_to(mari, "järelmaksu", key="Shift+Tab")
    mari.keyboard.press("Enter")
    expect(log.get_by_role("button", name="Jah, oli abi")).to_have_count(2, timeout=ANSWER_MS)
    expect_focus(mari, "Teie sõnum")
    tab_to(mari, "Räägi inimesega", key="Shift+Tab")
    mari.keyboard.press("Enter")
    expect(mari.get_by_role("button", name="Jätka robotiga")).to_be_visible(timeout=ANSWER_MS)
    expect_focus(mari, "Teie sõnum")
    mari.keyboard.press("Escape")
    expect(log).to_be_hidden()
    expect_focus(mari, "Ava vestlus")


def test_on_a_desktop_the_focus_goes_on_to_the_page_and_on_a_phone_it_stays_in_the_panel(visit: Visit) -> None:
    for phone in (False, True):
        mari = visit("/demo", phone=phone)
        open_chat(mari)
        reached = set()
        for _ in range(40):
            mari.keyboard.press("Tab")
            reached.add(focused(mari))
        assert ("Tooted" in reached) is not phone
        mari.keyboard.press("Escape")
        until(lambda mari=mari: not mari.evaluate("document.body.inert"), mari)  # type: ignore[misc]


def test_the_explanation_of_the_machine_opens_with_a_key(visit: Visit) -> None:
    mari = visit("/demo")
    open_chat(mari)
    tab_to(mari, "tehisaru", key="Shift+Tab")
    mari.keyboard.press("Enter")
    expect(mari.get_by_text("tehisaru, mitte inimene")).to_be_visible()
    assert complaints(mari) == []


def test_words_are_marked_with_who_says_them(visit: Visit, desk: Page) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "tahan inimesega rääkida kuuldavalt")
    claim(desk, "kuuldavalt")
    answer(desk, "Tere! Kuulen teid.")
    expect(log).to_contain_text("Kuulen teid", timeout=ANSWER_MS)
    heard = log.aria_snapshot()
    assert (
        heard.index("Abiline · tehisaru")
        < heard.index("Teie")
        < heard.index("Jaan liitus")
        < heard.index("Jaan · klienditeenindaja")
        < heard.index("Kuulen teid")
    )


SPILLS = """() => {
  const root = document.querySelector("abiline-widget").shadowRoot;
  const bad = (element) => element.scrollWidth > element.clientWidth + 1 && !["hidden", "avatar"].some((name) => element.className.includes?.(name));
  return [...root.querySelectorAll(".panel, .panel *")].filter((one) => one.clientWidth && bad(one)).map((one) => `${one.tagName}.${one.className}`);
}"""
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }"


@pytest.mark.parametrize("language", ["et", "en", "ru"])
def test_nothing_is_lost_in_a_narrow_window_nor_with_wide_spacing(visit: Visit, language: str) -> None:
    mari = visit(f"/demo?lang={language}")
    mari.set_viewport_size({"width": 320, "height": 640})
    mari.locator(".launcher").click()
    mari.locator("textarea").fill(ANSWERED)
    mari.keyboard.press("Enter")
    expect(mari.locator(".thumb").first).to_be_visible(timeout=ANSWER_MS)
    comes_to([], lambda: mari.evaluate(SPILLS), mari)
    mari.evaluate(
        "rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules); const root = document.querySelector('abiline-widget').shadowRoot;"
        " root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]; }",
        SPACED,
    )
    comes_to([], lambda: mari.evaluate(SPILLS), mari)
    mari.set_viewport_size({"width": 320, "height": 256})  # 400 % of 1280 × 1024
    for part in (".launcher", ".thumb", ".send", ".quiet"):
        if mari.locator(part).count() and part != ".launcher":
            mari.locator(part).last.scroll_into_view_if_needed()
            expect(mari.locator(part).last).to_be_in_viewport(ratio=0.9)


SMALL = """(least) => {
  const root = document.querySelector("abiline-widget").shadowRoot;
  return [...root.querySelectorAll("button, summary, textarea")].filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < least).map(([one, box]) => `${one.className || one.tagName} ${box.width} × ${box.height}`);
}"""


def test_targets_are_big_enough_for_a_finger(visit: Visit) -> None:
    for phone, least in ((False, 24), (True, 44)):
        mari = visit("/demo", phone=phone)
        log = open_chat(mari)
        say(mari, ANSWERED)
        expect(log.get_by_role("button", name="Jah, oli abi")).to_be_visible(timeout=ANSWER_MS)
        say(mari, "järelmaksuga telefon kuidas osta homme")
        expect(log.get_by_role("button", name="Ükski neist")).to_be_visible(timeout=ANSWER_MS)
        comes_to([], lambda mari=mari, least=least: mari.evaluate(SMALL, least), mari)  # type: ignore[misc]


def test_nothing_moves_for_those_who_asked_for_calm_and_edges_stay_in_high_contrast(visit: Visit) -> None:
    mari = visit("/demo")
    mari.emulate_media(reduced_motion="reduce", forced_colors="active")
    log = open_chat(mari)
    say(mari, "aeglane")
    expect(log.get_by_text("Abiline kirjutab")).to_be_attached(timeout=ANSWER_MS)
    assert mari.evaluate("document.querySelector('abiline-widget').shadowRoot.getAnimations().length") == 0
    for part in (".send", ".said.bot", ".said.customer"):
        expect(mari.locator(part).first).to_have_css("border-top-style", "solid")  # asked again where the log draws the row anew


ADD_WIDGET = """options => {
  const tag = document.createElement("script");
  tag.src = "/widget.js";
  Object.assign(tag.dataset, options);
  document.head.append(tag);
}"""


@pytest.mark.parametrize("color", ["#7a7a7a", "#f2c200", "#ffffff"])
def test_any_colour_of_a_site_gets_an_ink_that_can_be_read_on_it(visit: Visit, color: str) -> None:
    mari = visit("/accessibility")  # has no widget of its own
    mari.evaluate(ADD_WIDGET, {"color": color})
    open_chat(mari)
    assert complaints(mari, within="abiline-widget") == []


def test_an_invitation_is_for_everyone_too(visit: Visit) -> None:
    for phone in (False, True):
        mari = visit("/accessibility", phone=phone, dark=phone)
        mari.emulate_media(reduced_motion="reduce")
        mari.evaluate(ADD_WIDGET, {"invite": "1: Kas saame aidata?"})
        invitation = mari.get_by_role("status").get_by_role("button", name="Kas saame aidata?")
        expect(invitation).to_be_visible(timeout=ANSWER_MS)
        assert complaints(mari, within="abiline-widget") == []
        comes_to([], lambda mari=mari, phone=phone: mari.evaluate(SMALL, 44 if phone else 24), mari)  # type: ignore[misc]
        mari.keyboard.press("Escape")
        expect(invitation).to_be_hidden()


def test_the_customer_s_language_is_picked_in_the_panel_and_kept(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, ANSWERED)
    expect(log.get_by_role("button", name="Jah, oli abi")).to_be_visible(timeout=ANSWER_MS)
    mari.get_by_role("textbox", name="Teie sõnum").fill("poolik")

    log.get_by_role("button", name="Русский").click()

    russian = mari.get_by_role("log", name="Сообщения")
    expect(russian.get_by_role("button", name="Да, помогло")).to_be_visible()
    expect(russian).to_contain_text(ANSWERED)
    expect(mari.get_by_role("textbox", name="Ваше сообщение")).to_have_value("poolik")
    expect_focus(mari, "Русский")
    expect(mari.locator(".said.bot").first).to_have_attribute("lang", "et")
    expect(mari.locator(".bar button")).to_have_text(re.compile("Оставить контакт|Поговорить с человеком"))
    mari.reload()
    expect(mari.get_by_role("log", name="Сообщения")).to_contain_text(ANSWERED)
    mari.goto(mari.url + "/tooted?lang=en")
    expect(mari.get_by_role("log", name="Сообщения")).to_be_visible()
    assert complaints(mari) == []


def test_the_widget_speaks_the_page_s_language_unless_the_tag_says_another(visit: Visit) -> None:
    for language, opens in (("et", "Ava vestlus"), ("en", "Open the chat"), ("ru", "Открыть чат")):
        expect(visit(f"/demo?lang={language}").get_by_role("button", name=opens)).to_be_visible()
