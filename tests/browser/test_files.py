"""Files and pictures in real Chromium: chosen, pasted, dropped, cancelled, refused, sent again; seen and opened on both sides."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import comes_to, until
from tests.browser.test_story import claim, open_chat, say
from tests.handoff import files

pytestmark = pytest.mark.browser

UPLOADS = re.compile(r"/files/[\w-]+$")
SHOE = FilePayload(name="kingad.jpg", mimeType="image/jpeg", buffer=files.picture(size=(1200, 900)))
BILL = FilePayload(name="arve.pdf", mimeType="application/pdf", buffer=files.PDF + b"%" * 1_250_000)


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Files need no understanding."""
    return fake_server


def attach(page: Page, *chosen: FilePayload) -> None:
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Lisa fail või pilt").click()
    asked.value.set_files(list(chosen))


def picture_in(log: Locator) -> Locator:
    return log.get_by_role("button", name=re.compile("^Vaata suurelt: kingad.jpg"))


def await_drawn(card: Locator) -> None:
    """Until the preview has come: its middle is blue, as the picture is."""
    expect(card).to_be_visible()
    middle = """canvas => {
      const [red, , blue] = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
      return blue > 150 && red < 150;
    }"""
    comes_to(True, lambda: card.locator("canvas").evaluate(middle), card.page)


def give(page: Page, how: str, content: bytes, name: str, kind: str) -> None:
    """Paste into the box, or drop onto the panel, as the browser would."""
    page.evaluate(
        """([how, content, name, kind]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], name, { type: kind }));
          const shadow = document.querySelector("abiline-widget").shadowRoot;
          const event = how === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
          shadow.querySelector(how === "paste" ? "textarea" : ".panel").dispatchEvent(event);
        }""",
        [how, base64.b64encode(content).decode(), name, kind],
    )


def test_a_picture_and_a_document_go_both_ways(visit: Visit, desk: Page) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "tahan inimesega rääkida, kingad on katki")
    attach(mari, SHOE, BILL)
    expect(log.get_by_role("button", name=re.compile(r"^Laadi alla: arve.pdf, 1,3\sMB$"))).to_be_visible()
    await_drawn(picture_in(log))

    claim(desk, "arve.pdf")
    seen = desk.locator("#talk").get_by_role("link", name="Pilt: kingad.jpg")
    expect(seen).to_be_visible()
    with desk.expect_popup() as large:
        seen.click()
    large.value.wait_for_load_state()
    comes_to(1200, lambda: large.value.evaluate("document.images[0]?.naturalWidth"), mari)
    with desk.expect_download() as saved:
        desk.locator("#talk").get_by_role("link", name=re.compile("arve.pdf")).click()
    assert saved.value.suggested_filename == "arve.pdf"
    assert Path(saved.value.path()).read_bytes() == BILL["buffer"]

    with desk.expect_file_chooser() as asked:
        desk.get_by_role("button", name="Lisa fail").click()
    asked.value.set_files([FilePayload(name="juhend.pdf", mimeType="application/pdf", buffer=files.PDF)])
    theirs = log.get_by_role("button", name=re.compile("^Laadi alla: juhend.pdf"))
    expect(theirs).to_be_visible()
    with mari.context.expect_event("response", lambda response: response.url.endswith("/open")) as opened:
        theirs.click()
    assert opened.value.headers["content-disposition"] == 'attachment; filename="juhend.pdf"'

    take_back = desk.get_by_role("button", name="Võta sõnum tagasi")
    expect(desk.get_by_role("button", name="Muuda", exact=True)).to_have_count(0)  # there are no words to put right
    take_back.click()
    desk.get_by_role("button", name="Jah, võta tagasi").click()
    expect(theirs).to_have_count(0)
    expect(desk.locator("#talk").get_by_text("juhend.pdf")).to_have_count(0)


def test_a_picture_opens_large_by_keyboard_and_the_secret_is_in_no_address(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    attach(mari, SHOE)
    await_drawn(picture_in(log))
    picture_in(log).focus()
    with mari.expect_popup() as large:
        mari.keyboard.press("Enter")
    large.value.wait_for_load_state()
    comes_to(1200, lambda: large.value.evaluate("document.images[0]?.naturalWidth"), mari)
    secret = mari.evaluate("JSON.parse(localStorage['abiline:talk']).secret")
    assert secret not in large.value.url
    assert secret not in str(mari.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"))


def test_hostile_files_called_pictures_are_refused_with_a_word_that_helps(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    for content in (files.SVG, files.HTML):
        attach(mari, FilePayload(name="pilt.png", mimeType="image/png", buffer=content))
        expect(mari.get_by_role("alert")).to_contain_text("„pilt.png“ jäi saatmata. Sobivad JPG, PNG")
        mari.get_by_role("textbox", name="Teie sõnum").fill("a")
        expect(mari.get_by_role("alert")).to_have_count(0)
    expect(log.get_by_text("pilt.png")).to_have_count(0)


def test_a_file_that_is_too_large_is_not_even_sent(visit: Visit) -> None:
    mari = visit("/demo")
    open_chat(mari)
    sent: list[str] = []
    mari.on("request", lambda request: sent.append(request.url) if UPLOADS.search(request.url) else None)
    attach(mari, FilePayload(name="film.pdf", mimeType="application/pdf", buffer=bytes(10_000_001)))
    expect(mari.get_by_role("alert")).to_contain_text("„film.pdf“ on liiga suur")
    assert sent == []


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_picture_is_pasted_or_dropped(visit: Visit, how: str) -> None:
    mari = visit("/demo", phone=how == "paste")
    log = open_chat(mari)
    give(mari, how, files.picture(), "kingad.jpg", "image/jpeg")
    await_drawn(picture_in(log))
    until(lambda: mari.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, mari)


def test_a_file_on_its_way_can_be_stopped(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    mari.route(UPLOADS, lambda _route: None)  # never answered
    attach(mari, SHOE)
    expect(log.get_by_role("progressbar", name="kingad.jpg")).to_be_visible()
    log.get_by_role("button", name="Katkesta: kingad.jpg").click()
    expect(log.get_by_text("kingad.jpg")).to_have_count(0)
    mari.unroute(UPLOADS)
    attach(mari, BILL)  # the next one is not held up
    expect(log.get_by_role("button", name=re.compile("^Laadi alla: arve.pdf"))).to_be_visible()


def test_words_do_not_wait_for_a_file(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    mari.route(UPLOADS, lambda _route: None)  # a film on a slow line
    attach(mari, SHOE)
    expect(log.get_by_role("progressbar", name="kingad.jpg")).to_be_visible()
    say(mari, "kas pakk jõuab homme?")
    expect(log.locator(".said.bot:not(.typing)")).to_have_count(2)
    expect(log.get_by_role("progressbar", name="kingad.jpg")).to_be_visible()


def test_what_failed_is_sent_again_once(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "kas pakk jõuab homme?")
    expect(log.locator(".said.bot:not(.typing)")).to_have_count(2)  # the line is up, and does not try again just now
    mari.route(UPLOADS, lambda route: route.abort())
    attach(mari, SHOE)
    expect(log.get_by_text("Saatmata")).to_be_visible()
    mari.unroute(UPLOADS)
    log.get_by_role("button", name="Saada uuesti").click()
    await_drawn(picture_in(log))
    expect(log.get_by_text("Saatmata")).to_have_count(0)
    expect(picture_in(log)).to_have_count(1)


def test_a_lost_acknowledgement_makes_no_second_file(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)

    def keep_and_lose(route: Route) -> None:
        route.fetch()
        route.abort()

    mari.route(UPLOADS, keep_and_lose, times=1)
    attach(mari, SHOE)
    await_drawn(picture_in(log))
    expect(log.get_by_text("Saatmata")).to_have_count(0)
    expect(picture_in(log)).to_have_count(1)


def test_a_reload_in_the_middle_says_that_the_file_was_not_sent(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "kas pakk jõuab homme?")
    expect(log.locator(".said.bot:not(.typing)")).to_have_count(2)  # the line is up, and does not try again just now
    mari.route(UPLOADS, lambda route: route.abort())
    attach(mari, SHOE)
    expect(log.get_by_text("Saatmata")).to_be_visible()
    mari.unroute(UPLOADS)
    mari.reload()
    expect(log.get_by_text("kingad.jpg")).to_be_visible()
    with mari.expect_file_chooser() as asked:
        log.get_by_role("button", name="Saada uuesti").click()
    asked.value.set_files([SHOE])
    await_drawn(picture_in(log))
    expect(log.get_by_text("Saatmata")).to_have_count(0)


def test_jaan_pastes_a_picture_and_a_wrong_file_is_explained(visit: Visit, desk: Page) -> None:
    mari = visit("/demo", phone=True)
    log = open_chat(mari)
    say(mari, "tahan inimesega rääkida, pilti oleks vaja")
    claim(desk, "pilti oleks vaja")
    expect(desk.get_by_text("Vestlus on teie käes.")).to_be_visible()
    with desk.expect_file_chooser() as asked:
        desk.get_by_role("button", name="Lisa fail").click()
    asked.value.set_files([FilePayload(name="leht.png", mimeType="image/png", buffer=files.HTML)])
    expect(desk.get_by_role("status").filter(has_text="„leht.png“ jäi saatmata")).to_be_visible()
    desk.evaluate(
        """(content) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], "kingad.jpg", { type: "image/jpeg" }));
          document.querySelector("#words").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        base64.b64encode(files.picture()).decode(),
    )
    expect(desk.locator("#talk").get_by_role("link", name="Pilt: kingad.jpg")).to_be_visible()
    await_drawn(picture_in(log))


def test_mari_keeps_her_conversation_on_a_page_of_its_own(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    expect(log.get_by_role("button", name="Salvesta vestlus")).to_have_count(0)  # there is nothing to keep yet
    say(mari, "kas pakk jõuab homme?")
    attach(mari, SHOE)
    await_drawn(picture_in(log))
    with mari.expect_popup() as opened:
        log.get_by_role("button", name="Salvesta vestlus").click()
    page = opened.value
    expect(page.get_by_role("heading", name="Vestlus: Kodukaup")).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text("kas pakk jõuab homme?")
    expect(page.get_by_role("button", name="Prindi või salvesta PDF-ina")).to_be_visible()
    until(lambda: page.evaluate("document.querySelector('.file img')?.naturalWidth > 0"), page)
    assert mari.evaluate("JSON.parse(localStorage['abiline:talk']).secret") not in page.url
