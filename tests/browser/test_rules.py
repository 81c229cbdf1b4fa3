"""No accessibility rule is broken in any state of the widget or on any page, and no page is wider than a narrow window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, FakeServer, Visit
from tests.browser.patience import comes_to
from tests.browser.test_story import ANSWER_MS, answer, claim, open_chat, say

pytestmark = pytest.mark.browser
ANSWERED = "Mitu päeva on mul aega kaup tagastada?"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def states(mari: Page, desk: Page, asked: str) -> Iterator[str]:
    """Brings the widget from one state to the next and names each. `asked` sets this conversation apart in the desk."""
    yield "closed"
    log = open_chat(mari)
    yield "open for the first time, nobody said anything"
    say(mari, ANSWERED)
    expect(log.get_by_role("button", name="Jah, oli abi")).to_be_visible(timeout=ANSWER_MS)
    yield "an answer with its rating"
    log.get_by_role("button", name="Jah, oli abi").click()
    expect(log.get_by_text("Aitäh tagasiside eest")).to_be_visible()
    yield "a rated answer"
    log.get_by_role("button", name="Sellest jäi väheks").click()
    expect(log.get_by_role("button", name="Sellest jäi väheks")).to_have_attribute("aria-pressed", "true")
    yield "an answer that was not enough"
    say(mari, "järelmaksuga telefon kuidas osta homme")
    expect(log.get_by_role("button", name="Ükski neist")).to_be_visible(timeout=ANSWER_MS)
    yield "suggestions"
    say(mari, "pikk jutt " * 500)
    expect(mari.get_by_text("Sõnum on liiga pikk")).to_be_visible()
    yield "too long"
    mari.get_by_role("textbox", name="Teie sõnum").fill("")
    mari.context.set_offline(True)
    say(mari, "aeglane")
    expect(log.get_by_text("Saatmine")).to_be_visible()
    yield "offline"
    mari.context.set_offline(False)
    expect(log.get_by_text("Saatmine")).to_be_hidden(timeout=ANSWER_MS)
    yield "the bot thinks"
    expect(log.get_by_role("button", name="Räägi inimesega")).to_be_visible(timeout=ANSWER_MS)
    yield "the bot failed"
    say(mari, asked)
    expect(mari.get_by_role("button", name="Jätka robotiga")).to_be_visible(timeout=ANSWER_MS)
    yield "waiting for a person"
    claim(desk, asked)
    answer(desk, "Tere! Vaatan kohe üle.")
    expect(log).to_contain_text("Vaatan kohe üle", timeout=ANSWER_MS)
    yield "live with a person"
    assert complaints(desk) == []
    mari.get_by_role("button", name="Lõpeta vestlus").click()
    expect(mari.get_by_text("Vestlus on lõppenud").first).to_be_visible(timeout=ANSWER_MS)
    yield "ended"


def broken_rules(page: Page, states: Iterable[str]) -> str:
    """Every complaint once, with the state in which it came up first."""
    first: dict[str, str] = {}
    for state in states:
        for complaint in complaints(page):
            first.setdefault(complaint, state)
    return "\n".join(f"{state}: {complaint}" for complaint, state in first.items())


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "dark phone"])
def test_no_rule_is_broken_in_any_state_of_the_widget(visit: Visit, desk: Page, phone: bool) -> None:
    mari = visit("/demo", phone=phone, dark=phone)
    mari.emulate_media(reduced_motion="reduce")
    asked = f"tahan inimesega rääkida {'telefonist' if phone else 'arvutist'}"
    assert broken_rules(mari, states(mari, desk, asked)) == ""


SHOP = ("/demo", "/demo/tooted")
HELP = ("/help", "/help?q=pakk", "/help?q=xyzzy", "/help/tarneaeg", "/help/olematu")
FORMS = ("/contact", "/callback", "/privacy", "/accessibility", "/login")
STAFF = ("/desk", "/editor", "/reports")


def seen_on(page: Page, addresses: Iterable[str]) -> Iterator[str]:
    """Goes from page to page."""
    page.emulate_media(reduced_motion="reduce")
    for address in addresses:
        page.goto(address)
        expect(page.locator("h1").first).to_be_attached()
        yield address


@pytest.fixture
def tiit(visit: Visit) -> Page:
    """The supervisor, who sees every room."""
    return visit("/desk", login="tiit")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "dark phone"])
def test_no_rule_is_broken_on_any_page(visit: Visit, tiit: Page, server: FakeServer, phone: bool) -> None:
    anyone = visit("/login", phone=phone, dark=phone)
    if phone:
        tiit.set_viewport_size(PHONE)  # type: ignore[arg-type]
        tiit.emulate_media(color_scheme="dark")
    assert broken_rules(anyone, seen_on(anyone, [server.url + path for path in (*SHOP, *HELP, *FORMS)])) == ""
    assert broken_rules(tiit, seen_on(tiit, [server.url + path for path in STAFF])) == ""


def test_no_page_has_to_be_pushed_sideways_in_a_narrow_window(tiit: Page, server: FakeServer) -> None:
    tiit.set_viewport_size({"width": 320, "height": 640})
    addresses = [server.url + path for path in (*SHOP, *HELP, *FORMS, *STAFF)]
    for address in seen_on(tiit, addresses):
        comes_to((address, True), lambda address=address: (address, tiit.evaluate("document.documentElement.scrollWidth <= 320")), tiit)  # type: ignore[misc]
