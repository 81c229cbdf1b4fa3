"""One database, short transactions. SQLite by default, PostgreSQL by its address; the rest of the house can't tell.

SQLite: a deferred transaction that turns from reading to writing fails at once whatever `busy_timeout` says, so every
writing transaction begins IMMEDIATE; `synchronous=FULL` because a message is acknowledged only once it is on disk.

PostgreSQL: writers run beside each other, so whoever changes what they have read locks the row first, and all lock in one order, so that
none wait for each other in a ring: conversation, person, the head of the trail; entry, catalogue.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import JSON, CursorResult, DateTime, Delete, Engine, MetaData, Update, create_engine, event, make_url
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from handoff.errors import Unreadable
from handoff.placing import place_values
from handoff.sealed import keep_vault
from handoff.vault import SETTING, Vault

BUSY_SECONDS = 15
# That PostgreSQL's machine is gone without a word is noticed within half a minute, and not when TCP gives up after a quarter of an hour.
NOTICED = {"connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
TIDY_MILLISECONDS = 500  # that tidying waits for readers: it is no hurry
LEAST_EMPTY = 1_000  # pages, some four megabytes: fewer are filled again soon


class Moment(TypeDecorator[datetime]):
    """A point in time: always aware, always UTC, on both databases (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone can't be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON, list[str]: JSON}


place_values(Table)
Row = TypeVar("Row", bound=Table)


class Database:
    """Gives out transactions. `read()` for looking, `write()` for changing; both end with the `with` block.

    `vault` seals what is personal; without one the keys of the environment do, and where there are none, nothing personal is kept or read.
    """

    def __init__(self, url: str, vault: Vault | None = None) -> None:
        self.engine = _engine(url)
        self.vault = vault or Vault(os.environ.get(SETTING, ""))
        keep_vault(self.engine.dialect, self.vault)
        self._writing = threading.RLock()
        self.about: dict[str, Any] = {}  # what every transaction may know of the house, in `session.info`; told once, where the house is put together
        self._looking = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._reads = sessionmaker(self._looking, expire_on_commit=False, info=self.about)
        self._writes, self._notes = (
            sessionmaker(self.engine.execution_options(abiline_write=True, abiline_note=note), expire_on_commit=False, info=self.about)
            for note in (False, True)
        )

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that is rolled back at the end: what it sees does not change while it looks."""
        with _in_bounds(), self._reads() as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """As `read`, for a few columns that every message asks: turning rows into objects costs several times what the database's answer does."""
        with _in_bounds(), self._looking.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, or rolled back when it raises."""
        with _in_bounds(), self._turn(), self._writes.begin() as session:
            yield session

    @contextmanager
    def note(self) -> Iterator[Session]:
        """As `write`, for what may be lost when the power fails because it is found out again: it does not wait for the disk."""
        with _in_bounds(), self._turn(), self._notes.begin() as session:
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite lets one write at a time, and whoever finds it taken sleeps before the next try, up to a tenth of a second. Threads of one process wait here
        instead and are woken at once; other processes, and who has waited for long, are SQLite's to judge."""
        held = self.is_sqlite and self._writing.acquire(timeout=BUSY_SECONDS)
        try:
            yield
        finally:
            if held:
                self._writing.release()

    def tidy(self, *, shrink: bool = False) -> None:
        """SQLite: what was deleted leaves the write-ahead log too, as soon as nobody reads in it; with `shrink`, which keeps writers waiting, a file
        that is a quarter empty is written anew. PostgreSQL does both by itself (autovacuum)."""
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={TIDY_MILLISECONDS}")
            with suppress(sqlite3.OperationalError):  # somebody is at work: the next time does it
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                empty, pages = (cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
                if shrink and empty > LEAST_EMPTY and empty * 4 > pages:
                    cursor.execute("VACUUM")
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        finally:
            connection.close()

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _in_bounds() -> Iterator[None]:
    """A number or a date that no database holds was somebody's input; SQLite and PostgreSQL each say it their own way. Raises `Unreadable`."""
    try:
        yield
    except (OverflowError, DataError) as error:
        raise Unreadable("A number or a date is beyond what can be kept.", code="out_of_range") from error


def changed(session: Session, statement: Update | Delete) -> int:
    """Run the statement; gives how many rows it changed or deleted."""
    done = session.execute(statement)
    return done.rowcount if isinstance(done, CursorResult) else 0


def locked(session: Session, table: type[Row], key: object, **values: Any) -> Row:
    """The row with this key, locked until the transaction ends; made with `values` where there is none, whoever else makes it at the same moment."""
    row = session.get(table, key, with_for_update=True)
    if row is None:
        session.flush()
        with suppress(IntegrityError), session.begin_nested():  # somebody's row that we had to wait for
            session.add(table(**values))
        row = session.get_one(table, key, with_for_update=True)
    return row


AWAY = (DBAPIError, PoolTimeout)  # what `is_away` may be true of


def is_away(error: BaseException) -> bool:
    """Whether the database is away, its disk full, or it too busy: the same may go through a moment later. Which class says so is the driver's whim:
    a PostgreSQL that ends in the middle of a statement is a bare `DatabaseError`, and SQLite's „no such table“, a mistake of ours, an `OperationalError`."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    return error.connection_invalidated or (isinstance(error, OperationalError) and "no such" not in str(error.orig))


def new_id() -> str:
    """A random id of 128 bits: nobody finds a row by counting."""
    return secrets.token_urlsafe(16)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        noticing = {name: value for name, value in NOTICED.items() if name not in make_url(url).query}
        return _note_quickly(create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=noticing))
    # What people wrote stands in no log. The connection that was used last is used next: what it has read of the file is still at hand.
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, hide_parameters=True, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        connection.create_function("lower", 1, _lower, deterministic=True)  # its own knows no Õ, Ä, Ö, Ü or Š
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("abiline_write"):
            _say_once(connection, f"PRAGMA synchronous={'NORMAL' if options.get('abiline_note') else 'FULL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("abiline_write") else "BEGIN")

    return engine


def _note_quickly(engine: Engine) -> Engine:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("abiline_note"):
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")

    return engine


def _say_once(connection: Connection, pragma: str) -> None:
    """Where the connection was not told so last."""
    if connection.info.get("pragma", "PRAGMA synchronous=FULL") != pragma:
        connection.exec_driver_sql(pragma)
        connection.info["pragma"] = pragma
