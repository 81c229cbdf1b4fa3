"""Letters of fifty megabytes, whole: by a real SMTP server into a real box and from there to the desk. None is lost, and no process grows by them."""

from __future__ import annotations

import os
import resource
import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import EventRow
from handoff.database import Database
from handoff.email.box import Box
from handoff.email.collector import Collector
from handoff.outbox import OutboxRow
from tests import dovecot
from tests.dovecot import Dovecot
from tests.handoff.arriving import arrivals_of, mailing_house
from tests.handoff.mails import BOX, mail
from tests.own_process import ended
from tests.ports import free_port

pytestmark = [pytest.mark.load, pytest.mark.timeout(600)]

MEGABYTE = 1_000_000
MOST = 30 * MEGABYTE  # as a house has it that says nothing else
HUGE, LARGE = 37 * MEGABYTE, 18 * MEGABYTE  # bytes of a file; in a letter they take a third more: over fifty, and under `MOST`
WHOLE = LARGE * 4 // 3  # such a letter: as bytes, as text, taken apart, and again while the next one comes


class Carrier:
    """A mail server that puts what it gets into the box, as a provider's does."""

    def __init__(self, box: Dovecot) -> None:
        self._box = box

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        opened = self._box.mailbox()
        opened.append(envelope.content, "INBOX")
        opened.logout()
        return "250 OK"


@pytest.fixture
def box() -> Iterator[Dovecot]:
    path = dovecot.program()
    if path is None:
        pytest.skip("there is no Dovecot: `make dovecot` gets it from Debian's packages")
    with Dovecot(path) as started:
        yield started


def send(port: int, number: int, size: int) -> None:
    """By SMTP, as Mari's provider does."""
    made = mail(f"Video number {number} katkisest tassist.", message_id=f"<{number}@naide.ee>")
    made.add_attachment(os.urandom(size), maintype="video", subtype="mp4", filename=f"tass-{number}.mp4")
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.send_message(made)


def grown_by(database: Database, folder: Path, url: str) -> int:
    """In a process of its own: look through the box; gives the bytes by which the process has grown meanwhile."""
    assert ended(look_and_weigh, url, database.engine.url.render_as_string(hide_password=False), folder) == 0
    return int((folder / "grown").read_text())


def look_and_weigh(url: str, database_url: str, folder: Path) -> None:
    """In that process."""
    database = Database(database_url)
    takes = arrivals_of(database, Shelf(folder / "attachments", database.vault), mailing_house(folder))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Box(url).open() as opened:
        Collector(database, Box(url), takes, ours={BOX}, most=MOST, changed=lambda _id: None).look(opened)
    (folder / "grown").write_text(str((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024))


@pytest.mark.parametrize(
    ("size", "why", "most"),
    [(HUGE, "letter_too_large", 30 * MEGABYTE), (LARGE, "file_too_large", 10 * WHOLE)],
    ids=["over what is read whole", "read whole"],
)
def test_each_is_a_conversation_its_writer_is_told_and_memory_holds_one_of_them_at_most(
    box: Dovecot, database: Database, shelf: Shelf, tmp_path: Path, size: int, why: str, most: int
) -> None:
    port = free_port()
    controller = Controller(Carrier(box), hostname="127.0.0.1", port=port, ready_timeout=60, data_size_limit=60 * MEGABYTE)
    controller.start()
    try:
        for number in range(3):
            send(port, number, size)
    finally:
        controller.stop()
    grown = grown_by(database, tmp_path, box.url)
    print(f"\n{size // MEGABYTE} MB thrice: grown by {grown // MEGABYTE} MB")
    with database.read() as session:
        came = [row.body for row in session.scalars(select(EventRow).where(EventRow.kind == "message", EventRow.actor == "customer"))]
        told = session.scalars(select(OutboxRow.key)).all()
    assert sorted(body["text"] for body in came) == [f"Video number {number} katkisest tassist." for number in range(3)]
    assert sorted(body["left_out"][0]["name"] for body in came) == [f"tass-{number}.mp4" for number in range(3)]
    assert {body["left_out"][0]["why"] for body in came} == {why}
    assert len([key for key in told if key.startswith("left-out:")]) == 3
    assert grown < most
    opened = box.mailbox()
    assert len(opened.uids()) == 3, "the whole of each is in the box"
    opened.logout()
