"""Mari waits for a person: her place and her time move live, she is told the truth when it takes longer, and there is always a way on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from handoff.accounts.tables import AgentRow, Availability
from handoff.conversations import service
from handoff.conversations.tables import ConversationRow, PromiseRow
from handoff.database import Database, now
from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import PATIENCE_MS, until
from tests.browser.test_story import claim, open_chat, say, waiting

pytestmark = pytest.mark.browser

LOOK_MS = PATIENCE_MS  # the line is looked at every few seconds
HEARTBEAT_MS = 2 * PATIENCE_MS  # and every page reads how it stands at each heartbeat
DAYS = ("esmaspäeval", "teisipäeval", "kolmapäeval", "neljapäeval", "reedel", "laupäeval", "pühapäeval")


@pytest.fixture(scope="module")
def opening_day() -> int:
    """A weekday that is neither today nor tomorrow: whenever the test runs, the office is closed."""
    return (datetime.now(ZoneInfo("Europe/Tallinn")).weekday() + 3) % 7


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    return fake_server


@pytest.fixture(scope="module", autouse=True)
def _hours(opening_day: int) -> Iterator[None]:
    """Before the server starts: the office is open on one day of the week."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ABILINE_HOURS", f"{'ETKNRLP'[opening_day]} 9-18")
        environment.setenv("ABILINE_OPEN_ON_HOLIDAYS", "true")
        yield


@pytest.fixture
def database(server: FakeServer) -> Iterator[Database]:
    """The server's own; nobody waits in it and nobody is here."""
    made = Database(f"sqlite:///{server.folder / 'abiline.db'}")
    with made.write() as session:
        session.execute(update(AgentRow).values(availability=Availability.AWAY.value, seen_at=None))
        session.execute(update(ConversationRow).values(state="closed"))
    yield made
    made.close()


@pytest.fixture
def waits_of_two_minutes(database: Database) -> None:
    """Customers of the last days have waited for two minutes a place."""
    old = service.start(database, greeting="Tere!")
    with database.write() as session:
        for number in range(90):
            given = now() - timedelta(minutes=5 * number + 5)
            promise = PromiseRow(conversation_id=old.conversation_id, waiting_since=given, given_at=given, ahead=number % 3, agents=1, held=0)
            promise.ended_at, promise.picked_up = given + (1 + number % 3) * timedelta(minutes=2), True
            session.add(promise)


def ask_for_person(visit: Visit, words: str, *, phone: bool = False) -> Page:
    mari = visit("/demo", phone=phone)
    open_chat(mari)
    say(mari, f"tahan inimesega rääkida, {words}")
    expect(status(mari)).to_contain_text(re.compile("järjekorras|Teie ees"))
    return mari


def status(mari: Page) -> Locator:
    """The words above the box."""
    return mari.locator(".bar [role=status]")


def time_is_up(database: Database) -> None:
    """What was promised to those who wait is over now."""
    with database.write() as session:
        session.execute(update(PromiseRow).where(PromiseRow.ended_at.is_(None), PromiseRow.kept.is_(None)).values(promised_until=now()))


def test_outside_office_hours_a_phone_says_when_people_are_back_and_takes_a_contact(visit: Visit, database: Database, opening_day: int) -> None:
    mari = visit("/demo", phone=True)
    log = open_chat(mari)
    expect(status(mari)).to_have_text(f"Kolleegid vastavad taas {DAYS[opening_day]} kell 9.00.")
    expect(mari.get_by_role("button", name="Räägi inimesega")).to_have_count(0)

    mari.get_by_role("button", name="Jäta kontakt").click()
    expect(log).to_contain_text("Kuhu saame teile vastata?")
    say(mari, "mari@gmail")
    expect(log).to_contain_text("veel kord üle")
    say(mari, "mari@example.ee")

    expect(log).to_contain_text("Teie kontakt on salvestatud")
    expect(status(mari)).to_contain_text("Teie kontakt on meil olemas")
    expect(status(mari)).to_contain_text(DAYS[opening_day])


def test_the_second_s_place_and_time_move_when_the_first_is_taken(visit: Visit, database: Database, desk: Page, waits_of_two_minutes: None) -> None:
    first = ask_for_person(visit, "esimene")
    second = ask_for_person(visit, "teine", phone=True)
    expect(status(first)).to_have_text("Olete järjekorras esimene. Ooteaeg on umbes 2\u00a0minutit.", timeout=LOOK_MS)
    expect(status(second)).to_have_text("Teie ees on 1\u00a0inimene. Ooteaeg on umbes 4\u00a0minutit.", timeout=LOOK_MS)
    expect(waiting(desk, "teine")).to_contain_text(re.compile(r"lubatud kella \d\d\.\d\d-ks"), timeout=LOOK_MS)
    back = second.get_by_role("button", name="Jätka robotiga")
    back.focus()
    element = back.element_handle()

    claim(desk, "esimene")

    expect(status(second)).to_contain_text("Olete järjekorras esimene.", timeout=LOOK_MS)
    expect(back).to_be_focused()
    assert element is not None
    assert element.is_visible()  # the same button: what stays keeps its element
    assert complaints(second, within="abiline-widget") == []
    back.click()
    expect(second.get_by_role("log")).to_contain_text("Vestlust jätkab Abiline")


def test_when_it_takes_longer_mari_is_told_so_and_the_desk_rings_again(visit: Visit, database: Database, desk: Page, waits_of_two_minutes: None) -> None:
    mari = ask_for_person(visit, "kaua läheb")
    log = mari.get_by_role("log")
    expect(status(mari)).to_contain_text("umbes 2", timeout=LOOK_MS)

    time_is_up(database)

    expect(log).to_contain_text("läheb kauem, kui lubasime", timeout=LOOK_MS)
    expect(waiting(desk, "kaua läheb")).to_contain_text("lubadus ületatud", timeout=LOOK_MS)
    log.get_by_role("button", name="Ootan edasi").click()
    expect(log.locator(".said.customer").last).to_have_text("Ootan edasi")
    expect(status(mari)).to_contain_text("Olete järjekorras esimene.")

    time_is_up(database)
    expect(log).to_contain_text("kolleegid on endiselt ametis", timeout=LOOK_MS)
    assert complaints(mari, within="abiline-widget") == []
    log.get_by_role("button", name="Jätan kontakti").last.click()
    expect(log).to_contain_text("Kuhu saame teile vastata?")
    say(mari, "mari@example.ee")
    expect(log).to_contain_text("Teie kontakt on salvestatud")
    expect(waiting(desk, "mari@example.ee")).to_contain_text("Ootab kirja", timeout=LOOK_MS)


def test_whose_page_is_closed_is_shown_as_gone_until_it_is_back(visit: Visit, database: Database, desk: Page) -> None:
    mari = ask_for_person(visit, "lähen ära")
    context = mari.context
    mari.close()

    def is_gone() -> bool:
        with database.write() as session:  # each time: the page's last sign of life may be written down after it
            session.execute(update(ConversationRow).where(ConversationRow.state == "waiting").values(customer_at=now() - timedelta(minutes=4)))
        return waiting(desk, "lähen ära").get_by_text("klient on lahkunud").first.is_visible()

    until(is_gone, desk)
    again = visit("/demo", context=context)
    open_chat(again)
    expect(status(again)).to_contain_text("järjekorras", timeout=LOOK_MS)

    expect(waiting(desk, "lähen ära")).not_to_contain_text("klient on lahkunud", timeout=LOOK_MS)


def test_when_everyone_goes_away_the_line_says_so(visit: Visit, database: Database, desk: Page, opening_day: int) -> None:
    mari = ask_for_person(visit, "kas keegi on")

    desk.locator("#availability").select_option("away")

    expect(status(mari)).to_have_text(f"Kolleegid vastavad taas {DAYS[opening_day]} kell 9.00.", timeout=LOOK_MS)
    desk.locator("#availability").select_option("available")
    expect(status(mari)).to_contain_text("järjekorras", timeout=HEARTBEAT_MS)


def test_after_the_end_writing_goes_on_and_nothing_is_forgotten(visit: Visit, database: Database, desk: Page) -> None:
    mari = ask_for_person(visit, "mu tellimus on 48213")
    log = mari.get_by_role("log")
    claim(desk, "48213")
    expect(log).to_contain_text("Jaan liitus")

    mari.get_by_role("button", name="Lõpeta vestlus").click()
    expect(status(mari)).to_contain_text("Vestlus on lõppenud")
    say(mari, "veel üks küsimus inimesega")

    expect(log).to_contain_text("Vestlus jätkub")
    expect(log).to_contain_text("48213")
    expect(status(mari)).to_contain_text("järjekorras", timeout=LOOK_MS)
    desk.get_by_role("button", name=re.compile("^Ootavad")).click()
    claim(desk, "veel üks küsimus")
    expect(desk.locator("#talk")).to_contain_text("48213")
