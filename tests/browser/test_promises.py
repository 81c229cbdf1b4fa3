"""The times that a team has promised itself: counted down before Jaan's eyes, first when they are over, set by Tiit and told in the overview."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from handoff.conversations.tables import ConversationRow, SlaClockRow
from handoff.database import Database
from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import until
from tests.browser.test_desk_moves import desk_of
from tests.browser.test_story import answer, claim, open_chat, open_in_desk, say, waiting

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """Somebody is here around the clock, so that it is working time whenever the test runs."""
    made = FakeServer(tmp_path_factory.mktemp("abiline"), hours="E-P 0-24", open_on_holidays="true")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def database(server: FakeServer) -> Iterator[Database]:
    """That of the running service."""
    made = Database(f"sqlite:///{server.folder / 'abiline.db'}")
    yield made
    made.close()


def asking(visit: Visit, words: str) -> tuple[Page, Locator, str]:
    """Mari waits for a person; gives her page, her log and the conversation's id."""
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, f"tahan inimesega rääkida, {words}")
    expect(log).to_contain_text("Kutsun kolleegi")
    return mari, log, str(mari.evaluate("JSON.parse(localStorage.getItem('abiline:talk')).id"))


def let_pass(database: Database, conversation_id: str, minutes: float) -> None:
    """As if what is owed in the conversation had begun so much earlier; the service finds out by itself."""
    by = timedelta(minutes=minutes)
    with database.write() as session:
        row = session.get_one(ConversationRow, conversation_id)
        for clock in session.scalars(select(SlaClockRow).where(SlaClockRow.conversation_id == conversation_id, SlaClockRow.ended_at.is_(None))):
            assert clock.running_since
            assert clock.due_at
            assert clock.soon_at
            clock.running_since, clock.due_at, clock.soon_at = clock.running_since - by, clock.due_at - by, clock.soon_at - by
            row.due_at, row.due_soon_at = clock.due_at, clock.soon_at


def test_the_time_to_answer_is_counted_down_live_until_the_answer(visit: Visit, desk: Page) -> None:
    desk.clock.install()
    desk.reload()
    mari, _log, _id = asking(visit, "aja lugu")
    line, mark = waiting(desk, "aja lugu"), desk.locator(".talk-head [data-due]")
    expect(line).to_contain_text("vastata 5 min jooksul")

    claim(desk, "aja lugu")
    expect(mark).to_have_text("vastata 5 min jooksul")
    expect(mark).to_have_class("tag")
    desk.evaluate("window.heard = []; new MutationObserver(() => heard.push(said.textContent)).observe(said, { childList: true })")
    desk.clock.fast_forward("04:10")
    until(lambda: "Aeg vastata" in str(desk.evaluate("heard")), desk)  # other words may follow at once
    expect(mark).to_have_text("vastata 1 min jooksul")
    expect(mark).to_have_class("tag warn")
    expect(line.locator("[data-due]")).to_have_class("tag warn")
    desk.clock.fast_forward("03:00")
    expect(mark).to_have_text(re.compile(r"vastus hilineb \d min"))
    expect(mark).to_have_class("tag bad")

    answer(desk, "Tere, vaatan kohe.")
    expect(mark).to_have_count(0)
    say(mari, "Aitäh, ootan.")
    expect(line.locator("[data-due]")).to_be_attached()
    expect(mark).to_have_attribute("data-goal", "answer")


def test_what_is_late_comes_first_rings_and_is_shown_alone_and_the_customer_sees_none_of_it(visit: Visit, desk: Page, database: Database) -> None:
    asking(visit, "esimene ootaja")
    _mari, log, second = asking(visit, "teine ootaja")
    expect(waiting(desk, "teine ootaja")).to_be_visible()
    let_pass(database, second, 6)

    expect(desk.locator("#lines > li").first).to_contain_text("teine ootaja")
    expect(desk.locator("#lines > li").first).to_contain_text(re.compile(r"vastus hilineb \d min"))
    expect(desk.locator("#said")).to_contain_text("Vastus hilineb")
    expect(desk.locator("#pressing")).to_have_text("Kiireloomulisi: 1")
    desk.keyboard.press("f")
    expect(desk.locator("#lines > li")).to_have_count(1)
    expect(desk.get_by_role("button", name="Kiireloomulisi: 1", pressed=True)).to_be_visible()
    expect(desk).to_have_title(re.compile(r"^\([2-9]\)"))  # who waits is counted all the same
    desk.keyboard.press("Control+k")
    desk.get_by_role("combobox", name="Tegevused").fill("naita koiki")
    desk.keyboard.press("Enter")
    expect(waiting(desk, "esimene ootaja")).to_be_visible()

    claim(desk, "teine ootaja")
    expect(desk.locator("#talk .log")).to_contain_text("Esimese vastuse aeg sai täis")
    answer(desk, "Tere, vabandust.")
    expect(log).to_contain_text("Tere, vabandust.")
    expect(log).not_to_contain_text("aeg sai täis")
    expect(desk.locator("#pressing")).to_be_hidden()


def test_what_is_late_in_ones_own_conversation_is_said_while_another_is_open(visit: Visit, desk: Page, database: Database) -> None:
    _mari, _log, own = asking(visit, "oma lugu")
    asking(visit, "muu lugu")
    claim(desk, "oma lugu")
    desk.get_by_role("button", name="Ootavad").click()
    open_in_desk(desk, "muu lugu")
    let_pass(database, own, 6)
    expect(desk.locator("#said")).to_contain_text("Vastus hilineb")
    desk.get_by_role("button", name="Minu").click()
    expect(desk.locator("#lines > li").first).to_contain_text("oma lugu")


def test_tiit_sets_the_times_and_reads_how_many_were_kept(visit: Visit, server: FakeServer) -> None:
    tiit = desk_of(visit, server, "tiit")
    tiit.goto(f"{server.url}/people/times")
    first = tiit.get_by_role("textbox", name="Esimene vastus vestluses")
    first.fill("kohe")
    tiit.get_by_role("button", name="Salvesta").first.click()
    expect(first).to_be_focused()
    expect(tiit.get_by_text("Aeg on täisarv")).to_be_visible()
    broken = complaints(tiit)
    first.fill("3")
    tiit.get_by_role("button", name="Salvesta").first.click()
    expect(tiit.get_by_role("status")).to_have_text("Ajad on salvestatud.")
    broken += complaints(tiit)

    asking(visit, "uue aja lugu")
    tiit.goto(f"{server.url}/desk")
    expect(waiting(tiit, "uue aja lugu")).to_contain_text("vastata 3 min jooksul")

    tiit.goto(f"{server.url}/reports")
    table = tiit.get_by_role("region", name="Vastamisajad meeskonna järgi").get_by_role("table")
    expect(table.get_by_role("row", name="Meeskonnata")).to_be_visible()
    broken += complaints(tiit)
    with tiit.expect_download() as loading:
        tiit.get_by_role("link", name="Laadi alla (CSV)").click()
    assert "first" in Path(loading.value.path()).read_text(encoding="utf-8-sig")
    assert broken == []


def test_it_fits_a_dark_phone_and_reads_in_english_and_russian(visit: Visit, server: FakeServer) -> None:
    asking(visit, "keelte lugu")
    phone = desk_of(visit, server, "kadri", phone=True, dark=True)
    broken = []
    for language, words in (("en", "answer within"), ("ru", "ответить в течение"), ("et", "vastata")):
        phone.goto(f"{server.url}/desk?lang={language}")
        expect(waiting(phone, "keelte lugu")).to_contain_text(words)
        until(lambda: bool(phone.evaluate("document.documentElement.scrollWidth <= innerWidth")), phone)
        broken += complaints(phone)
    open_in_desk(phone, "keelte lugu")
    expect(phone.locator(".talk-head h2")).to_be_in_viewport(ratio=1)
    expect(phone.locator(".talk-head [data-due]")).to_be_in_viewport(ratio=1)
    broken += complaints(phone)
    assert broken == []
