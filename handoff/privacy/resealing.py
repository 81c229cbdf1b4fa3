"""Everything that is sealed with an older key, or stands open from before there was one, is sealed with the newest: in batches, while the house serves.

What has the newest key already is passed over, so a run that was stopped goes on where it was, and a second run finds nothing to do.
A batch reads and writes in one transaction with its rows locked: nothing that is written meanwhile is lost.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Connection, LargeBinary, Text, select, tuple_, type_coerce, update
from sqlalchemy import Table as Columns
from sqlalchemy.types import TypeEngine

from handoff import keys
from handoff.conversations import finding, hearing
from handoff.conversations.channel_tables import ChannelSenderRow
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, Table
from handoff.errors import SettingsError
from handoff.placing import Placed, key_of, naming
from handoff.sealed import SEALED, SealedBytes, SealedJson, SealedText, as_text
from handoff.vault import BOUND, LOOK_SECONDS, SETTING, new_key, read_keys, sealed_with

RAW: Mapping[type[TypeEngine[Any]], type[TypeEngine[Any]]] = {SealedText: Text, SealedBytes: LargeBinary, SealedJson: JSON}
"""Types of sealed columns, and as what they stand in the database."""

BATCH = 200  # rows that are locked at once: some ten milliseconds

Progress = Callable[[str, int], None]
"""What is under way, and how many of it were sealed anew."""


def reseal(database: Database, shelf: Shelf, *, progress: Progress = lambda _what, _count: None) -> int:
    """Seal all columns, marks and files with the newest key; gives how many rows and files that changed."""
    changed = 0
    for table in Table.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, tuple(RAW))]
        if columns:
            changed += _table(database, table, columns, progress)
    changed += _marks(database, progress)
    changed += _senders(database, progress)
    changed += shelf.reseal(progress=lambda count: progress("files", count))
    keys.renew_check(database)
    return changed


def add_key(path: Path) -> str:
    """Put a new key before the others in the file; gives its id. Running houses see it within `LOOK_SECONDS`, and before that by what it has sealed."""
    made = new_key()
    try:
        written = path.read_text(encoding="utf-8")
        read_keys(written)
        fresh = path.with_name(path.name + ".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{made}\n{written}")
            file.flush()
            os.fsync(handle)
        os.replace(fresh, path)
    except OSError as error:
        reason = f"{path} can't be written ({error.strerror})"
        raise SettingsError(f"{SETTING}: {reason}. Put a new key before the others yourself, then run `abiline privacy seal`.") from None
    time.sleep(2 * LOOK_SECONDS)  # from now on nobody seals with the old one
    return read_keys(made)[0].id


def _table(database: Database, table: Columns, columns: Sequence[Column[Any]], progress: Progress) -> int:
    changed, last = 0, None
    while True:
        with database.engine.execution_options(abiline_write=True).begin() as connection:
            last, some = _batch(connection, database.vault.key_id, table, columns, last)
        changed += some
        if some:
            progress(table.name, changed)
        if last is None:
            return changed


def _batch(connection: Connection, key_id: str, table: Columns, columns: Sequence[Column[Any]], last: Sequence[Any] | None) -> tuple[Sequence[Any] | None, int]:
    """The next rows; gives the key of the last (None at the end) and how many were changed."""
    key = list(table.primary_key.columns)
    raw = [type_coerce(column, RAW[type(column.type)]()).label(f"raw_{column.name}") for column in columns]
    query = select(*key, *raw, *(table.c[name].label(f"name_{name}") for name in naming(table))).order_by(*key).limit(BATCH).with_for_update()
    rows = connection.execute(query.where(tuple_(*key) > tuple_(*last)) if last is not None else query).all()
    changed = 0
    for row in rows:
        older = {column: value for column, value in zip(columns, row[len(key) : len(key) + len(columns)], strict=True) if _is_older(value, key_id, column)}
        if older:
            name = key_of(row[len(key) + len(columns) :])
            anew = {column.name: Placed(column.type.opened(value, name, connection.dialect), name) for column, value in older.items()}  # type: ignore[attr-defined]
            here = [column == value for column, value in zip(key, row[: len(key)], strict=True)]
            connection.execute(update(table).where(*here).values(anew))
            changed += 1
    return (rows[-1][: len(key)] if len(rows) == BATCH else None), changed


def _is_older(value: Any, key_id: str, column: Column[Any]) -> bool:
    """Whether it is not sealed as it would be now: with the newest key, and for its row."""
    if isinstance(column.type, SealedJson):
        sealed = value.get(SEALED) if value else None
        if not isinstance(sealed, str):
            return bool(value) and not value.keys() <= set(column.type.open)
    else:
        sealed = as_text(value) if isinstance(value, bytes) else value
    return bool(sealed) and (sealed_with(sealed) != key_id or (bool(naming(column.table)) and not sealed.startswith(BOUND)))


def _marks(database: Database, progress: Progress) -> int:
    """Conversations are marked with the newest key where they are not yet."""
    changed, last = 0, ""
    while True:
        with database.write() as session:
            ids = session.scalars(select(ConversationRow.id).where(ConversationRow.id > last).order_by(ConversationRow.id).limit(BATCH // 10)).all()
            some = sum(finding.renew(session, conversation_id) for conversation_id in ids)
        changed += some
        if some:
            progress("search", changed)
        if not ids:
            return changed
        last = ids[-1]


def _senders(database: Database, progress: Progress) -> int:
    """People at messengers are found by a mark of the newest key where they are not yet."""
    changed, last = 0, ""
    while True:
        with database.write() as session:
            rows = session.scalars(
                select(ChannelSenderRow).where(ChannelSenderRow.id > last).order_by(ChannelSenderRow.id).limit(BATCH).with_for_update()
            ).all()
            some = sum(hearing.renew_mark(session, row) for row in rows)
            last = rows[-1].id if rows else last
        changed += some
        if some:
            progress("messengers", changed)
        if not rows:
            return changed
