"""The power goes, at any moment: what was acknowledged is on the disk, and the file opens. A file that is broken nevertheless is found at the start.

A cut is played on copies of the database's files. What SQLite has waited for (`synchronous=FULL`) is on the disk; of what was written after that
any part may be, up to a torn page, in the write-ahead log and, while a checkpoint copies pages back, in the file itself.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

import handoff.migrate  # noqa: F401  (registers every table)
from handoff import unfit
from handoff.conversations import service, store
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database, Table, new_id
from handoff.errors import SettingsError

MOMENTS = 6
PAGE = 4096


class Desk:
    """Somebody writes, and remembers what was acknowledged. Its files can be copied as a power cut would leave them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "abiline.db"
        self.log = self.path.with_name("abiline.db-wal")
        self.database = Database(f"sqlite:///{self.path}")
        Table.metadata.create_all(self.database.engine)
        self.conversation = service.start(self.database, greeting="Tere!").conversation_id
        self.kept: list[str] = []
        self.synced = self.log.stat().st_size

    def say(self) -> None:
        words = f"sõnum {len(self.kept)} " + "šokolaad " * 40
        service.say(self.database, self.conversation, client_id=new_id(), text=words)
        self.kept.append(words.strip())
        self.synced = self.log.stat().st_size

    def note(self) -> None:
        """What may be lost: it does not wait for the disk."""
        with self.database.note() as session:
            store.conversation(session, self.conversation, lock=True).seen_by_customer += 1

    def after_the_cut(self, folder: Path) -> Path:
        folder.mkdir()
        shutil.copy(self.path, folder)
        shutil.copy(self.log, folder)
        return folder / "abiline.db"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.database.close()


def said_after(path: Path, conversation: str) -> list[str]:
    """What stands in the copy, once the start has looked through it."""
    assert unfit.look_through(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    try:
        with database.read() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            rows = session.scalars(select(EventRow).where(EventRow.conversation_id == conversation).order_by(EventRow.number)).all()
            assert [row.number for row in rows] == list(range(1, session.get_one(ConversationRow, conversation).last_number + 1))
            return [row.body["text"] for row in rows if row.actor == "customer"]
    finally:
        database.close()


@pytest.mark.parametrize("tail", ["gone", "torn", "garbage"])
def test_whatever_becomes_of_what_was_not_waited_for_nothing_acknowledged_is_lost(desk: Desk, tmp_path: Path, tail: str) -> None:
    chance = random.Random(7)
    for moment in range(MOMENTS):
        desk.say()
        durable, kept = desk.synced, list(desk.kept)
        desk.note()
        path = desk.after_the_cut(tmp_path / f"cut-{moment}")
        with path.with_name("abiline.db-wal").open("r+b") as log:
            written = log.seek(0, 2)
            assert written >= durable
            cut = chance.randint(durable, written) if tail == "torn" else durable
            log.truncate(cut)
            if tail == "garbage":
                log.seek(0, 2)
                log.write(chance.randbytes(PAGE * 2))
        assert said_after(path, desk.conversation) == kept


def test_a_cut_in_the_middle_of_a_checkpoint_loses_nothing_either(desk: Desk, tmp_path: Path) -> None:
    chance = random.Random(11)
    for moment in range(MOMENTS):
        for _ in range(3):
            desk.say()
        path = desk.after_the_cut(tmp_path / f"cut-{moment}")
        desk.database.tidy()
        copied_back = desk.path.read_bytes()
        with path.open("r+b") as file:
            size = file.seek(0, 2)
            file.truncate(max(size, len(copied_back)))
            for place in range(0, len(copied_back), PAGE):
                if chance.random() < 0.5:  # any pages may have arrived, one of them by half
                    file.seek(place)
                    file.write(copied_back[place : place + chance.choice((PAGE, PAGE, PAGE // 2))])
        assert said_after(path, desk.conversation) == desk.kept


def test_what_waits_for_the_disk_is_on_it_and_a_note_does_not_wait(desk: Desk) -> None:
    """The tests above believe that SQLite waits; here it is asked whether it was told to."""
    with desk.database.write() as session:
        assert session.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    with desk.database.note() as session:
        assert session.scalar(text("PRAGMA synchronous")) == 1  # NORMAL


def test_a_file_whose_pages_are_lost_is_found_before_the_first_customer(desk: Desk, tmp_path: Path) -> None:
    for _ in range(20):
        desk.say()
    desk.database.tidy()
    desk.say()
    path = desk.after_the_cut(tmp_path / "worn-out")
    with path.open("r+b") as file:
        file.seek(PAGE * 3)
        file.write(bytes(PAGE * 40))  # a disk that lied, or wore out
    with pytest.raises(SettingsError, match=r"is damaged .*abiline restore"):
        unfit.look_through(f"sqlite:///{path}")
