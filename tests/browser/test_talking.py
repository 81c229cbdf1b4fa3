"""Mari and Jaan talk: each sees the other type and read, nothing that anybody writes breaks a page, and news is heard when one looks away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import FakeServer, Visit
from tests.browser.test_story import answer, claim, open_chat, say

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    return fake_server


def talking(visit: Visit, desk: Page, words: str, *, phone: bool = False) -> tuple[Page, Locator]:
    """Mari's page and log with Jaan in the conversation; `words` tell it from others."""
    mari = visit("/demo", phone=phone)
    log = open_chat(mari)
    say(mari, f"tahan inimesega rääkida, {words}")
    claim(desk, words)
    expect(log).to_contain_text("Jaan liitus")
    return mari, log


def test_each_sees_the_other_type_and_read(visit: Visit, desk: Page) -> None:
    mari, log = talking(visit, desk, "lugu trükkimisest")

    mari.get_by_role("textbox", name="Teie sõnum").press_sequentially("Kas")
    expect(desk.locator("#talk .typing")).to_contain_text("kirjutab …")
    assert "Kas" not in desk.locator("#talk").inner_text()
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


def test_a_note_is_not_typed_to_the_customer(visit: Visit, desk: Page) -> None:
    mari, log = talking(visit, desk, "lugu märkusest")
    desk.get_by_role("button", name="Märkus", exact=True).click()

    with mari.expect_response(lambda response: response.url.endswith("/typing")):
        mari.get_by_role("textbox", name="Teie sõnum").press_sequentially("Ma")  # a sign goes one way …
        desk.get_by_role("textbox").last.press_sequentially("klient on kannatlik")
    expect(desk.locator("#talk .typing")).to_contain_text("kirjutab")

    assert "Jaan kirjutab" not in log.inner_text()  # … and none the other


def test_a_sign_goes_by_itself(visit: Visit, desk: Page) -> None:
    mari, _log = talking(visit, desk, "lugu vaikusest")

    mari.get_by_role("textbox", name="Teie sõnum").press_sequentially("Ma")

    expect(desk.locator("#talk .typing")).to_contain_text("kirjutab")
    expect(desk.locator("#talk .typing")).to_be_empty(timeout=10_000)
