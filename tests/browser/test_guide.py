"""The guide for agents: its pictures are played and taken here, its page is read on a desktop, a phone, in the dark and on paper.

`ABILINE_PICTURES=docs/pictures pytest tests/browser/test_guide.py -n 0` takes the pictures anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from handoff.guide.chapters import AGENTS, PICTURES, SHARPNESS
from tests.browser.axe import complaints
from tests.browser.conftest import DESKTOP, FakeServer, Visit
from tests.browser.patience import comes_to
from tests.browser.test_desk_moves import desk_of, move
from tests.browser.test_story import answer, claim, open_chat, open_in_desk, say

pytestmark = pytest.mark.browser

QUALITY = 80
TALL = {"width": 1280, "height": 1400}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """Understanding is not what is looked at here. Open around the clock, so that the time left to answer is minutes whenever the pictures are taken."""
    made = FakeServer(tmp_path_factory.mktemp("abiline"), hours="E-P 0-24", open_on_holidays="true")
    made.start()
    yield made
    made.stop()


class Album:
    """Pictures of one run, as WebP; in the guide's own folder when that is asked for."""

    def __init__(self, folder: Path, guide: Path = AGENTS) -> None:
        self._folder = guide / PICTURES if os.environ.get("ABILINE_PICTURES") else folder
        self.names: set[str] = set()

    def take(self, what: Page | Locator, name: str, *, height: int | None = None) -> None:
        """The page, or an element that is never drawn anew; of a long one the upper `height` pixels."""
        shot = self._folder / f"{name}.png"
        what.screenshot(path=shot, animations="disabled", caret="hide")
        with Image.open(shot) as opened:
            part = opened.crop((0, 0, opened.width, height * SHARPNESS)) if height else opened
            part.convert("RGB").save(self._folder / f"{name}.webp", quality=QUALITY, method=6)
        shot.unlink()
        self.names.add(f"{name}.webp")


def sharp(visit: Visit, path: str, *, login: str = "", phone: bool = False) -> Page:
    """A page with twice the dots, so that its letters are clear in print too."""
    page = visit(path, login=login, phone=phone, device_scale_factor=SHARPNESS)
    if login:
        page.get_by_role("button", name="Sain aru").click()
    return page


def test_the_pictures_of_the_guide_are_those_that_the_scenes_show(visit: Visit, tmp_path: Path) -> None:
    album = Album(tmp_path)
    desk = sharp(visit, "/desk", login="jaan")
    for words in ("pakk jäi tulemata, soovin inimesega rääkida", "arvel on vale summa, palun inimesega ühendada"):
        guest = visit("/demo", phone=True)
        open_chat(guest)
        say(guest, words)
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "kus mu pakk on, pidi eile jõudma")
    log.get_by_role("button", name="Ükski neist").click()
    expect(log).to_contain_text("Kutsun kolleegi")
    say(mari, "Number: 51077")
    waits(visit, album)

    open_in_desk(desk, "51077")
    expect(desk.get_by_role("button", name="Võta vestlus")).to_be_visible()
    album.take(desk.locator("#talk"), "votmine")
    album.take(desk.locator("#lines"), "tahtaeg")
    claim(desk, "51077")
    desk.mouse.move(0, 0)
    helps(desk, album)
    answer(desk, "Tere! Mina olen Jaan. Leidsin teie tellimuse üles, pakk jõuab homme.")
    expect(log).to_contain_text("pakk jõuab homme")
    say(mari, "Väga hea, aitäh!")
    expect(desk.locator("#talk .log")).to_contain_text("Väga hea")
    album.take(desk, "laud")
    desk.set_viewport_size(TALL)  # type: ignore[arg-type]
    album.take(desk.locator("#context"), "taust", height=1040)
    desk.set_viewport_size(DESKTOP)  # type: ignore[arg-type]

    notes(desk, album)
    asks(desk, album, "Anna edasi", "edasi")
    move(desk, "Märgi tuvastatuks")
    desk.get_by_role("button", name="Tellimuse number ja nimi").click()
    expect(desk.locator("#context .part").filter(has=desk.get_by_role("heading", name="Kes see on?"))).to_contain_text("tuvastatud")
    album.take(desk.locator("#context"), "kes", height=240)
    asks(desk, album, "Teata, kus asi on", "kus-asi-on")
    move(desk, "Teata, kus asi on")
    desk.locator(".asks").get_by_role("button", name="Ootame tarnijat").click()
    status(visit, album, log)
    desk.keyboard.press("Control+k")
    desk.get_by_role("combobox", name="Tegevused").fill("an")
    album.take(desk.locator(".palette"), "tegevused")
    desk.keyboard.press("Escape")
    asks(desk, album, "Lõpeta", "lopetamine")
    complaint(desk, album)

    assert album.names == {path.name for path in (AGENTS / PICTURES).iterdir()}


def waits(visit: Visit, album: Album) -> None:
    """Who waits, on Kadri's phone."""
    phone = sharp(visit, "/desk", login="kadri", phone=True)
    expect(phone.locator("#lines > li")).to_have_count(3)
    album.take(phone, "telefon")


def helps(desk: Page, album: Album) -> None:
    """What stands ready above the box, and the templates behind the slash."""
    expect(desk.locator(".offer")).not_to_have_count(0)
    album.take(desk.locator(".box"), "pakutud")
    desk.get_by_role("textbox", name="Vastus kliendile").press_sequentially("/t")
    expect(desk.locator(".ready li").first).to_be_visible()
    album.take(desk.locator("#talk"), "mallid")
    desk.keyboard.press("Escape")
    box = desk.get_by_role("textbox", name="Vastus kliendile")
    box.fill("")
    box.press_sequentially("Teie pakk jouab homme")
    expect(desk.locator(".box")).to_contain_text("jõuab")
    album.take(desk.locator(".box"), "oigekiri")
    box.fill("")


def notes(desk: Page, album: Album) -> None:
    """A colleague is called in a note."""
    move(desk, "Lisa märkus")
    note = desk.get_by_role("textbox", name="Märkus, mida näevad ainult kolleegid")
    note.press_sequentially("Palun vaata tarneaega, @Ka")
    expect(desk.get_by_role("option", name="Kadri")).to_be_visible()
    album.take(desk.locator("#talk"), "markus")
    note.press("Escape")
    note.fill("")
    desk.locator(".box").get_by_role("button", name="Märkus", exact=True).click()


def asks(desk: Page, album: Album, name: str, picture: str) -> None:
    """What a move asks before it is made; it isn't made."""
    move(desk, name)
    expect(desk.locator(".asks")).to_be_visible()
    album.take(desk.locator(".talk-head"), picture)
    desk.keyboard.press("Escape")
    expect(desk.locator(".asks")).to_have_count(0)


def complaint(desk: Page, album: Album) -> None:
    """Somebody complains about a bill."""
    desk.get_by_role("button", name="Ootavad").click()
    claim(desk, "arvel on vale summa")
    move(desk, "Märgi kaebuseks")
    expect(desk.locator(".complaint")).to_be_visible()
    desk.set_viewport_size(TALL)  # type: ignore[arg-type]
    album.take(desk.locator("#context"), "kaebus", height=900)


def status(visit: Visit, album: Album, log: Locator) -> None:
    """What the customer sees behind the link that came into the chat."""
    link = log.locator("a[href*='/asi/']").last
    expect(link).to_be_visible()
    page = sharp(visit, re.sub(r"^https?://[^/]+", "", link.get_attribute("href") or ""), phone=True)
    expect(page.get_by_text("Ootame tarnijat").first).to_be_visible()
    album.take(page, "olek")


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)])
def test_the_page_is_read_by_everyone(visit: Visit, server: FakeServer, phone: bool, dark: bool) -> None:
    page = desk_of(visit, server, "kadri", phone=phone, dark=dark)
    page.goto(f"{server.url}/guide")
    expect(page.get_by_role("heading", name="Juhend klienditeenindajale")).to_be_visible()

    assert complaints(page) == []
    comes_to(0, lambda: page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), page)
    page.get_by_role("navigation", name="Peatükid").get_by_role("link", name="Kes see on?").click()
    expect(page.get_by_role("heading", name="Kes see on?")).to_be_in_viewport()
    page.get_by_role("link", name="meeldetuletus", exact=True).click()
    expect(page.get_by_role("heading", name="Tuleta meelde")).to_be_in_viewport()


def test_on_paper_stands_the_text_alone(visit: Visit, server: FakeServer) -> None:
    page = desk_of(visit, server, "kadri")
    page.goto(f"{server.url}/guide")

    page.emulate_media(media="print")

    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Peatükid")).to_be_hidden()
    expect(page.get_by_role("heading", name="Kes see on?")).to_be_visible()


def test_whoever_is_new_is_shown_the_guide_until_they_put_it_away(visit: Visit, desk: Page, server: FakeServer) -> None:
    expect(desk.get_by_text("Esimest korda siin?")).to_be_visible()
    assert complaints(desk) == []

    desk.get_by_role("button", name="Sain aru").click()

    expect(desk.get_by_text("Esimest korda siin?")).to_be_hidden()
    expect(desk.locator("#queue-title")).to_be_focused()
    desk.reload()
    expect(desk.locator("#availability")).to_be_visible()
    expect(desk.locator("#newcomer-done")).to_be_attached()
    expect(desk.get_by_text("Esimest korda siin?")).to_be_hidden()
    expect(desk_of(visit, server, "kadri").get_by_text("Esimest korda siin?")).to_be_visible()


def test_the_guide_opens_from_the_menu_from_the_keys_and_from_the_list_of_actions(desk: Page) -> None:
    desk.keyboard.press("?")
    with desk.expect_popup() as from_keys:
        desk.get_by_role("link", name="Loe juhendit").click()
    expect(from_keys.value.get_by_role("heading", name="Juhend klienditeenindajale")).to_be_visible()
    desk.get_by_role("button", name="Peida").click()
    desk.keyboard.press("Control+k")
    desk.get_by_role("combobox", name="Tegevused").fill("juhend")
    with desk.context.expect_page() as from_palette:
        desk.keyboard.press("Enter")
    expect(from_palette.value.get_by_role("heading", name="Juhend klienditeenindajale")).to_be_visible()
    desk.get_by_role("navigation", name="Abiline").get_by_role("link", name="Juhend").click()
    expect(desk.get_by_role("heading", name="Juhend klienditeenindajale")).to_be_visible()
