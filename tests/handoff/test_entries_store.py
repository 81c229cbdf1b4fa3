"""Entries with revisions: nothing of anybody is overwritten, and the bot answers only from what is published."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from handoff.accounts.tables import AuditRow
from handoff.database import Database
from handoff.entries.follow import follow_entries
from handoff.entries.store import EntryStore
from handoff.errors import AlreadyTaken, NotFound, Unreadable
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS

pytestmark = pytest.mark.both_databases

CONTENT: dict[str, Any] = {"question": "Kas jäääär on tee?", "answer": "Jah, talvel."}


@pytest.fixture
def store(database: Database) -> EntryStore:
    return EntryStore(database)


def _save(store: EntryStore, *, publish: bool = False, base: int | None = None, **changes: Any) -> int:
    return store.save("jaatee", topic="tee", content=CONTENT | changes, publish=publish, by="liis", base_revision=base).revision


def test_an_empty_catalogue_has_revision_zero(store: EntryStore) -> None:
    assert store.published() == ([], 0)


def test_looking_at_an_empty_catalogue_does_not_wait_for_a_writer(store: EntryStore, database: Database) -> None:
    with database.write() as session:
        session.add(AuditRow(act="kirjutab"))
        session.flush()  # from here the writer has the database
        assert store.published() == ([], 0)


def test_a_draft_is_kept_and_not_answered_from(store: EntryStore) -> None:
    assert _save(store) == 1
    assert store.get("jaatee").status == "draft"
    assert store.published() == ([], 0)


def test_a_published_entry_is_answered_from_and_the_catalogue_moves(store: EntryStore) -> None:
    _save(store, publish=True)
    (entry,), revision = store.published()
    assert (entry.id, entry.topic, entry.question, revision) == ("jaatee", "tee", "Kas jäääär on tee?", 1)


def test_a_draft_over_a_published_entry_changes_no_answer(store: EntryStore) -> None:
    _save(store, publish=True)
    _save(store, base=1, answer="Ei, suvel.")
    (entry,), revision = store.published()
    assert (entry.answer, revision) == ("Jah, talvel.", 1)
    assert store.get("jaatee").has_unpublished_change


def test_a_save_from_an_old_revision_is_refused_and_overwrites_nothing(store: EntryStore) -> None:
    _save(store)
    _save(store, base=1, answer="Liisi sõnad")
    with pytest.raises(AlreadyTaken, match="revision 2"):
        _save(store, base=1, answer="Tiidu sõnad")
    assert store.get("jaatee").content["answer"] == "Liisi sõnad"


def test_of_many_who_save_at_once_one_does(store: EntryStore) -> None:
    _save(store)

    def save(number: int) -> bool:
        try:
            _save(store, base=1, answer=f"Vastus {number}")
        except AlreadyTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(save, range(16))).count(True) == 1
    assert store.get("jaatee").revision == 2


def test_a_new_entry_with_a_taken_id_is_refused(store: EntryStore) -> None:
    _save(store)
    with pytest.raises(Unreadable) as refusal:
        _save(store)
    assert (refusal.value.code, refusal.value.field) == ("id_taken", "id")


def test_a_revision_of_no_entry_can_not_be_saved_over(store: EntryStore) -> None:
    with pytest.raises(NotFound):
        _save(store, base=3)
    assert store.all() == []


@pytest.mark.parametrize("field", ["question", "answer"])
@pytest.mark.parametrize("value", ["", "  ", None])
def test_without_question_or_answer_it_is_refused_by_name(store: EntryStore, field: str, value: str | None) -> None:
    with pytest.raises(Unreadable) as refusal:
        store.save("jaatee", topic="tee", content=CONTENT | {field: value}, publish=False, by="liis")
    assert (refusal.value.code, refusal.value.field) == (f"missing_{field}", field)
    assert store.all() == []


def test_an_unknown_field_is_refused_by_name(store: EntryStore) -> None:
    with pytest.raises(Unreadable, match="'anser'"):
        _save(store, anser="Jah")


def test_an_archived_entry_is_answered_from_no_more_and_can_come_back(store: EntryStore) -> None:
    _save(store, publish=True)
    store.archive("jaatee", by="liis")
    assert store.published() == ([], 2)
    _save(store, publish=True, base=2)
    assert len(store.published()[0]) == 1


def test_an_archived_entry_that_is_a_draft_again_is_answered_from_by_nobody(store: EntryStore, database: Database) -> None:
    _save(store, publish=True)
    store.archive("jaatee", by="liis")
    _save(store, base=2)
    assert store.published()[0] == []
    assert EntryStore(database).published()[0] == []
    with database.write() as session:  # as it was once written
        session.execute(text("UPDATE entry SET published = 'null'"))
        session.execute(text("UPDATE catalogue SET revision = revision + 1"))
    assert store.published()[0] == EntryStore(database).published()[0] == []


def test_what_is_not_there_can_neither_be_read_nor_archived(store: EntryStore) -> None:
    with pytest.raises(NotFound):
        store.get("pole")
    with pytest.raises(NotFound):
        store.archive("pole", by=None)


def test_an_import_publishes_and_a_second_one_changes_nothing(store: EntryStore) -> None:
    assert store.import_all([RETURNS, DELIVERY], by=None) == 2
    assert store.import_all([RETURNS, DELIVERY], by=None) == 0
    entries, revision = store.published()
    assert {entry.id: entry for entry in entries} == {RETURNS.id: RETURNS, DELIVERY.id: DELIVERY}
    assert revision == 1


@pytest.mark.parametrize("changed", [replace(DELIVERY, answer="Pakk jõuab homme."), replace(DELIVERY, topic="kuller"), replace(DELIVERY, tags=("pakk",))])
def test_what_differs_is_what_an_import_would_change(store: EntryStore, changed: Any) -> None:
    store.import_all([RETURNS, DELIVERY], by=None)
    assert store.differing([RETURNS, DELIVERY]) == []
    assert store.differing([RETURNS, changed]) == [DELIVERY.id]
    assert store.import_all([RETURNS, changed], by=None) == 1
    assert store.differing([RETURNS, changed]) == []


async def test_the_bot_gets_what_is_published_once(store: EntryStore) -> None:
    bot = FakeBot()
    store.import_all([RETURNS], by=None)
    assert await follow_entries(store, bot)
    assert (list(bot.entries), bot.revision) == ([RETURNS.id], 1)
    assert not await follow_entries(store, bot)


async def test_the_bot_follows_what_another_worker_published(store: EntryStore, database: Database) -> None:
    bot = FakeBot()
    await follow_entries(store, bot)
    EntryStore(database).import_all([DELIVERY], by=None)
    assert await follow_entries(store, bot)
    assert list(bot.entries) == [DELIVERY.id]


class Calendar(EntryStore):
    """A store whose days are told."""

    day = date(2026, 11, 30)

    def today(self) -> date:
        return self.day


async def test_an_entry_comes_and_goes_with_its_days_in_every_worker(database: Database) -> None:
    store, other = Calendar(database), Calendar(database)
    bots = FakeBot(), FakeBot()
    _save(store, publish=True, valid_from="2026-12-01", valid_until="2026-12-24")
    for worker, bot in zip((store, other), bots, strict=True):
        assert await follow_entries(worker, bot)
        assert bot.entries == {}
    with pytest.raises(NotFound):
        store.answer("jaatee", "et")
    assert store.get("jaatee").season(store.today()) == "scheduled"

    store.day = date(2026, 12, 1)  # the other worker's clock is still a moment behind
    for worker, bot in zip((store, other), bots, strict=True):
        assert await follow_entries(worker, bot)
        assert set(bot.entries) == {"jaatee"}
        assert not await follow_entries(worker, bot)
    assert store.answer("jaatee", "et")[0] == CONTENT["answer"]

    store.day = other.day = date(2026, 12, 25)
    assert await follow_entries(other, bots[1])
    assert bots[1].entries == {}
    assert store.get("jaatee").season(store.today()) == "expired"
    assert [entry.id for entry in store.published(whenever=True)[0]] == ["jaatee"]


def test_a_day_on_which_nothing_comes_or_goes_moves_no_revision(database: Database) -> None:
    store = Calendar(database)
    _save(store, publish=True, valid_from="2026-11-01")
    store.turn()
    before = store.published()[1]
    store.day = date(2026, 12, 1)
    assert not store.turn()
    assert store.published()[1] == before


def test_a_field_that_is_empty_is_not_stored(store: EntryStore) -> None:
    _save(store, steps=[], buttons=[], video="", valid_from="", needs_identity=False)
    assert set(store.get("jaatee").content) == {"question", "answer", "examples", "translations", "tags"}
