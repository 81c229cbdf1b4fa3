"""Readers of the help page: without a script, by keyboard, on a phone, printed, and on to a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit

pytestmark = pytest.mark.browser

GUIDE = "ruuter"
STEPS = [
    {"id": "tuli", "text": "Kas roheline tuli **põleb**?", "yes": "kaabel", "no": "pistik"},
    {"id": "kaabel", "text": "Vahetage kaabel."},
    {"id": "korras", "text": "Tehke ruuterile taaskäivitus.", "end": True},
    {"id": "pistik", "text": "Pange pistik seina.", "end": True},
]
OWN_BYTES = 50_000  # of the page itself; the chat has a promise of its own
NAMES = "performance.getEntriesByType('resource').map(one => one.name)"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """With a guide that asks; written by Liis in the editor's own way."""
    with httpx.Client(base_url=fake_server.url) as liis:
        liis.post("/login", data={"login": "liis", "password": fake_server.password})
        found = re.search(r'name="csrf-token" content="([^"]+)"', liis.get("/editor").text)
        assert found is not None
        body = {"id": GUIDE, "topic": "garantii", "question": "Ruuter ei tööta", "answer": "Proovime koos.", "steps": STEPS, "publish": True}
        liis.post("/api/editor/entries", json=body, headers={"X-CSRF-Token": found[1]}).raise_for_status()
    return fake_server


@pytest.fixture
def scriptless(chromium: Browser, server: FakeServer) -> Iterator[Page]:
    """A browser that runs no script."""
    context = chromium.new_context(java_script_enabled=False, locale="et-EE")
    page = context.new_page()
    page.goto(f"{server.url}/help")
    yield page
    context.close()


def test_everything_works_without_a_script(scriptless: Page) -> None:
    page = scriptless
    page.get_by_role("searchbox").fill("tellimus jõuab")
    page.get_by_role("button", name="Otsi").click()
    page.locator(".list a").first.click()
    page.get_by_role("button", name="Ei aidanud").click()
    page.get_by_label("Mis jäi puudu?").fill("Hind puudub.")
    page.get_by_role("button", name="Saada").click()
    expect(page.get_by_text("Loeme selle läbi")).to_be_visible()

    page.goto(page.url.split("/help")[0] + f"/help/{GUIDE}")
    expect(page.get_by_role("heading", name="Samm 1")).to_be_visible()
    page.get_by_role("link", name="Jah", exact=True).click()
    page.get_by_role("link", name="Edasi", exact=True).click()
    expect(page.get_by_role("heading", name="Samm 3")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Samm 2")).to_be_visible()
    page.get_by_role("link", name="Muuda (Samm 1)").click()
    page.get_by_role("link", name="Ei", exact=True).click()
    expect(page.get_by_role("heading", name="Kas sai korda?")).to_be_visible()
    page.get_by_role("button", name="Ei", exact=True).click()
    expect(page.get_by_text("Aitäh, et ütlesite!")).to_be_visible()
    page.get_by_role("link", name="Küsi meie käest").click()
    expect(page.get_by_label("Teie küsimus")).to_have_value(re.compile(r"Ruuter ei tööta.*põleb.* – ei.*Pange pistik", re.DOTALL))
    assert page.context.cookies() == []


def test_answers_are_suggested_and_chosen_by_keyboard(visit: Visit) -> None:
    mari = visit("/help")
    field = mari.get_by_role("combobox", name="Otsi vastust")
    field.press_sequentially("kuidas kaupa")
    options = mari.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    assert complaints(mari) == []
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "q-found-0")
    field.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_value("kuidas kaupa")
    field.press_sequentially(" tagastada")
    chosen = mari.get_by_role("option", name="Kuidas kaupa tagastada?")
    expect(chosen).to_be_visible()
    chosen.click()
    expect(mari.get_by_role("heading", level=1)).to_have_text("Kuidas kaupa tagastada?")


def test_what_comes_late_for_words_of_before_is_not_shown(visit: Visit) -> None:
    mari = visit("/help")
    field = mari.get_by_role("combobox")
    mari.route("**/suggest.json?q=*", lambda route: route.fulfill(json={"found": []}) if "xyzzy" in route.request.url else route.continue_())
    field.fill("kuidas kaupa")
    expect(mari.get_by_role("option").first).to_be_visible()
    field.fill("xyzzy")
    expect(mari.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("Enter")
    expect(mari.get_by_role("link", name="Küsi vestluses")).to_be_visible()


def test_the_chat_opens_with_what_was_tried(visit: Visit) -> None:
    mari = visit(f"/help/{GUIDE}?way=n")
    expect(mari.get_by_role("button", name="Ava vestlus")).to_be_visible()  # the chat is there
    mari.get_by_role("link", name="Küsi meie käest").click()
    expect(mari.get_by_role("textbox", name="Teie sõnum")).to_have_value(re.compile(r"Proovisin juhendit „Ruuter ei tööta“.*Pange pistik", re.DOTALL))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "dark phone"])
def test_no_rule_is_broken_and_nothing_is_pushed_sideways(visit: Visit, server: FakeServer, phone: bool) -> None:
    mari = visit("/help", phone=phone, dark=phone)
    for path in ("/en/help", "/help/topics/tarne", f"/help/{GUIDE}?way=yx", f"/help/{GUIDE}?way=n&thanks=no", "/ru/help?q=xyzzy", "/help/tellimus-jouab"):
        mari.goto(server.url + path)
        expect(mari.get_by_role("heading", level=1)).to_be_visible()
        assert complaints(mari) == [], path
    mari.set_viewport_size({"width": 320, "height": 640})
    for path in ("/help", "/help/tarneaeg", f"/help/{GUIDE}", "/ru/help/jalatsite-suurus"):
        mari.goto(server.url + path)
        mari.wait_for_function("document.documentElement.scrollWidth <= 320")


def test_a_page_is_small_asks_nobody_else_and_prints_the_answer_alone(visit: Visit, server: FakeServer) -> None:
    mari = visit("/help")
    expect(mari.get_by_role("button", name="Ava vestlus")).to_be_visible()
    names: list[str] = mari.evaluate(NAMES)
    assert [name for name in names if not name.startswith(server.url)] == []
    own = [f"{server.url}/help", *(name for name in names if "/static" in name and not name.endswith(".svg"))]
    assert sum(len(httpx.get(name).content) for name in own) < OWN_BYTES
    mari.goto(f"{server.url}/help/tarneaeg")
    mari.emulate_media(media="print")
    expect(mari.locator(".answer").first).to_be_visible()
    for hidden in (".help-search", ".rating", ".related", ".help-chat"):
        expect(mari.locator(hidden).first).to_be_hidden()


def test_what_readers_say_stands_beside_the_answer_in_the_editor(visit: Visit) -> None:
    mari = visit("/help/tarneaeg")
    mari.get_by_role("button", name="Ei aidanud").click()
    mari.get_by_label("Mis jäi puudu?").fill("Laupäeva kohta ei ole midagi.")
    mari.get_by_role("button", name="Saada").click()
    expect(mari.get_by_text("Loeme selle läbi")).to_be_visible()

    liis = visit("/editor#tarneaeg", login="liis")
    liis.get_by_text("Abilehe lugejad").click()
    said = liis.locator("#readers")
    expect(said).to_contain_text("Aitas: 0 · Jäi väheks: 1")
    expect(said).to_contain_text("Laupäeva kohta ei ole midagi.")
    expect(said.get_by_role("link", name="Ava abilehel")).to_have_attribute("href", "/help/tarneaeg")
    assert complaints(liis) == []
