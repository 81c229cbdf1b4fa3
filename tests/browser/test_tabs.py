"""Many tabs are one conversation, and a page that comes and goes has all of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.conftest import CHROMIUM, DESKTOP, FLAGS, Visit
from tests.browser.patience import PATIENCE_MS, until
from tests.browser.proxied import (
    UNKNOWN,
    Proxied,
    answer,
    ask_for_person,
    beside,
    hide,
    log_of,
    open_chat,
    say,
    saying,
)
from tests.proxy import Proxy

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(proxied_server: Proxied) -> Proxied:
    return proxied_server


def test_eight_tabs_show_the_same_conversation_over_one_stream(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    first = visit("/demo")
    tabs = [first, *(beside(visit, first) for _ in range(7))]
    logs = [open_chat(tab) for tab in tabs]

    say(tabs[4], "Kaelkirjak")

    for log in logs:
        expect(log).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
        expect(log.get_by_text("Kaelkirjak")).to_have_count(1)
        expect(log.get_by_text("Saadetud")).to_have_count(1)
    until(lambda: proxy.streams == 1, first)
    assert server.kept("Kaelkirjak") == 1
    assert len([asked for asked in proxy.asked if saying(asked)]) == 1


def test_a_tab_that_is_opened_later_has_the_whole_conversation(visit: Visit, proxy: Proxy) -> None:
    first = visit("/demo")
    open_chat(first)
    say(first, "Papagoi")
    expect(log_of(first)).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)

    second = open_chat(beside(visit, first))

    expect(second).to_contain_text("Papagoi")
    expect(second).to_contain_text(UNKNOWN)
    until(lambda: proxy.streams == 1, first)


def test_when_the_listening_tab_closes_another_goes_on_from_where_it_was(visit: Visit, desk: Page, proxy: Proxy) -> None:
    first = visit("/demo")
    open_chat(first)
    ask_for_person(first, desk)
    second = beside(visit, first)
    log = open_chat(second)
    expect(log).to_contain_text("Jaan liitus vestlusega")
    proxy.asked.clear()

    first.close()
    answer(desk, "Olen teiega ka teises aknas.")

    expect(log.get_by_text("Olen teiega ka teises aknas.")).to_have_count(1, timeout=PATIENCE_MS)
    (resumed,) = [asked for asked in proxy.asked if asked.is_stream]
    assert (resumed.last_event_id or 0) >= 3


def test_a_tab_that_the_browser_puts_to_sleep_gives_its_place_up_and_comes_back_complete(visit: Visit, desk: Page, proxy: Proxy) -> None:
    first = visit("/demo")
    open_chat(first)
    ask_for_person(first, desk)
    second = beside(visit, first)
    log = open_chat(second)

    proxy.asked.clear()
    first.evaluate("document.dispatchEvent(new Event('freeze'))")
    answer(desk, "Kas te näete mind?")
    expect(log.get_by_text("Kas te näete mind?")).to_have_count(1, timeout=PATIENCE_MS)
    assert next(asked.last_event_id or 0 for asked in proxy.asked if asked.is_stream) >= 3
    first.evaluate("document.dispatchEvent(new Event('resume'))")

    expect(log_of(first).get_by_text("Kas te näete mind?")).to_have_count(1, timeout=PATIENCE_MS)
    until(lambda: proxy.streams == 1, first)


def test_a_listening_tab_that_hangs_is_replaced(visit: Visit, proxy: Proxy) -> None:
    first = visit("/demo")
    open_chat(first)
    say(first, "Kobras")
    expect(log_of(first)).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
    second = beside(visit, first)
    log = open_chat(second)
    expect(log).to_contain_text(UNKNOWN)

    first.evaluate("() => { setTimeout(() => { const end = Date.now() + 20_000; while (Date.now() < end); }); }")
    say(second, "Ondatra")

    expect(log.get_by_text(UNKNOWN)).to_have_count(2, timeout=PATIENCE_MS)


@pytest.mark.parametrize("locks", ["undefined", "{ request: () => Promise.reject(new DOMException('', 'SecurityError')) }"], ids=["missing", "forbidden"])
def test_where_there_are_no_locks_every_tab_listens_for_itself(visit: Visit, server: Proxied, proxy: Proxy, locks: str) -> None:
    first = visit("/demo")
    first.context.add_init_script(f"Object.defineProperty(navigator, 'locks', {{ value: {locks} }})")
    first.reload()
    logs = [open_chat(first), open_chat(beside(visit, first))]
    before = server.kept("Lendorav")

    say(first, "Lendorav")

    for log in logs:
        expect(log.get_by_text(UNKNOWN)).to_have_count(1, timeout=PATIENCE_MS)
        expect(log.get_by_text("Lendorav")).to_have_count(1)
    until(lambda: proxy.streams == 2, first)
    assert server.kept("Lendorav") == before + 1


def test_a_page_in_the_background_lets_its_connection_go_and_catches_up(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    mari = visit("/demo", phone=True)
    mari.clock.install()
    mari.reload()
    log = open_chat(mari)
    say(mari, "Saarmas")
    expect(log).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
    until(lambda: proxy.streams == 1, mari)

    hide(mari, True)
    mari.clock.fast_forward(31_000)
    until(lambda: proxy.streams == 0, mari)
    other = beside(visit, mari)
    open_chat(other)
    say(other, "Mäger")
    expect(log_of(other).get_by_text(UNKNOWN)).to_have_count(2, timeout=PATIENCE_MS)
    other.close()
    hide(mari, False)

    expect(log.get_by_text("Mäger")).to_have_count(1, timeout=PATIENCE_MS)
    expect(log.get_by_text(UNKNOWN)).to_have_count(2, timeout=PATIENCE_MS)


def test_after_a_long_sleep_the_connection_is_made_anew_and_nothing_comes_twice(visit: Visit, proxy: Proxy) -> None:
    mari = visit("/demo")
    mari.clock.install()
    mari.reload()
    log = open_chat(mari)
    say(mari, "Unihiir")
    expect(log).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
    until(lambda: proxy.streams == 1, mari)
    before = len([asked for asked in proxy.asked if asked.is_stream])

    mari.clock.fast_forward("03:00:00")  # the lid was closed

    until(lambda: len([asked for asked in proxy.asked if asked.is_stream]) > before, mari)
    say(mari, "Nahkhiir")
    expect(log.get_by_text(UNKNOWN)).to_have_count(2, timeout=PATIENCE_MS)
    expect(log.get_by_text("Unihiir")).to_have_count(1)


@pytest.fixture
def remembering(playwright: Playwright) -> Iterator[BrowserContext]:
    """A browser that keeps pages for „back“, as people's do; the one of the other tests is told not to."""
    browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, ignore_default_args=["--disable-back-forward-cache"])
    yield browser.new_context(viewport=DESKTOP, locale="et-EE")  # type: ignore[arg-type]
    browser.close()


def test_back_and_forward_keep_the_conversation(visit: Visit, proxy: Proxy, remembering: BrowserContext) -> None:
    mari = visit("/demo", context=remembering)
    mari.evaluate("addEventListener('pageshow', ({ persisted }) => { window.cameBack = persisted; })")
    log = open_chat(mari)
    say(mari, "Siilipoiss")
    expect(log).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
    mari.get_by_role("textbox", name="Teie sõnum").fill("Pooleli lause")

    mari.goto(mari.url.rstrip("/") + "/tooted")
    expect(mari.get_by_role("textbox", name="Teie sõnum")).to_have_value("Pooleli lause")
    say(mari, "Ilvesepere")
    expect(log.get_by_text(UNKNOWN)).to_have_count(2, timeout=PATIENCE_MS)
    mari.go_back(wait_until="commit")

    until(lambda: mari.evaluate("window.cameBack") is True, mari)  # the very page, not a new one
    expect(log.get_by_text("Ilvesepere")).to_have_count(1, timeout=PATIENCE_MS)
    expect(log.get_by_text(UNKNOWN)).to_have_count(2)
    expect(mari.get_by_role("textbox", name="Teie sõnum")).to_have_value("")
    mari.go_forward(wait_until="commit")
    expect(log.get_by_text("Ilvesepere")).to_have_count(1, timeout=PATIENCE_MS)
    say(mari, "Metskitsed")
    expect(log.get_by_text(UNKNOWN)).to_have_count(3, timeout=PATIENCE_MS)
    until(lambda: proxy.streams == 1, mari)
