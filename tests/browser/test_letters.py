"""A letter's whole way in real Chromium: from a real mail box to Jaan's desk, his answer by a real mail server, and the word that it did not arrive."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import dovecot
from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import until
from tests.browser.test_story import answer, claim, open_in_desk
from tests.dovecot import Dovecot
from tests.handoff import files
from tests.handoff.letters_house import html, plain
from tests.handoff.mails import BOX, MARI, bounce, mail
from tests.handoff.post import Post, listening

pytestmark = pytest.mark.browser

TEMPLATES = Path(__file__).parents[2] / "handoff" / "templates"
LETTER_SECONDS = 120  # twenty in which Jaan could take his words back, and then a machine that has much else to do
FOOT = "Kodukaup OÜ, Aia 7, Tartu"
WORDS = """Tere!

Tellisin eile kolm tahvlit šokolaadi ja pakis oli kaks. Arve on kirjaga kaasas.

--\x20
Mari Maasikas
Maasikas & Pojad OÜ

E, 16. november 2026 kell 10:12 kirjutas Kodukaup:
> Teie pakk on teel.
> Jälgimise kood on CC123456785EE."""


@pytest.fixture(scope="module")
def box() -> Iterator[Dovecot]:
    path = dovecot.program()
    if path is None:
        pytest.skip("there is no Dovecot: `make dovecot` gets it from Debian's packages")
    with Dovecot(path) as started:
        yield started


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    """The mail server that our letters go to; the desk's own fixture lasts for one test only."""
    with listening() as started:
        yield started


@pytest.fixture(scope="module")
def server(box: Dovecot, post: Post, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """A house with a box, a mail server, and letters of its own look."""
    folder = tmp_path_factory.mktemp("abiline")
    own = folder / "kirjad"
    own.mkdir()
    for name, end in (("answer_letter.txt", f"\n{FOOT}\n"), ("answer_letter.html", f"<p>{FOOT}</p>")):
        (own / name).write_text((TEMPLATES / name).read_text(encoding="utf-8") + end, encoding="utf-8")
    made = FakeServer(folder, smtp_url=post.url, mail_from=BOX, imap_url=box.url, mail_templates=str(own), company="Kodukaup")
    made.start()
    yield made
    made.stop()


def put(box: Dovecot, made: EmailMessage | bytes) -> None:
    opened = box.mailbox()
    opened.append(made if isinstance(made, bytes) else made.as_bytes(), "INBOX")
    opened.logout()


def marys(number: int, text: str = WORDS) -> EmailMessage:
    """Her letter with a bill."""
    made = mail(text, subject=f"Pakist on puudu ({number})", message_id=f"<{number}@naide.ee>")
    made.add_attachment(files.PDF, maintype="application", subtype="pdf", filename="arve.pdf")
    return made


def letter(post: Post, page: Page, holds: Callable[[EmailMessage], bool]) -> EmailMessage:
    """The letter that left, once it has."""
    deadline = time.monotonic() + LETTER_SECONDS
    while not (found := [one for one in post.got if holds(one)]) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert len(found) == 1, [str(one["Subject"]) for one in post.got]
    return found[0]


def test_a_letter_comes_to_the_desk_its_answer_leaves_in_its_thread_and_a_bounce_is_shown(desk: Page, box: Dovecot, post: Post) -> None:
    put(box, marys(1))
    open_in_desk(desk, "kolm tahvlit")
    talk = desk.locator("#talk")
    expect(talk.get_by_text("Pakist on puudu (1)").first).to_be_visible()
    expect(talk.get_by_text("Arve on kirjaga kaasas.")).to_be_visible()
    for title, inside in (("Allkiri", "Maasikas & Pojad"), ("Varasem kirjavahetus", "CC123456785EE")):
        expect(talk.get_by_text(inside)).to_be_hidden()
        talk.locator("summary", has_text=title).click()
        expect(talk.get_by_text(inside)).to_be_visible()
    with desk.expect_download() as saved:
        talk.get_by_role("link", name=re.compile("arve.pdf")).click()
    assert Path(saved.value.path()).read_bytes() == files.PDF
    letter(post, desk, lambda one: one["In-Reply-To"] == "<1@naide.ee>" and "Auto-Submitted" in one)  # „we have got it“

    claim(desk, "kolm tahvlit")
    answer(desk, "Tere, Mari! Kolmas tahvel jõuab homme.")
    expect(talk.get_by_text("Kolmas tahvel jõuab homme.")).to_be_visible()
    expect(talk.get_by_text("CC123456785EE")).to_be_visible()  # what was unfolded before the claim
    answered = letter(post, desk, lambda one: "Kolmas tahvel" in plain(one))
    expect(talk.get_by_text("Saadetud kirjaga", exact=True)).to_be_visible(timeout=LETTER_SECONDS * 1_000)
    for what in ("Muuda", "Võta sõnum tagasi"):
        expect(talk.get_by_role("button", name=what, exact=True)).to_have_count(0)
    assert (answered["To"], answered["Subject"]) == (MARI, "Re: Pakist on puudu (1)")
    assert (answered["In-Reply-To"], answered["References"].split()[0]) == ("<1@naide.ee>", "<1@naide.ee>")
    assert re.fullmatch(r"<[^<>\s]+@kodukaup\.example>", answered["Message-ID"])
    assert "Auto-Submitted" not in answered
    assert FOOT in plain(answered)
    assert FOOT in html(answered)

    put(box, mail("Aitäh, ootan!", message_id="<2@naide.ee>", References=answered["Message-ID"]))
    expect(talk.get_by_text("Aitäh, ootan!")).to_be_visible()
    put(box, bounce(answered["Message-ID"]))
    expect(talk.get_by_text("Kiri ei jõudnud kohale: sellist aadressi ei ole")).to_be_visible()
    assert complaints(desk) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_letter_is_read_on_a_phone(visit: Visit, box: Dovecot, dark: bool) -> None:
    put(box, marys(3 + dark, f"Kirjutan telefonist, lugu {3 + dark}.\n\n--\x20\nMari"))
    desk = visit("/desk", login="kadri", phone=True, dark=dark)
    open_in_desk(desk, f"Kirjutan telefonist, lugu {3 + dark}")
    talk = desk.locator("#talk")
    expect(talk.get_by_role("link", name=re.compile("arve.pdf"))).to_be_visible()
    expect(talk.locator("summary", has_text="Allkiri")).to_be_visible()
    until(lambda: desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, desk)
    assert complaints(desk) == []
