"""Who is this, and where does my matter stand: a code goes by letter and is typed into the chat; the customer follows the matter on a page of their own."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import PATIENCE_MS, until
from tests.browser.test_desk_moves import desk_of, move, talking
from tests.browser.test_story import claim, open_in_desk, say
from tests.ports import free_port

pytestmark = pytest.mark.browser

ADDRESS = "mari@naide.ee"


class Postman:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.letters: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        plain = message.get_body(("plain",))
        assert plain is not None
        self.letters.append(f"{message['To']}\n{message['Subject']}\n{plain.get_content()}")
        return "250 OK"

    def letter(self, to: str, words: str, page: Page) -> str:
        """The newest letter to somebody with these words, once it has come."""

        def found() -> list[str]:
            return [one for one in self.letters if one.startswith(to) and words in one]

        until(lambda: bool(found()), page)
        return found()[-1]


@pytest.fixture(scope="module")
def postman() -> Iterator[tuple[Postman, int]]:
    port = free_port()
    made = Postman()
    controller = Controller(made, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE_MS / 1000)
    controller.start()
    yield made, port
    controller.stop()


@pytest.fixture(scope="module")
def server(postman: tuple[Postman, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """A house that sends mail. Understanding is not what is looked at here."""
    made = FakeServer(tmp_path_factory.mktemp("abiline"), smtp_url=f"smtp://127.0.0.1:{postman[1]}", mail_from="tugi@kodukaup.example")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def post(postman: tuple[Postman, int]) -> Postman:
    return postman[0]


def press(desk: Page, key: str) -> None:
    """A key of the desk, from the log."""
    desk.locator("#talk .log").focus()
    desk.keyboard.press(key)


def link_in(letter: str) -> str:
    """The path of the matter's page."""
    found = re.search(r"/asi/\S+", letter)
    assert found is not None
    return found.group()


def test_a_code_by_letter_tells_who_it_is_and_is_seen_nowhere(visit: Visit, desk: Page, post: Postman) -> None:
    form = visit("/contact")
    form.fill("#text", "Kas arve on tulnud?")
    form.fill("#contact", ADDRESS)
    form.locator("button.primary").click()
    expect(form.get_by_role("link", name="Vaata, kus asi on")).to_be_visible()  # so her address is on file

    mari, log = talking(visit, desk, "koodi lugu")
    known = desk.locator("#context .part").filter(has_text="Kes see on?")
    expect(known).to_contain_text("Klient on tuvastamata")
    move(desk, "Küsi e-posti")
    expect(log).to_contain_text("Palun saatke siia oma e-posti aadress")
    say(mari, ADDRESS)
    expect(known.get_by_role("button", name="Saada kood")).to_be_visible()
    press(desk, "i")
    expect(log).to_contain_text("m•••@naide.ee")
    code = re.search(r"\d{3} \d{3}", post.letter(ADDRESS, "Teie kood", mari))
    assert code is not None
    say(mari, "000 000" if code.group() != "000 000" else "111 111")
    expect(log).to_contain_text("Katseid on alles: 4")
    say(mari, code.group())
    expect(log).to_contain_text("Aitäh, kood klapib.")

    expect(known).to_contain_text("tuvastatud")
    expect(known).to_contain_text("Sisestas koodi, mis saadeti varem teada olnud e-posti aadressile")
    expect(desk.locator("#lines > li", has_text="••••••")).to_contain_text("tuvastatud")
    for page in (mari, desk):
        expect(page.get_by_text(code.group())).to_have_count(0)
        expect(page.get_by_text(code.group().replace(" ", ""))).to_have_count(0)
    assert complaints(desk) == []


def test_an_agents_own_check_is_marked_by_a_key_and_taken_back(visit: Visit, desk: Page, server: FakeServer) -> None:
    talking(visit, desk, "kontrolli lugu")
    press(desk, "v")
    expect(desk.get_by_role("button", name="Tellimuse number ja nimi")).to_be_focused()
    assert complaints(desk) == []
    own = desk.get_by_role("textbox", name="Muu kontroll")
    own.fill("Nägin dokumenti poes")
    own.press("Enter")
    expect(desk.locator("#context")).to_contain_text("Kontrollis Jaan: Nägin dokumenti poes")
    expect(desk.locator("#talk .log")).to_contain_text("Jaan tegi kindlaks, kes klient on: Nägin dokumenti poes")

    kadri = desk_of(visit, server, "kadri", phone=True, dark=True)
    kadri.get_by_role("button", name=re.compile("^Kõik")).click()
    expect(kadri.locator("#lines > li", has_text="kontrolli lugu")).to_contain_text("tuvastatud")
    open_in_desk(kadri, "kontrolli lugu")
    kadri.get_by_role("button", name="Taust").click()
    expect(kadri.locator("#context")).to_contain_text("Kontrollis Jaan")
    assert complaints(kadri) == []

    desk.get_by_role("button", name="Võta tuvastus tagasi").click()
    expect(desk.locator("#context")).to_contain_text("Klient on tuvastamata")


def test_mari_follows_her_matter_from_the_first_notice_to_all_is_well(visit: Visit, desk: Page) -> None:
    _mari, log = talking(visit, desk, "kus mu lamp on?")
    press(desk, "a")
    desk.get_by_role("button", name="Ootame tarnijat").click()
    expect(desk.locator("#talk")).to_contain_text("Klient teab nüüd: Ootame tarnijat.")
    expect(log).to_contain_text("Kus teie asi on: ootame tarnijat.")
    path = link_in(log.locator("a[href*='/asi/']").inner_text())

    page = visit(path, phone=True, dark=True)
    expect(page.get_by_text("Ootame tarnijat").first).to_be_visible()
    expect(page.get_by_text("kus mu lamp on?")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("textbox", name="Teie sõnum").fill("Tellisin selle 3. novembril.")
    page.get_by_role("button", name="Saada").click()
    expect(page.get_by_role("status")).to_contain_text("Aitäh, saime kätte!")
    expect(desk.locator("#talk .log")).to_contain_text("Tellisin selle 3. novembril.")
    expect(log).to_contain_text("Tellisin selle 3. novembril.")

    press(desk, "e")
    desk.locator(".asks").get_by_role("button", name="Lahendatud").click()
    expect(log).to_contain_text("Kus teie asi on: lahendatud.")
    page.goto(page.url.partition("?")[0] + "?lang=en")
    expect(page.get_by_role("heading", name="Is everything all right now?")).to_be_visible()
    page.get_by_role("button", name="Something is still open").click()
    expect(page.get_by_role("status")).to_contain_text("before the others")
    assert complaints(page) == []
    expect(desk.locator("#talk .log")).to_contain_text("Kliendi sõnul jäi midagi veel")


def test_a_ticket_is_told_by_letter_and_a_new_link_ends_the_old(visit: Visit, desk: Page, server: FakeServer, post: Postman) -> None:
    form = visit("/contact")
    form.fill("#text", "Kas saaksin uue arve, vana läks kaduma?")
    form.fill("#contact", "tiina@naide.ee")
    form.fill("#name", "Tiina Kask")
    form.locator("button.primary").click()
    first = link_in(post.letter("tiina@naide.ee", "Saime teie küsimuse kätte", form))
    page = visit(first)
    expect(page.get_by_role("heading", name="Tere, Tiina!")).to_be_visible()
    assert complaints(page) == []
    assert "Kask" not in page.content()

    claim(desk, "uue arve")
    press(desk, "a")
    expect(desk.locator(".asks")).to_contain_text("Klient saab teate vestlusesse ja e-postile.")
    desk.get_by_role("button", name="Võtsime töösse").click()
    expect(desk.locator("#context")).to_contain_text("Võtsime töösse")
    assert link_in(post.letter("tiina@naide.ee", "Võtsime töösse", page)) == first
    desk.get_by_role("button", name="Tee uus link").click()
    expect(desk.locator("#talk .notice")).to_contain_text("vana enam ei avane")
    page.goto(server.url + first)
    expect(page.get_by_role("heading", name="Siin pole midagi näidata")).to_be_visible()
    assert complaints(page) == []
