"""Nothing is lost and nothing doubled: answers that get lost, a network that goes, a server that dies, proxies that eat streams."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.patience import PATIENCE_MS, until
from tests.browser.proxied import (
    UNKNOWN,
    Proxied,
    answer,
    ask_for_person,
    beginning,
    beside,
    log_of,
    misbehave,
    once,
    open_chat,
    say,
    saying,
)
from tests.proxy import Asked, Manner, Proxy, kindly

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(proxied_server: Proxied) -> Proxied:
    return proxied_server


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


def test_a_first_message_that_finds_no_service_goes_out_by_itself_once_there_is_one(visit: Visit, server: Proxied, proxy: Proxy) -> None:
    mari = visit("/demo", phone=True)
    log = open_chat(mari)
    proxy.manner = misbehave(lambda asked: asked.path.startswith("/api/"), "refuse")
    say(mari, "Merihobu")
    expect(log.get_by_role("button", name="Saada uuesti")).to_be_visible(timeout=PATIENCE_MS)

    proxy.manner = kindly

    expect(log.get_by_text(UNKNOWN)).to_have_count(1, timeout=PATIENCE_MS)
    assert server.kept("Merihobu") == 1


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


def test_a_minute_offline_loses_nothing_in_either_direction(visit: Visit, desk: Page, server: Proxied, proxy: Proxy) -> None:
    mari = visit("/demo", phone=True)
    mari.clock.install()
    mari.reload()
    log = open_chat(mari)
    ask_for_person(mari, desk)

    mari.context.set_offline(True)
    say(mari, "Kirjutan tunnelis")
    answer(desk, "Vastan, kui olete tunnelis")
    expect(mari.get_by_text("Ühendus katkes")).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(30):
        mari.clock.run_for(2_000)  # a minute: past every backoff, the message has failed by now
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
