"""One database, short transactions. SQLite by default, PostgreSQL by its address; the rest of the house can't tell.

SQLite: a deferred transaction that turns from reading to writing fails at once whatever `busy_timeout` says, so every
writing transaction begins IMMEDIATE; `synchronous=FULL` because a message is acknowledged only once it is on disk.

PostgreSQL: writers run beside each other, so whoever changes what they have read locks the row first, and all lock in one order, so that
none wait for each other in a ring: conversation, person, the head of the trail; entry, catalogue.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import JSON, CursorResult, DateTime, Delete, Engine, MetaData, Update, create_engine, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 15


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


Row = TypeVar("Row", bound=Table)


class Database:
    """Gives out transactions. `read()` for looking, `write()` for changing; both end with the `with` block."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.about: dict[str, Any] = {}  # what every transaction may know of the house, in `session.info`; told once, where the house is put together
        looking = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._reads = sessionmaker(looking, expire_on_commit=False, info=self.about)
        self._writes = sessionmaker(self.engine.execution_options(abiline_write=True), expire_on_commit=False, info=self.about)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that is rolled back at the end: what it sees does not change while it looks."""
        with self._reads() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, or rolled back when it raises."""
        with self._writes.begin() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


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
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

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
        writes = connection.get_execution_options().get("abiline_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
