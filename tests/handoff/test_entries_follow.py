"""Workers follow what is published: they read again only what has changed, and wait for nothing that takes minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from bot.understanding import FaqEntry
from handoff.database import Database
from handoff.entries import follow
from handoff.entries.follow import follow_entries
from handoff.entries.store import EntryStore
from tests.fakes import FakeBot

CONTENT: dict[str, Any] = {"question": "Kas jäääär on tee?", "answer": "Jah, talvel."}


@pytest.fixture
def store(database: Database) -> EntryStore:
    made = EntryStore(database)
    made.import_all([FaqEntry(f"kirje-{number:04}", f"Küsimus {number}?", "Vastus.", topic="palju") for number in range(12)], by="liis")
    return made


@contextmanager
def entries_read(database: Database) -> Iterator[list[int]]:
    """How many contents each statement asked for."""
    asked: list[int] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Sequence[Any], *_rest: Any) -> None:
        if "entry.published" in statement.partition("FROM")[0]:
            asked.append(len(parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def ids(store: EntryStore) -> list[str]:
    return [entry.id for entry in store.published()[0]]


def test_of_many_entries_only_those_that_changed_are_read_again(store: EntryStore, database: Database) -> None:
    before = {entry.id: entry for entry in store.published()[0]}
    store.save("kirje-0007", topic="palju", content=CONTENT, publish=True, by="liis", base_revision=1)
    store.save("uus", topic="a", content=CONTENT, publish=True, by="liis")
    store.archive("kirje-0008", by="liis")
    with entries_read(database) as asked:
        now = store.published()[0]
        assert store.published()[0] == now
    assert asked == [2]
    assert (now[0].id, len(now)) == ("uus", 12)
    assert "kirje-0008" not in {entry.id for entry in now}
    assert [entry.id for entry in now if entry is not before.get(entry.id)] == ["uus", "kirje-0007"]
    assert now == EntryStore(database).published()[0]


def test_a_draft_is_nothing_to_follow(store: EntryStore, database: Database) -> None:
    first = store.published()
    store.save("kirje-0007", topic="palju", content=CONTENT, publish=False, by="liis", base_revision=1)
    with entries_read(database) as asked:
        assert store.published() == first
    assert asked == []


async def test_a_bot_that_answers_from_the_newest_is_left_alone(store: EntryStore, database: Database) -> None:
    bot = FakeBot()
    assert await follow_entries(store, bot)
    with entries_read(database) as asked:
        assert not await follow_entries(store, bot)
    assert asked == []


class SlowBot(FakeBot):
    """Reads for as long as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        await self.go_on.wait()
        await super().replace_entries(entries, revision=revision)


async def test_who_publishes_does_not_wait_until_thousands_are_read(store: EntryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "PATIENCE", 0.01)
    bot = SlowBot()
    assert await follow_entries(store, bot)
    assert bot.revision == -1
    bot.go_on.set()
    while follow._going_on:
        await asyncio.wait(follow._going_on)
        await asyncio.sleep(0)
    assert len(bot.entries) == 12
