"""Transactions: whole or not at all, one writer after another, readers undisturbed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from handoff.accounts.tables import AgentRow, AuditRow
from handoff.conversations.tables import EventRow
from handoff.database import Database, new_id, now
from handoff.errors import Unreadable

pytestmark = pytest.mark.both_databases


def _acts(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(AuditRow.act).order_by(AuditRow.id)))


def test_a_write_is_kept(database: Database) -> None:
    with database.write() as session:
        session.add(AuditRow(act="kirjutas"))
    assert _acts(database) == ["kirjutas"]


def test_only_a_note_does_not_wait_for_the_disk(database: Database) -> None:
    def waits() -> bool:
        if database.is_sqlite:
            return bool(session.scalar(text("PRAGMA synchronous")) == 2)
        return bool(session.scalar(text("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")) != "session")  # as the server was told

    for _ in range(2):  # on the same connection, turn by turn
        with database.note() as session:
            session.add(AuditRow(act="märkis"))
            assert not waits()
        with database.write() as session:
            assert waits()
    assert _acts(database) == ["märkis", "märkis"]


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    def break_off() -> None:
        with database.write() as session:
            session.add(AuditRow(act="kirjutas"))
            session.flush()
            raise RuntimeError("katkes")

    with pytest.raises(RuntimeError):
        break_off()
    assert _acts(database) == []


def test_a_read_keeps_nothing(database: Database) -> None:
    with database.read() as session:
        session.add(AuditRow(act="kirjutas"))
        session.flush()
    assert _acts(database) == []


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.read() as session:
        before = session.scalar(select(func.count()).select_from(AuditRow))
        with database.write() as other:
            other.add(AuditRow(act="kirjutas"))
        assert session.scalar(select(func.count()).select_from(AuditRow)) == before == 0
    assert _acts(database) == ["kirjutas"]


def test_writers_wait_for_each_other_instead_of_failing(database: Database) -> None:
    with database.write() as session:
        session.add(AgentRow(id="loendur", login="loendur", name="0", password_hash="-"))

    def count_up(_turn: int) -> None:
        with database.write() as session:  # reads first and writes then: the trap of deferred transactions
            row = session.get_one(AgentRow, "loendur", with_for_update=True)
            row.name = str(int(row.name) + 1)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(count_up, range(64)))
    with database.read() as session:
        assert session.get_one(AgentRow, "loendur").name == "64"


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)])
def test_sqlite_keeps_what_it_acknowledges_and_forgets_what_is_erased(database: Database, pragma: str, value: object) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite only")
    with database.read() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_an_event_of_no_conversation_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(EventRow(conversation_id="pole-olemas", number=1, kind="message", actor="bot"))


def test_a_moment_comes_back_aware_and_in_utc(database: Database) -> None:
    in_tallinn = datetime(2025, 6, 2, 10, 0, tzinfo=timezone(timedelta(hours=3)))
    with database.write() as session:
        session.add(AuditRow(act="kell", at=in_tallinn))
    with database.read() as session:
        at = session.scalars(select(AuditRow.at)).one()
    assert (at, at.tzinfo) == (in_tallinn, UTC)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.write() as session:
        session.add(AuditRow(act="kell", at=datetime(2025, 6, 2, 10, 0)))  # noqa: DTZ001


def test_ids_are_long_and_never_the_same() -> None:
    ids = {new_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert min(map(len, ids)) >= 21


def test_now_is_aware() -> None:
    assert now().tzinfo is UTC


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_a_number_that_no_database_holds_is_the_inputs_fault(database: Database, number: int) -> None:
    with pytest.raises(Unreadable) as refusal, database.write() as session:
        session.add(AuditRow(id=number, act="liiga suur"))
    assert refusal.value.code == "out_of_range"
    with database.write() as session:
        session.add(AuditRow(act="edasi"))
    assert _acts(database) == ["edasi"]
