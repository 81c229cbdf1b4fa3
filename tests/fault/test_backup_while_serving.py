"""Backups are made while customers write: each, put in place of an empty house, shows every customer what they saw then, from the first word on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import pytest

import handoff.migrate  # noqa: F401  (registers every table)
from handoff.conversations import service
from handoff.conversations.service import Started
from handoff.database import Database, Table, new_id
from handoff.privacy.backups import House, back_up, put_in_place, unpacked
from handoff.schedule import Hours
from handoff.texts import Texts
from handoff.week import Week
from handoff.widget.standing import Reader

CUSTOMERS, BACKUPS = 3, 3
MOST = 300  # words of one customer: a fast machine makes no long test of it
ROOT = Path(__file__).parents[2]
PAGES = Texts(ROOT / "handoff" / "texts", ROOT / "handoff" / "widget" / "texts")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[House, Database]]:
    folder = tmp_path / "var"
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'abiline.db'}")
    Table.metadata.create_all(database.engine)
    yield House(folder, f"sqlite:///{folder / 'abiline.db'}", database.vault), database
    database.close()


def seen(database: Database, conversation_id: str) -> list[str]:
    """What the customer's page shows, word for word, once they have scrolled up to the beginning."""
    reader = Reader(database, PAGES, Hours(Week.read("E-R 9-17"), ZoneInfo("Europe/Tallinn")))
    shown: list[str] = []
    first = 1 << 30
    while page := reader.earlier(conversation_id, first):
        first = page[0].number
        shown = [*(event.model_dump_json() for event in page), *shown]
    return shown


def test_each_backup_shows_every_customer_what_they_saw_then(house: tuple[House, Database], tmp_path: Path) -> None:
    serving, database = house
    talks = [service.start(database, greeting="Tere!") for _ in range(CUSTOMERS)]
    stop, acknowledged = Event(), {talk.conversation_id: 1 for talk in talks}

    def write(talk: Started) -> None:
        for turn in range(MOST):
            if stop.is_set():
                return
            kept = service.say(database, talk.conversation_id, client_id=new_id(), text=f"küsimus {turn}")
            acknowledged[talk.conversation_id] = kept.number

    backups: list[tuple[Path, dict[str, int]]] = []
    with ThreadPoolExecutor(CUSTOMERS) as threads:
        writing = [threads.submit(write, talk) for talk in talks]
        for number in range(BACKUPS):
            before = dict(acknowledged)
            back_up(serving, tmp_path / f"varu-{number}")
            backups.append((tmp_path / f"varu-{number}", before))
        stop.set()
        for one in writing:
            one.result()

    now_seen = {talk.conversation_id: seen(database, talk.conversation_id) for talk in talks}
    for file, before in backups:
        empty = tmp_path / f"{file.name}-uus"
        new = House(empty, f"sqlite:///{empty / 'abiline.db'}", database.vault)
        with unpacked(new, file) as folder:
            put_in_place(new, folder, force=False)
        restored = Database(new.url)
        for conversation_id, number in before.items():
            then = seen(restored, conversation_id)
            assert len(then) >= number
            assert then == now_seen[conversation_id][: len(then)]
        restored.close()
