"""Mari writes at Telegram (a stand-in on this machine): Jaan answers from his desk, Telegram fails for a while, and Anu sends again what it refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import until
from tests.browser.test_story import answer, claim, waiting
from tests.handoff.files import picture
from tests.handoff.messenger import Messenger
from tests.handoff.test_telegram import CHAT, MARI, SECRET, TOKEN, said

pytestmark = pytest.mark.browser

PLACE = "/connections/messengers"
WORDS = "Tahan inimesega rääkida, jutt Telegramist"
REFUSED = (400, {"ok": False, "error_code": 400, "description": "Bad Request: message text is empty"})


@pytest.fixture(scope="module")
def telegram() -> Iterator[Messenger]:
    made = Messenger()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(telegram: Messenger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """A house with Telegram."""
    made = FakeServer(tmp_path_factory.mktemp("abiline"), telegram_token=TOKEN, telegram_secret=SECRET, telegram_api=telegram.url)
    made.start()
    yield made
    made.stop()


def write(server: FakeServer, number: int, text: str | None = None, **more: Any) -> None:
    """As Telegram tells what Mari wrote."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
    told = httpx.post(f"{server.url}/api/channels/telegram", content=json.dumps(said(number, text, **more)), headers=headers, timeout=30)
    assert told.is_success


def shows(page: Page, words: str) -> bool:
    """Whether the page says so by now, of a message or of all."""
    page.reload()
    return page.locator(".tag, .hint").filter(has_text=words).count() > 0


def test_an_answer_goes_to_telegram_and_what_it_refused_goes_again(visit: Visit, desk: Page, server: FakeServer, telegram: Messenger) -> None:
    write(server, 1, WORDS)
    expect(waiting(desk, "jutt Telegramist")).to_contain_text("Telegram")
    claim(desk, "jutt Telegramist")
    answer(desk, "Tere, Mari! Pakk on teel.")
    until(lambda: "Tere, Mari! Pakk on teel." in telegram.said("sendMessage"), desk)
    talk = desk.locator("#talk")
    expect(talk.get_by_role("button", name="Võta sõnum tagasi")).to_have_count(0, timeout=90_000)  # the page hears of it with its next heartbeat
    expect(talk.get_by_role("button", name="Muuda", exact=True)).to_be_visible()

    telegram.failing = [(500, {})] * 1_000
    answer(desk, "Homme on ta kohal.")
    anu = visit(PLACE, login="anu")
    until(lambda: shows(anu, "HTTP 500"), anu)
    until(lambda: shows(anu, "Sõnumid ootavad"), anu)

    telegram.failing = [REFUSED]
    expect(talk.get_by_text("suhtlusrakendus ei võtnud seda vastu")).to_be_visible(timeout=90_000)  # by then it is tried again
    until(lambda: shows(anu, "saatmata"), anu)
    expect(anu.get_by_text("Rakendus ei võtnud seda vastu")).to_be_visible()
    assert complaints(anu) == []
    before = telegram.said("sendMessage").count("Homme on ta kohal.")
    anu.get_by_role("button", name="Saada uuesti", exact=True).click()
    expect(anu.get_by_role("status")).to_contain_text("uuesti teele")
    until(lambda: telegram.said("sendMessage").count("Homme on ta kohal.") == before + 1, anu)
    until(lambda: not shows(anu, "saatmata"), anu)


def test_pictures_go_both_ways(desk: Page, server: FakeServer, telegram: Messenger) -> None:
    telegram.failing = []
    telegram.answers["getFile"] = {"ok": True, "result": {"file_path": "photos/katki.png"}}
    telegram.files["katki.png"] = picture("PNG")
    peeter: dict[str, Any] = {"from": {**MARI, "id": 5150, "first_name": "Peeter"}, "chat": {**CHAT, "id": 5150}}  # Jaan may have Mari's talk already
    write(server, 20, "Tahan inimesega rääkida, saadan pildi", **peeter)
    claim(desk, "saadan pildi")
    write(server, 21, caption="Selline see tuli", **peeter, document={"file_id": "d1", "file_unique_id": "d", "file_name": "katki.png"})
    log = desk.locator("#talk .log")
    expect(log.get_by_role("img", name="katki.png")).to_be_visible(timeout=90_000)

    with desk.expect_file_chooser() as asked:
        desk.get_by_role("button", name="Lisa fail").click()
    asked.value.set_files([FilePayload(name="uus.png", mimeType="image/png", buffer=picture("PNG"))])
    expect(log.get_by_role("img", name="uus.png")).to_be_visible()
    until(lambda: any(method == "sendPhoto" and b'filename="uus.png"' in body["raw"] for method, body in telegram.got), desk)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_read_on_a_phone(visit: Visit, server: FakeServer, dark: bool) -> None:
    write(server, 50 + dark, f"Kirjutan telefonist, lugu {dark}")
    anu = visit(PLACE, login="anu", phone=True, dark=dark)
    expect(anu.get_by_role("heading", name="Suhtlusrakendused")).to_be_visible()
    until(lambda: shows(anu, "kohal"), anu)
    until(lambda: anu.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, anu)
    assert complaints(anu) == []
