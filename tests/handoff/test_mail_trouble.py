"""A box with broken letters in it, and a mail server that hangs or talks nonsense: nothing stops for it, nothing is lost, and the operator sees it."""

from __future__ import annotations

import asyncio
import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from handoff.conversations import boxes
from handoff.conversations.arriving import Arrivals
from handoff.conversations.shelf import Shelf
from handoff.database import Database
from handoff.email.box import Box, BoxError
from handoff.email.collector import Collector
from tests import dovecot
from tests.dovecot import Dovecot
from tests.handoff import talk
from tests.handoff.arriving import arrivals_of, conversations, mailing_house
from tests.handoff.mails import BOX, mail, winmail

GREETING = b"* OK Tere\r\n"
BROKEN = {
    "cut": b"From: mari@naide.ee\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nPoolik kiri",
    "no-boundary": b"From: mari@naide.ee\r\nContent-Type: multipart/mixed\r\n\r\nPiirita kiri",
    "no-address": b"From: <<<>>>\r\nTo: \x80\x81\r\n\r\nAadressita kiri",
    "nested": b"From: mari@naide.ee\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 20 + b"sisu",
    "forged-date": b"From: mari@naide.ee\r\nDate: eile\r\nMessage-ID: <>\r\nIn-Reply-To: <\xff>\r\n\r\nKuupaevata kiri",
}


@pytest.fixture
def arrivals(database: Database, shelf: Shelf, tmp_path: Path) -> Arrivals:
    return arrivals_of(database, shelf, mailing_house(tmp_path))


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    path = dovecot.program()
    if path is None:
        pytest.skip("there is no Dovecot: `make dovecot` gets it from Debian's packages")
    with Dovecot(path) as started:
        yield started


@contextmanager
def bad_server(says: bytes, *, hangs: bool) -> Iterator[str]:
    """Says this to whoever comes, and then nothing, or hangs up; gives the address of a box there."""
    over = Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(says)
            if hangs:
                over.wait(60)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as served:
        thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"imap://tugi:saladus@127.0.0.1:{served.server_address[1]}/INBOX"
        over.set()
        served.shutdown()
        thread.join()


def test_broken_letters_hold_up_no_other(server: Dovecot, database: Database, arrivals: Arrivals) -> None:
    wrapped = mail("", subject="Outlook", message_id="<w@naide.ee>")
    wrapped.add_attachment(winmail("arve.txt", b"arve", "Siin on arve."), maintype="application", subtype="ms-tnef", filename="winmail.dat")
    torn = mail("Katkise failiga.", message_id="<t@naide.ee>")
    torn.add_attachment(b"\x78\x9f\x3e\x22 katki", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    box = server.mailbox()
    for raw in (*BROKEN.values(), wrapped.as_bytes(), torn.as_bytes(), mail("Terve kiri.", message_id="<9@naide.ee>").as_bytes()):
        box.append(raw, "INBOX")
    box.logout()
    for _ in range(2):  # after a restart, too
        with Box(server.url).open() as opened:
            for row in boxes.standing(database):
                boxes.release(database, row.id, row.held_by or "")
            Collector(database, Box(server.url), arrivals, ours={BOX}, most=10**6, changed=lambda _id: None).look(opened)
    box = server.mailbox()
    unread = box.uids("UNSEEN")
    box.logout()
    assert unread == []
    talks = [talk.texts(database, row.id, "customer") for row in conversations(database)]
    assert len(talks) == len(BROKEN) + 3
    said = [text for texts in talks for text in texts]
    for words in ("Poolik kiri", "Piirita kiri", "Aadressita kiri", "Kuupaevata kiri", "Siin on arve.", "Katkise failiga.", "Terve kiri."):
        assert said.count(words) == 1


@pytest.mark.parametrize(
    ("says", "hangs"),
    [(b"", True), (GREETING, True), (b"* OK", True), (b"", False), (GREETING, False), (b"220 See on hoopis SMTP\r\n", True)],
    ids=["silent", "greets and hangs", "hangs in the middle", "hangs up", "greets and hangs up", "another protocol"],
)
def test_a_server_that_is_ill_is_a_problem_and_holds_for_no_longer_than_its_time(says: bytes, hangs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.email.box.TIMEOUT_SECONDS", 0.5)
    with bad_server(says, hangs=hangs) as url, pytest.raises(BoxError), Box(url).open():
        pass


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  (a thread of its own writes it down: nothing tells)
            await asyncio.sleep(0.05)


async def test_a_running_house_shows_a_server_that_hangs_and_stops_when_it_is_told(
    database: Database, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handoff.email.box.TIMEOUT_SECONDS", 0.5)
    with bad_server(GREETING, hangs=True) as url:
        running = asyncio.create_task(Collector(database, Box(url), arrivals, ours={BOX}, most=10**6, changed=lambda _id: None).run())
        await until(lambda: any(row.problem for row in boxes.standing(database)))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    (row,) = boxes.standing(database)
    assert (row.problem, row.read_at) == ("TimeoutError", None)
    assert row.failing_since is not None
