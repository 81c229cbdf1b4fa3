"""Nothing is lost and nothing doubled: many tabs, a network that goes, a server that dies, proxies that eat streams."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.browser.conftest import CHROMIUM, DESKTOP, FLAGS, FakeServer, Visit
from tests.proxy import Asked, Manner, Proxy, kindly

pytestmark = pytest.mark.browser

PATIENCE_MS = 15_000
UNKNOWN = "Selle kohta ma veel vastust ei tea"  # the fake bot's answer to what no entry answers


class Proxied(FakeServer):
    """The house behind a proxy whose manners a test may choose."""

    proxy: Proxy

    def behind(self, proxy: Proxy) -> None:
        self.proxy, self.url = proxy, proxy.url

    def count(self, query: str, *values: object) -> int:
        """One number from the service's own database."""
        connection = sqlite3.connect(f"file:{self.folder / 'abiline.db'}?mode=ro", uri=True)
        try:
            found: int = connection.execute(query, values).fetchone()[0]
            return found
        finally:
            connection.close()

    def kept(self, words: str) -> int:
        """How many messages with these words the service has."""
        return self.count("SELECT count(*) FROM event WHERE json_extract(body, '$.text') = ?", words)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    made = Proxied(tmp_path_factory.mktemp("abiline"))
    proxy = Proxy(made.port)
    proxy.start()
    made.behind(proxy)
    made.start()
    yield made
    made.stop()
    proxy.stop()


@pytest.fixture
def proxy(server: Proxied) -> Iterator[Proxy]:
    server.proxy.reset()
    yield server.proxy
    server.proxy.release()
    server.proxy.reset()


def misbehave(which: Callable[[Asked], bool], manner: Manner) -> Callable[[Asked], Manner]:
    return lambda asked: manner if which(asked) else "pass"


def saying(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/messages")


def beginning(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/conversations")


def once(manner: Callable[[Asked], Manner]) -> Callable[[Asked], Manner]:
    """Bad manners to the first request they are for."""
    done: list[Asked] = []

    def first_only(asked: Asked) -> Manner:
        wanted = manner(asked)
        if wanted == "pass" or done:
            return "pass"
        done.append(asked)
        return wanted

    return first_only


def log_of(page: Page) -> Locator:
    return page.get_by_role("log")


def open_chat(page: Page) -> Locator:
    page.get_by_role("button", name="Ava vestlus").click()
    return log_of(page)


def say(page: Page, words: str) -> None:
    box = page.get_by_role("textbox", name="Teie sõnum")
    box.fill(words)
    box.press("Enter")


def beside(visit: Visit, page: Page) -> Page:
    """Another tab of the same browser."""
    return visit("/demo", context=page.context)


def ask_for_person(mari: Page, desk: Page) -> str:
    """Mari gets Jaan; gives her words."""
    words = f"tahan inimesega rääkida {time.monotonic_ns()}"
    say(mari, words)
    line = desk.locator("#lines > li").filter(has_text=words)
    expect(line).to_be_visible(timeout=PATIENCE_MS)
    line.click()
    desk.get_by_role("button", name="Võta vestlus").click()
    expect(log_of(mari)).to_contain_text("Jaan liitus vestlusega", timeout=PATIENCE_MS)
    return words


def answer(desk: Page, words: str) -> None:
    box = desk.get_by_role("textbox", name="Vastus kliendile")
    box.fill(words)
    box.press("Enter")


def until(true: Callable[[], bool], page: Page) -> None:
    """Wait for what no element shows."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not true():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def hide(page: Page, hidden: bool) -> None:
    """As in a pocket: the page is told so."""
    page.evaluate("hidden => Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })", hidden)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


# --- tabs ---


def test_eight_tabs_show_the_same_conversation_over_one_stream(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    first = visit("/demo")
    tabs = [first, *(beside(visit, first) for _ in range(7))]
    logs = [open_chat(tab) for tab in tabs]

    say(tabs[4], "Kaelkirjak")

    for log in logs:
        expect(log).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
        expect(log.get_by_text("Kaelkirjak")).to_have_count(1)
        expect(log.get_by_text("Saadetud")).to_have_count(1)
    assert proxy.streams == 1
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
    assert proxy.streams == 1


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


# --- what was sent ---


def test_a_message_goes_from_sending_to_kept_to_seen_in_every_tab(visit: Visit, desk: Page, proxy: Proxy) -> None:
    mari = visit("/demo")
    logs = [open_chat(mari), open_chat(beside(visit, mari))]
    proxy.manner = misbehave(beginning, "stall")

    say(mari, "Kas olete seal?")
    for log in logs:
        expect(log).to_contain_text("Saatmine …")
    proxy.release()

    for log in logs:
        expect(log.get_by_text("Kas olete seal?")).to_have_count(1)
        expect(log.get_by_text("Saadetud")).to_have_count(1, timeout=PATIENCE_MS)
    ask_for_person(mari, desk)
    for log in logs:
        expect(log.get_by_text("Nähtud")).to_have_count(1, timeout=PATIENCE_MS)


def test_what_could_not_be_sent_says_so_everywhere_and_goes_out_from_any_tab(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    mari = visit("/demo")
    open_chat(mari)
    say(mari, "Karakatits")
    expect(log_of(mari)).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
    other = beside(visit, mari)
    log = open_chat(other)
    proxy.manner = misbehave(lambda asked: asked.method == "POST", "refuse")

    say(mari, "Vöölane")
    again = log.get_by_role("button", name="Saada uuesti")
    expect(again).to_be_visible(timeout=PATIENCE_MS)
    expect(log_of(mari).get_by_role("button", name="Saada uuesti")).to_be_visible()
    proxy.manner = kindly
    again.click()

    for one in (log, log_of(mari)):
        expect(one.get_by_text(UNKNOWN)).to_have_count(2, timeout=PATIENCE_MS)
        expect(one.get_by_text("Vöölane")).to_have_count(1)
    assert server.kept("Vöölane") == 1


def test_a_lost_acknowledgement_makes_no_second_message(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    mari = visit("/demo", phone=True)
    log = open_chat(mari)
    tries: list[Asked] = []

    def lose_the_first(asked: Asked) -> Manner:
        tries.extend([asked] if saying(asked) else [])
        if len(tries) < 2 and "/conversations/" in asked.path:  # nor does the log tell that it has arrived
            return "lose" if saying(asked) else "refuse"
        return "pass"

    proxy.manner = lose_the_first
    say(mari, "Jääkaru")

    expect(log.get_by_text(UNKNOWN)).to_have_count(1, timeout=PATIENCE_MS)
    expect(log.get_by_text("Jääkaru")).to_have_count(1)
    assert (len(tries), server.kept("Jääkaru")) == (2, 1)


def test_a_lost_answer_to_the_beginning_makes_no_second_conversation(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    before = server.count("SELECT count(*) FROM conversation")
    mari = visit("/demo")
    log = open_chat(mari)
    proxy.manner = once(misbehave(beginning, "lose"))

    say(mari, "Ahvenasaba")

    expect(log).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
    assert server.count("SELECT count(*) FROM conversation") == before + 1
    assert server.kept("Ahvenasaba") == 1


def test_a_tab_that_is_closed_while_sending_leaves_its_message_to_the_others(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    mari = visit("/demo")
    open_chat(mari)
    say(mari, "Laiskloom")
    expect(log_of(mari)).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
    proxy.manner = misbehave(saying, "refuse")
    say(mari, "Jõehobu")
    expect(log_of(mari)).to_contain_text("Saatmine …")
    mari.close()
    proxy.manner = kindly

    log = open_chat(beside(visit, mari))

    expect(log.get_by_text(UNKNOWN)).to_have_count(2, timeout=PATIENCE_MS)
    expect(log.get_by_text("Jõehobu")).to_have_count(1)
    assert server.kept("Jõehobu") == 1


# --- the way between ---


def test_twenty_seconds_offline_lose_nothing_in_either_direction(visit: Visit, desk: Page, server: Proxied, proxy: Proxy) -> None:
    mari = visit("/demo", phone=True)
    log = open_chat(mari)
    ask_for_person(mari, desk)

    mari.context.set_offline(True)
    say(mari, "Kirjutan tunnelis")
    answer(desk, "Vastan, kui olete tunnelis")
    expect(mari.get_by_text("Ühendus katkes")).to_be_visible(timeout=PATIENCE_MS)
    mari.wait_for_timeout(20_000)  # past every backoff: the message has failed by now
    expect(log.get_by_role("button", name="Saada uuesti")).to_be_visible()
    mari.context.set_offline(False)

    expect(log.get_by_text("Vastan, kui olete tunnelis")).to_have_count(1, timeout=PATIENCE_MS)
    expect(desk.locator("#talk").get_by_text("Kirjutan tunnelis")).to_have_count(1, timeout=PATIENCE_MS)
    expect(log.get_by_text("Kirjutan tunnelis")).to_have_count(1)
    expect(mari.get_by_text("Ühendus katkes")).to_have_count(0)
    assert server.kept("Kirjutan tunnelis") == 1


def test_a_server_killed_between_keeping_and_answering_has_the_message_once(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "Kährik")
    expect(log).to_contain_text(UNKNOWN, timeout=PATIENCE_MS)
    proxy.manner = misbehave(saying, "lose")
    say(mari, "Pardipoeg")
    until(lambda: server.kept("Pardipoeg") == 1, mari)

    server.kill()
    proxy.manner = kindly
    server.start()

    expect(log.get_by_text("Saadetud")).to_have_count(1, timeout=30_000)
    expect(log.get_by_text("Pardipoeg")).to_have_count(1)
    assert server.kept("Pardipoeg") == 1


@pytest.mark.parametrize(("manner", "phone"), [("hold", False), ("hold", True), ("cut", False)])
def test_a_proxy_that_eats_streams_delays_little_and_loses_nothing(visit: Visit, desk: Page, proxy: Proxy, manner: Manner, phone: bool) -> None:
    proxy.manner = misbehave(lambda asked: asked.is_stream, manner)
    mari = visit("/demo", phone=phone)
    log = open_chat(mari)
    ask_for_person(mari, desk)

    for words in ("Esimene vastus", "Teine vastus", "Kolmas vastus"):
        answer(desk, words)
        expect(log.get_by_text(words)).to_have_count(1, timeout=PATIENCE_MS)
        say(mari, f"Sain kätte: {words.lower()}")
        expect(desk.locator("#talk").get_by_text(f"Sain kätte: {words.lower()}")).to_have_count(1, timeout=PATIENCE_MS)
    expect(mari.get_by_text("Ühendus katkes")).to_have_count(0)
    assert any("wait=" in asked.path for asked in proxy.asked)


# --- pages that come and go ---


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

    assert mari.evaluate("window.cameBack") is True  # the very page, not a new one
    expect(log.get_by_text("Ilvesepere")).to_have_count(1, timeout=PATIENCE_MS)
    expect(log.get_by_text(UNKNOWN)).to_have_count(2)
    expect(mari.get_by_role("textbox", name="Teie sõnum")).to_have_value("")
    mari.go_forward(wait_until="commit")
    expect(log.get_by_text("Ilvesepere")).to_have_count(1, timeout=PATIENCE_MS)
    say(mari, "Metskitsed")
    expect(log.get_by_text(UNKNOWN)).to_have_count(3, timeout=PATIENCE_MS)
    until(lambda: proxy.streams == 1, mari)
