"""A real box is read: each letter is one message, whoever is killed when; and a real mail server carries what is answered."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from handoff.conversations import agents, boxes, posting
from handoff.conversations.agents import Holder
from handoff.conversations.arriving import Arrivals
from handoff.conversations.posting import Rules
from handoff.conversations.shelf import Shelf
from handoff.database import Database
from handoff.email.box import Box, BoxError, OpenBox
from handoff.email.collector import BEGINNING, Collector
from handoff.letters import Letters
from handoff.mail import Mailer
from handoff.settings import Settings
from tests import dovecot
from tests.dovecot import Dovecot
from tests.handoff import talk
from tests.handoff.arriving import arrivals_of, conversations, letters_owed, mailing_house
from tests.handoff.mails import BOX, bounce, mail
from tests.handoff.post import Post, outbox
from tests.own_process import ended

MOST = 2_000_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return mailing_house(tmp_path)


@pytest.fixture
def arrivals(database: Database, shelf: Shelf, settings: Settings) -> Arrivals:
    return arrivals_of(database, shelf, settings)


STEPS: dict[str, object] = {"box": OpenBox, "arrivals": Arrivals, "boxes": boxes}


def look_and_die(url: str, database_url: str, folder: Path, step: tuple[str, str, str]) -> None:
    """In a process of its own: everything is opened anew, and at this step it is killed as by `kill -9`."""
    where, name, when = step
    owner, after = STEPS[where], when == "after"
    done: Callable[..., object] = getattr(owner, name)

    def killed(*given: object, **named: object) -> None:
        if after:
            done(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, killed)
    database = Database(database_url)
    look(url, database, arrivals_of(database, Shelf(folder / "attachments", database.vault), mailing_house(folder)), changed=lambda _id: None)


def look(url: str, database: Database, arrivals: Arrivals, changed: Callable[[str], None]) -> int | None:
    """As a collector does that has just started."""
    with Box(url).open() as opened:
        found = Collector(database, Box(url), arrivals, ours={BOX}, most=MOST, changed=changed)
        boxes.release(database, Box(url).id, holder(database))
        return found.look(opened)


def holder(database: Database) -> str:
    rows = boxes.standing(database)
    return rows[0].held_by or "" if rows else ""


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    path = dovecot.program()
    if path is None:
        pytest.skip("there is no Dovecot: `make dovecot` gets it from Debian's packages")
    with Dovecot(path) as started:
        yield started


class Collecting:
    """A collector and the box it reads."""

    def __init__(self, server: Dovecot, database: Database, arrivals: Arrivals) -> None:
        self.server, self.database, self.arrivals = server, database, arrivals
        self.changed: list[str] = []
        with self.owner() as box:
            box.delete(box.uids())

    @contextmanager
    def owner(self) -> Iterator[Any]:
        box = self.server.mailbox()
        yield box
        box.logout()

    def put(self, made: EmailMessage | bytes) -> None:
        with self.owner() as box:
            box.append(made if isinstance(made, bytes) else made.as_bytes(), "INBOX")

    def unread(self) -> int:
        with self.owner() as box:
            return len(box.uids("UNSEEN"))

    @property
    def collector(self) -> Collector:
        """A fresh one, as after a restart."""
        box = Box(self.server.url)
        return Collector(self.database, box, self.arrivals, ours={BOX}, most=MOST, changed=self.changed.append)

    def look(self) -> int | None:
        return look(self.server.url, self.database, self.arrivals, self.changed.append)


@pytest.fixture
def collecting(server: Dovecot, database: Database, arrivals: Arrivals) -> Collecting:
    return Collecting(server, database, arrivals)


def test_what_comes_into_the_box_is_in_the_desk_and_marked_as_read(collecting: Collecting) -> None:
    collecting.put(mail())
    collecting.put(mail("Teine asi.", message_id="<2@naide.ee>"))
    assert collecting.look() == 2
    assert collecting.look() == 0
    assert [talk.texts(collecting.database, row.id, "customer") for row in conversations(collecting.database)] == [["Kus mu šokolaad on?"], ["Teine asi."]]
    assert (collecting.unread(), len(collecting.changed)) == (0, 2)
    (row,) = boxes.standing(collecting.database)
    assert (row.taken, row.problem, row.read_at is not None) == (2, None, True)


def test_what_a_person_opened_in_the_box_is_taken_all_the_same(collecting: Collecting) -> None:
    collecting.put(mail())
    collecting.look()
    collecting.put(mail("Loetud mujal.", message_id="<2@naide.ee>"))
    with collecting.owner() as box:
        box.flag(box.uids("UNSEEN"), "\\Seen", value=True)
    collecting.look()
    assert len(conversations(collecting.database)) == 2


@pytest.mark.parametrize(
    "step",
    [
        ("box", "fetch", "before"),
        ("box", "fetch", "after"),
        ("arrivals", "take", "before"),
        ("arrivals", "take", "after"),
        ("box", "is_done", "before"),
        ("box", "is_done", "after"),
        ("boxes", "note_read", "before"),
    ],
    ids=" ".join,
)
def test_killed_between_any_two_steps_each_letter_is_one_message(collecting: Collecting, tmp_path: Path, step: tuple[str, str, str]) -> None:
    collecting.put(mail())
    collecting.put(mail("Teine asi.", message_id="<2@naide.ee>"))
    died = ended(look_and_die, collecting.server.url, collecting.database.engine.url.render_as_string(hide_password=False), tmp_path, step)
    assert died == -signal.SIGKILL
    collecting.look()
    assert sorted(text for row in conversations(collecting.database) for text in talk.texts(collecting.database, row.id, "customer")) == [
        "Kus mu šokolaad on?",
        "Teine asi.",
    ]
    assert collecting.unread() == 0


async def until(holds: Callable[[], bool]) -> None:
    """Look again until it does; the test's own limit ends what never does."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  (the box is another program's: nothing tells)
            await asyncio.sleep(0.05)


async def test_a_running_house_takes_what_comes_and_lets_the_box_go_when_it_stops(collecting: Collecting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.email.collector.WAIT_SECONDS", 3600.0)  # without the server's word nothing comes in this test's time
    running = asyncio.create_task(collecting.collector.run())
    await until(lambda: any(one.read_at for one in boxes.standing(collecting.database)))
    for number in range(1, 5):  # as soon as one is taken: some come before the house listens again
        collecting.put(mail(message_id=f"<{number}@naide.ee>"))  # the server tells of it (IDLE)
        await until(lambda wanted=number: collecting.unread() == 0 and len(conversations(collecting.database)) == wanted)  # type: ignore[misc]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (row,) = boxes.standing(collecting.database)
    assert row.held_by is None  # another process may read at once


async def test_the_whole_way_there_and_back(collecting: Collecting, post: Post, jaan: Holder, settings: Settings) -> None:
    """Mari writes, Jaan answers, her mail program replies, and all of it is one conversation."""
    database = collecting.database
    posting.keep_rules(database, Rules(settles=timedelta()))
    collecting.put(mail("Kus mu šokolaad on?", subject="Tellimus"))
    collecting.look()
    (ticket,) = (row.id for row in conversations(database))
    agents.claim(database, ticket, jaan)
    agents.answer(database, ticket, jaan, client_id="jaan-0001", text="Tere, Mari! Pakk jõuab homme.")
    deliveries = outbox(database, Mailer(post.url, sender=BOX, name="Kodukaup"), letters=Letters(settings))
    while await deliveries.deliver_one():
        pass
    answered = next(letter for letter in post.got if "Auto-Submitted" not in letter)
    assert (answered["Subject"], answered["In-Reply-To"]) == ("Re: Tellimus", "<1@naide.ee>")
    reply = mail(
        "Aitäh!\n\nE, 16. november 2026 kell 10:12 kirjutas Kodukaup:\n> Pakk jõuab homme.", message_id="<2@naide.ee>", References=answered["Message-ID"]
    )
    collecting.put(reply)
    collecting.put(bounce(answered["Message-ID"]))
    collecting.look()
    assert [row.id for row in conversations(database)] == [ticket]
    assert talk.texts(database, ticket, "customer") == ["Kus mu šokolaad on?", "Aitäh!"]
    assert talk.events(database, ticket)[-1].kind == "bounced"


def test_one_process_reads_and_another_waits(collecting: Collecting) -> None:
    collecting.put(mail())
    first, second = collecting.collector, collecting.collector
    with Box(collecting.server.url).open() as opened:
        assert first.look(opened) == 1
        assert second.look(opened) is None


def test_a_letter_of_fifty_megabytes_is_read_in_its_words_and_its_writer_told(collecting: Collecting) -> None:
    made = mail("Siin on video katkisest tassist.")
    made.add_attachment(b"\0" * (MOST + 10_000), maintype="video", subtype="mp4", filename="tass.mp4")
    collecting.put(made)
    collecting.look()
    (row,) = conversations(collecting.database)
    event = next(event for event in talk.events(collecting.database, row.id) if event.kind == "message")
    assert event.body["text"] == "Siin on video katkisest tassist."
    assert event.body["left_out"] == [{"name": "tass.mp4", "why": "letter_too_large"}]
    assert event.body["cut"]
    assert letters_owed(collecting.database) == ["received", "left-out"]
    with collecting.owner() as box:
        assert len(box.uids()) == 1  # the whole of it is in the box


def test_between_the_beginning_and_the_most_a_letter_is_whole(collecting: Collecting) -> None:
    made = mail()
    made.add_attachment("õ" * BEGINNING, subtype="plain", filename="logi.txt")
    collecting.put(made)
    collecting.look()
    (row,) = conversations(collecting.database)
    event = next(event for event in talk.events(collecting.database, row.id) if event.kind == "message")
    assert [file["name"] for file in event.body["files"]] == ["logi.txt"]


def test_taken_letters_can_leave_the_box(collecting: Collecting) -> None:
    collecting.put(mail())
    box = Box(collecting.server.url, done="delete")
    collector = Collector(collecting.database, box, collecting.arrivals, ours={BOX}, most=MOST, changed=collecting.changed.append)
    with box.open() as opened:
        collector.look(opened)
    with collecting.owner() as owner:
        assert owner.uids() == []
    assert len(conversations(collecting.database)) == 1


def test_a_box_that_is_away_is_seen_by_the_operator(database: Database) -> None:
    box = Box("imap://tugi:saladus@127.0.0.1:9/INBOX")
    with pytest.raises(BoxError, match="ConnectionRefused"), box.open():
        pass
    boxes.note_problem(database, box.id, "ConnectionRefusedError")
    (row,) = boxes.standing(database)
    assert (row.problem, row.failing_since is not None, row.read_at) == ("ConnectionRefusedError", True, None)


def test_a_wrong_password_is_a_problem_and_no_crash(server: Dovecot) -> None:
    with pytest.raises(BoxError), Box(server.url.replace(dovecot.PASSWORD, "vale")).open():
        pass
