"""The chat on other people's websites: whatever their styles, their security policy and their way of loading a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.any_site import LISTEN, PARTS, SHOP, ask, heard, launcher, open_chat, settled, signed, tag
from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Open
from tests.browser.patience import comes_to
from tests.browser.sites import Site

pytestmark = pytest.mark.browser

NASTY = """
html { font-size: 5px !important; filter: grayscale(1); transform: translateX(9px) rotate(3deg); direction: rtl; user-select: none; line-height: 3;
  letter-spacing: 1em; color: magenta; text-transform: uppercase; --accent: red; --ink: red; --side: 300px; height: 3000px }
html > :not(body) { all: unset; opacity: .1; width: 50px !important; height: 50px !important; position: static !important; z-index: -1 !important;
  transform: scale(2) !important; font-size: 40px !important; float: left !important; margin: 90px !important; padding: 9px !important;
  border: 9px solid red !important; pointer-events: none !important }
body * { all: unset; font-size: 40px !important; box-sizing: content-box !important }
* { margin: 30px !important; font-family: fantasy !important; animation: none !important }
div, section, p { display: inline !important; padding: 50px !important; background: lime !important }
button, textarea, svg, span { width: 200px !important; height: 7px !important; border: 5px dashed red !important; visibility: hidden !important }
[hidden] { display: block !important }
.panel, .launcher, .log, .abiline, .icon { display: none !important }
"""


@pytest.fixture(scope="module")
def strict_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    made = FakeServer(tmp_path_factory.mktemp("abiline"), consent="required")
    made.start()
    yield made
    made.stop()


PLACE = "(one) => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y, width, height].map(Math.round); }"
LOOKS = """(box) => {
  const { font, color, direction, opacity, visibility, textTransform, letterSpacing } = getComputedStyle(box);
  return [font, color, direction, opacity, visibility, textTransform, letterSpacing];
}"""
MEASURES = """() => [...document.body.querySelectorAll("main, main *")].map((one) =>
  [one.tagName, JSON.stringify(one.getBoundingClientRect()), getComputedStyle(one).cssText])"""


def differences(one: Page, other: Page, parts: tuple[str, ...], measure: str) -> dict[str, Any]:
    """The parts that don't measure the same on both pages, with what they do measure."""
    seen = {part: [page.locator(part).first.evaluate(measure) for page in (one, other)] for part in parts}
    return {part: (mine, theirs) for part, (mine, theirs) in seen.items() if mine != theirs}


def test_the_nastiest_styles_move_nothing_by_a_pixel(house: FakeServer, site: Site, open_site: Open) -> None:
    site.put("/nasty.css", NASTY)
    plain = open_site(site.put("/plain", SHOP + tag(house)))
    hostile = open_site(site.put("/nasty", f"<link rel=stylesheet href=/nasty.css>{SHOP}{tag(house)}"))
    for page in (plain, hostile):
        open_chat(page)
        settled(page)
    hostile.evaluate("scrollTo(0, 500)")

    comes_to({}, lambda: differences(plain, hostile, PARTS, PLACE), hostile)
    comes_to({}, lambda: differences(plain, hostile, (".said", ".send", "textarea"), LOOKS), hostile)
    ask(hostile)


def test_the_sites_own_page_stays_as_it_was(house: FakeServer, site: Site, open_site: Open) -> None:
    without = open_site(site.put("/without", SHOP))
    with_it = open_site(site.put("/with", SHOP + tag(house)))
    open_chat(with_it)
    comes_to(without.evaluate(MEASURES), lambda: with_it.evaluate(MEASURES), with_it)
    names = "() => Object.keys(window).filter((name) => !['heard', 'abiline'].includes(name))"
    assert with_it.evaluate(names) == without.evaluate(names)


def test_a_strict_security_policy_with_trusted_types_is_kept(house: FakeServer, site: Site, open_site: Open) -> None:
    trusted = "require-trusted-types-for 'script'; trusted-types 'none'"
    policy = f"default-src 'none'; script-src {house.url}; connect-src {house.url}; style-src 'self'; img-src 'self'; {trusted}"
    site.put("/shop.css", "h1 { color: teal }")
    page = open_site(
        site.put("/strict", f"<link rel=stylesheet href=/shop.css>{SHOP}{tag(house, color='#0f766e', offset='30')}", Content_Security_Policy=policy)
    )
    open_chat(page)
    ask(page)
    expect(page.locator(".launcher")).to_have_css("background-color", "rgb(15, 118, 110)")
    expect(page.locator(".panel")).to_have_css("position", "fixed")


@pytest.mark.parametrize(
    "loading",
    [
        '<script src="{}/widget.js"></script>',
        '<script defer src="{}/widget.js"></script>',
        '<script type="module" src="{}/widget.js"></script>',
        '<script async src="{0}/widget.js"></script><script async src="{0}/widget.js" data-position="left"></script>',
        '<script>setTimeout(() => {{ const tag = document.createElement("script"); tag.src = "{}/widget.js"; document.head.append(tag); }}, 50)</script>',
    ],
    ids=["plain", "defer", "module", "twice", "later"],
)
def test_it_comes_once_however_it_is_loaded(house: FakeServer, site: Site, open_site: Open, loading: str) -> None:
    page = open_site(site.put("/loading", SHOP + loading.format(house.url)))
    expect(launcher(page)).to_have_count(1)
    page.wait_for_load_state("networkidle")
    expect(page.locator("abiline-widget")).to_have_count(1)


def test_a_page_that_swaps_its_body_keeps_the_chat_and_its_draft(house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/spa", SHOP + tag(house)))
    open_chat(page)
    page.locator("textarea").fill("Kas ka homme?")
    page.evaluate("history.pushState({}, '', '/kassa'); document.body.replaceWith(document.createElement('body'))")
    expect(page.locator("textarea")).to_have_value("Kas ka homme?")
    ask(page)


def test_before_the_first_message_nothing_is_stored_and_only_the_chats_own_files_are_asked_for(house: FakeServer, site: Site, open_site: Open) -> None:
    stored = "async () => [document.cookie, Object.keys(localStorage), Object.keys(sessionStorage), await indexedDB.databases()]"
    url = site.put("/privacy", SHOP)
    page = open_site(url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    site.put("/privacy", SHOP + tag(house))
    page.goto(url)
    open_chat(page)
    page.locator("textarea").fill("Pool mõtet")
    page.get_by_role("button", name="Sule vestlus").first.click()
    open_chat(page)

    assert page.evaluate(stored) == ["", [], [], []]
    others = [address for address in asked if not address.startswith(site.url)]
    assert [address.removeprefix(house.url).split("?")[0].split("/")[-1] for address in others] == ["widget.js", "main.js", "config"]

    ask(page)
    assert all(key.startswith("abiline:") for key in page.evaluate("Object.keys(localStorage)"))
    assert page.context.cookies() == []
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("Millal pakk jõuab?")  # open, as it was left


def test_where_consent_is_required_the_box_comes_after_it(strict_house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/consent", SHOP + tag(strict_house, invite="1: Kas saame aidata?")))
    expect(page.get_by_role("button", name="Kas saame aidata?")).to_be_visible()
    log = open_chat(page)
    expect(log.get_by_role("link", name="Kuidas me andmeid hoiame")).to_be_visible()
    expect(page.locator("textarea")).to_be_hidden()
    expect(page.get_by_role("button", name="Jäta kontakt")).to_be_hidden()
    assert complaints(page, within="abiline-widget") == []
    page.get_by_role("button", name="Nõustun ja alustan").click()
    assert page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]") == [[], []]
    expect(page.locator("textarea")).to_be_focused()
    ask(page)
    page.reload()
    expect(page.locator("textarea")).to_be_visible()


def test_the_sites_script_speaks_before_and_after_the_chat_is_there(house: FakeServer, site: Site, open_site: Open) -> None:
    early = '<script>window.abiline = window.abiline || []; abiline.push(["open"]);</script>'
    page = open_site(site.put("/api", SHOP + LISTEN + early + tag(house)))
    expect(page.get_by_role("log")).to_be_visible()
    ask(page)
    page.wait_for_function("heard.filter(([name]) => name === 'message').length === 2")
    news = [said for said in heard(page) if said[0] not in ("ready", "open")]
    assert news == [["message", {"actor": "customer", "number": 2}], ["message", {"actor": "bot", "number": 3}]]
    assert ["open"] in heard(page)

    page.evaluate("window.off = abiline.on('close', () => heard.push('mine')); abiline.close()")
    page.wait_for_function("heard.at(-1) === 'mine'")
    page.evaluate("off(); abiline.toggle()")
    page.evaluate("abiline.close()")
    page.wait_for_function("heard.filter(([name]) => name === 'close').length === 2")
    assert heard(page).count("mine") == 1
    assert "Millal" not in str(heard(page))  # that something was said, never what

    page.reload()
    page.wait_for_function("heard.some(([name]) => name === 'ready')")
    expect(page.get_by_role("log")).to_contain_text("Millal pakk jõuab?")
    assert [said for said in heard(page) if said[0] == "message"] == []  # what was said before is no news


def test_the_sites_words_wait_for_the_customer_to_send_them(house: FakeServer, site: Site, open_site: Open) -> None:
    own = '<a href="/mujale" data-abiline-open="Kas seda on veel?">Küsi selle toote kohta</a>'
    page = open_site(site.put("/say", SHOP + own + tag(house, launcher="off")))
    page.wait_for_function("document.querySelector('abiline-widget')")
    expect(page.locator(".launcher")).to_be_hidden()
    link = page.get_by_role("link", name="Küsi selle toote kohta")
    link.focus()
    link.press("Enter")
    expect(page.locator("textarea")).to_have_value("Kas seda on veel?")
    expect(page.locator("textarea")).to_be_focused()
    expect(page.locator(".said.customer")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(link).to_be_focused()


def test_another_person_on_the_same_computer_never_meets_the_conversation(house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/identity", SHOP + LISTEN + tag(house)))
    page.evaluate("(token) => abiline.identify(token)", signed("klient-7", "Mari"))
    log = open_chat(page)
    ask(page, "Minu tellimus on 1234")
    page.evaluate("(token) => abiline.identify(token)", signed("klient-7", "Mari"))
    expect(log).to_contain_text("Minu tellimus on 1234")
    page.locator("textarea").fill("ja minu isikukood on")

    page.evaluate("(token) => { abiline.identify(token) }", signed("klient-8", "Peeter"))
    expect(log).not_to_contain_text("1234")
    expect(page.locator("textarea")).to_have_value("")
    ask(page, "Tere")
    page.evaluate("abiline.identify(null)")
    expect(page.locator(".said.customer")).to_have_count(0)
    comes_to([], lambda: page.evaluate("Object.keys(localStorage)"), page)
    page.reload()
    expect(page.locator(".said.customer")).to_have_count(0)


def test_a_token_that_is_refused_is_told_to_the_site_and_the_chat_goes_on(house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/refused", SHOP + LISTEN + tag(house)))
    page.evaluate("(token) => abiline.identify(token)", signed("klient-7", "Mari", key="kellegi-teise-saladus-aastast-2026"))
    open_chat(page)
    ask(page)
    assert ["identity", {"code": "identity_wrong"}] in heard(page)


def test_a_dialog_of_the_site_does_not_take_the_focus_back(house: FakeServer, site: Site, open_site: Open) -> None:
    trap = "<script>document.addEventListener('focusin', () => document.querySelector('#buy').focus())</script>"
    page = open_site(site.put("/trap", SHOP + trap + tag(house)))
    open_chat(page)
    ask(page)
    expect(page.locator("textarea")).to_be_focused()


def test_a_service_that_is_not_there_leaves_the_site_alone(site: Site, open_site: Open) -> None:
    page = open_site(site.put("/gone", SHOP + LISTEN + '<script src="http://127.0.0.1:9/widget.js" async></script>'))
    page.locator("#buy").click()
    expect(page.locator("abiline-widget")).to_have_count(0)
