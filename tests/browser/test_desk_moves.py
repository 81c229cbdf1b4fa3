"""Three browsers, Mari and two agents: a conversation is passed on, put off, taken back, put right; by mouse, by keyboard, on a phone."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import comes_to, until
from tests.browser.test_story import answer, claim, open_chat, open_in_desk, say

pytestmark = pytest.mark.browser

LONG = 2_000  # messages


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def desk_of(visit: Visit, server: FakeServer, login: str, *, phone: bool = False, dark: bool = False) -> Page:
    return visit("/desk", login=login, phone=phone, dark=dark)


def talking(visit: Visit, desk: Page, words: str) -> tuple[Page, Locator]:
    """Mari's page and log, with Jaan in the conversation."""
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, f"tahan inimesega rääkida, {words}")
    claim(desk, words)
    expect(log).to_contain_text("Jaan liitus")
    expect(desk.get_by_role("textbox", name="Vastus kliendile")).to_be_visible()  # until it knows, what is typed is a note
    return mari, log


def move(desk: Page, name: str) -> None:
    """A move from the bar, or from behind „Veel“."""
    expect(desk.locator(".more summary")).to_be_visible()
    button = desk.locator(".bar").get_by_role("button", name=name, exact=True)
    if not button.is_visible():
        desk.locator(".more summary").click()
    button.click()


def test_it_is_passed_on_with_a_note_and_a_supervisor_takes_it_over(visit: Visit, desk: Page, server: FakeServer) -> None:
    kadri = desk_of(visit, server, "kadri")
    _mari, log = talking(visit, desk, "arve lugu")

    move(desk, "Anna edasi")
    desk.get_by_role("combobox", name="Valige kolleeg").select_option(label="Kadri")
    desk.get_by_role("textbox", name="Mida ta peaks teadma?").fill("Arve on vale")
    desk.locator(".asks").get_by_role("button", name="Anna edasi").click()

    expect(log).to_contain_text("Vestlust jätkab Kadri")
    expect(desk.locator("#talk")).to_contain_text("Edasi antud: Kadri")
    kadri.get_by_role("button", name="Minu").click()
    open_in_desk(kadri, "arve lugu")
    expect(kadri.locator("#talk .log")).to_contain_text("Arve on vale")
    answer(kadri, "Tere, vaatan arve üle.")
    expect(log).to_contain_text("vaatan arve üle")
    expect(log).not_to_contain_text("Arve on vale")

    tiit = desk_of(visit, server, "tiit")
    tiit.get_by_role("button", name=re.compile("^Kõik")).click()
    open_in_desk(tiit, "arve lugu")
    move(tiit, "Võta üle")
    expect(log).to_contain_text("Vestlust jätkab Tiit")
    expect(kadri.locator("#talk .log")).to_contain_text("Tiit võttis vestluse üle, enne oli see Kadri käes")
    expect(kadri.get_by_text("Kliendile vastab Tiit")).to_be_visible()


def test_the_second_to_claim_is_told_who_was_first(visit: Visit, desk: Page, server: FakeServer) -> None:
    kadri = desk_of(visit, server, "kadri")
    mari = visit("/demo")
    open_chat(mari)
    say(mari, "tahan inimesega rääkida, kaks korraga")
    open_in_desk(kadri, "kaks korraga")
    expect(kadri.get_by_role("button", name="Võta vestlus")).to_be_visible()
    kadri.route("**/api/**/stream*", lambda route: route.abort())  # so that the news does not come before the click
    kadri.reload()
    expect(kadri.get_by_role("button", name="Võta vestlus")).to_be_visible()

    claim(desk, "kaks korraga")
    expect(desk.get_by_role("button", name="Anna edasi")).to_be_visible()
    kadri.get_by_role("button", name="Võta vestlus").click()

    expect(kadri.locator("#talk")).to_contain_text("Jaan jõudis ette")


def test_what_is_put_off_comes_back_with_the_customers_word_and_an_end_can_be_taken_back(visit: Visit, desk: Page) -> None:
    mari, log = talking(visit, desk, "ootel lugu")

    move(desk, "Pane ootele")
    desk.get_by_role("button", name="Homme 9.00").click()
    expect(log).to_contain_text("Jaan jätkab teiega hiljem")
    expect(desk.locator(".talk-head")).to_contain_text("Ootele pandud")
    say(mari, "leidsin tšeki üles")
    expect(desk.locator(".talk-head")).to_contain_text("teie käes")

    move(desk, "Lõpeta")
    desk.get_by_role("button", name="Lahendatud").click()
    expect(mari.get_by_text("Vestlus on lõppenud").first).to_be_visible()
    desk.locator(".notice").get_by_role("button", name="Võta samm tagasi").click()
    expect(log).to_contain_text("Vestlust jätkab Jaan")
    answer(desk, "Kas saan veel aidata?")
    expect(log).to_contain_text("Kas saan veel aidata?")


def test_ones_own_last_message_is_put_right_and_taken_back(visit: Visit, desk: Page, server: FakeServer) -> None:
    _mari, log = talking(visit, desk, "hinna lugu")
    answer(desk, "Hind on 20 eurot.")
    expect(log).to_contain_text("Hind on 20 eurot.")

    box = desk.get_by_role("textbox", name="Vastus kliendile")
    box.press("ArrowUp")
    expect(box).to_have_value("Hind on 20 eurot.")
    box.fill("Hind on 24 eurot.")
    box.press("Enter")
    expect(log).to_contain_text("Hind on 24 eurot. (muudetud)")
    expect(desk.locator("#talk .log")).to_contain_text("muudetud")
    expect(log).not_to_contain_text("20 eurot")
    expect(desk.locator("#talk .log")).not_to_contain_text("20 eurot")

    desk.locator(".change").get_by_role("button", name="Võta sõnum tagasi").click()
    desk.locator(".change").get_by_role("button", name="Jah, võta tagasi").click()
    expect(log).to_contain_text("Jaan võttis sõnumi tagasi")
    expect(log).not_to_contain_text("24 eurot")
    tiit = desk_of(visit, server, "tiit")
    tiit.goto(desk.url)
    tiit.locator(".earlier summary").click()
    expect(tiit.locator(".earlier")).to_contain_text("Hind on 24 eurot.")


def test_a_contact_is_asked_for_checked_and_kept_and_disturbs_nobody_who_writes(visit: Visit, desk: Page) -> None:
    mari, log = talking(visit, desk, "kontakti lugu")
    move(desk, "Küsi e-posti")
    expect(log).to_contain_text("Palun saatke siia oma e-posti aadress")
    say(mari, "mari@naide")
    expect(log).to_contain_text("Vaadake palun oma kontakt veel kord üle")
    move(desk, "Anna edasi")
    note = desk.get_by_role("textbox", name="Mida ta peaks teadma?")
    note.fill("Pool lauset")
    say(mari, "mari@naide.ee")
    expect(log).to_contain_text("Teie kontakt on salvestatud")
    expect(desk.locator("#context")).to_contain_text("mari@naide.ee")
    expect(note).to_be_focused()  # what can be done now is more than before, and who writes keeps writing
    expect(note).to_have_value("Pool lauset")


def test_a_colleague_is_called_by_name_and_tags_come_and_go(visit: Visit, desk: Page, server: FakeServer) -> None:
    kadri = desk_of(visit, server, "kadri")
    talking(visit, desk, "kutsumise lugu")

    move(desk, "Lisa märkus")
    note = desk.get_by_role("textbox", name="Märkus, mida näevad ainult kolleegid")
    note.press_sequentially("@Ka")
    expect(desk.get_by_role("option", name="Kadri")).to_be_visible()
    note.press("Enter")
    note.press_sequentially("vaata palun")
    note.press("Enter")
    expect(desk.locator(".message.note")).to_contain_text("@Kadri vaata palun")
    kadri.get_by_role("button", name="Minu").click()
    line = kadri.locator("#lines > li", has_text="kutsumise lugu")
    expect(line).to_contain_text("teid mainiti")
    line.click()
    expect(line).to_be_hidden()

    tag = desk.get_by_role("combobox", name="Lisa silt")
    tag.fill("arve")
    tag.press("Enter")
    expect(desk.locator(".tagging .tag")).to_have_text(["arve"])
    desk.get_by_role("button", name="Eemalda silt arve").click()
    expect(desk.locator(".tagging .tag")).to_have_count(0)


def test_every_action_is_found_by_typing_and_done_by_its_key(visit: Visit, desk: Page) -> None:
    talking(visit, desk, "klahvide lugu")

    desk.keyboard.press("Control+k")
    desk.get_by_role("combobox", name="Tegevused").fill("ootele")
    expect(desk.locator(".palette").get_by_role("option")).to_have_text([re.compile("Pane ootele")])
    desk.keyboard.press("Enter")
    expect(desk.locator(".asks")).to_contain_text("Mis ajani ootele?")
    desk.keyboard.press("Escape")
    expect(desk.locator(".asks")).to_have_count(0)

    desk.locator("#talk .log").focus()
    desk.keyboard.press("e")
    expect(desk.locator(".asks")).to_contain_text("Kuidas see lõppes?")
    expect(desk.get_by_role("button", name="Lahendatud")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator(".notice")).to_contain_text("Lõpetatud: lahendatud.")
    desk.locator("#talk .log").focus()
    desk.keyboard.press("z")
    expect(desk.locator(".talk-head")).to_contain_text("teie käes")


def test_closed_ones_are_found_again(visit: Visit, desk: Page) -> None:
    talking(visit, desk, "šokolaadi lugu")
    move(desk, "Lõpeta")
    desk.get_by_role("button", name="Lahendatud").click()
    expect(desk.locator(".notice")).to_contain_text("Lõpetatud")

    desk.locator(".tabs").get_by_role("button", name="Lõpetatud").click()
    desk.get_by_role("searchbox").fill("ŠOKOLAADI")

    expect(desk.locator("#lines > li")).to_have_count(1)
    desk.get_by_role("searchbox").fill("olematu sõna")
    expect(desk.get_by_text("Selliste sõnadega vestlust ei leidunud.")).to_be_visible()


def test_a_conversation_of_two_thousand_messages_opens_at_its_end_and_goes_back_without_a_jump(visit: Visit, desk: Page, server: FakeServer) -> None:
    mari, _log = talking(visit, desk, "väga pikk lugu")
    kept = mari.evaluate("JSON.parse(localStorage.getItem('abiline:talk'))")
    fill(server, kept["id"], LONG)

    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.reload()
    log = desk.locator("#talk .log")
    expect(log).to_contain_text(f"sõnum {LONG - 1} ")
    expect(log.locator(".message").nth(100)).to_have_count(0)
    assert [url for url in asked if "events?before=" in url] == [], "nothing older is asked for until somebody scrolls up"

    for _ in range(3):
        first = log.locator(".message").first
        words, count = first.inner_text(), log.locator(".message").count()
        log.evaluate("node => { node.scrollTop = 0; }")
        expect(log.locator(".message").nth(count)).to_be_attached()
        expect(log.locator(".message", has_text=words.splitlines()[-1]).first).to_be_in_viewport()
    numbers = log.evaluate("node => [...node.querySelectorAll('[data-number]')].map((one) => Number(one.dataset.number))")
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def fill(server: FakeServer, conversation_id: str, count: int) -> None:
    """Write so many messages straight into the database of the running service."""
    from handoff.conversations import store
    from handoff.conversations.events import Kind
    from handoff.database import Database

    database = Database(f"sqlite:///{server.folder / 'abiline.db'}")
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        for place in range(count):
            store.append(session, row, Kind.MESSAGE, actor="customer", body={"text": f"sõnum {place} "})
    database.close()


def fits(part: Locator) -> bool:
    """Nothing of it is cut off."""
    return bool(part.evaluate("node => node.scrollWidth <= node.clientWidth"))


def test_the_desk_fits_a_phone_and_breaks_no_rule(visit: Visit, desk: Page, server: FakeServer) -> None:
    talking(visit, desk, "telefoni lugu")
    phone = desk_of(visit, server, "jaan", phone=True, dark=True)
    phone.get_by_role("button", name="Minu").click()
    for part in (".topbar", ".topbar nav"):
        comes_to((part, True), lambda part=part: (part, fits(phone.locator(part))), phone)  # type: ignore[misc]
    open_in_desk(phone, "telefoni lugu")
    move(phone, "Pane ootele")
    until(lambda: bool(phone.evaluate("document.documentElement.scrollWidth <= innerWidth")), phone)
    broken = complaints(phone)
    phone.keyboard.press("Escape")
    phone.locator(".more summary").click()
    broken += complaints(phone)
    desk.keyboard.press("Control+k")
    assert broken + complaints(desk) == []


def test_thirty_open_conversations_are_walked_through_by_keys(visit: Visit, desk: Page, server: FakeServer) -> None:
    with httpx.Client(base_url=server.url) as client:
        for place in range(30):
            begun = client.post("/api/widget/conversations", json={}).json()
            sent = {"client_id": f"palju-{place:04}", "text": f"tahan inimesega rääkida number {place}"}
            client.post(f"/api/widget/conversations/{begun['id']}/messages", json=sent, headers={"Authorization": f"Bearer {begun['secret']}"})
    desk.get_by_role("button", name="Ootavad").click()
    expect(desk.locator("#lines > li", has_text="number 29")).to_be_attached()
    desk.locator("#talk").click()
    for _ in range(5):
        desk.keyboard.press("j")
    expect(desk.locator("#lines > li:nth-child(5) a")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Võta vestlus")).to_be_visible()
    desk.keyboard.press("c")
    expect(desk.locator(".talk-head")).to_contain_text("teie käes")
