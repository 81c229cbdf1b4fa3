"""Writing a new row at once, for the few tables that every message writes into.

A flush sorts everything that has changed and asks each row for its history; that costs several times what the database needs for one row whose values
are all known. What `put` has written stands in the session like any row that was read: changes to it are flushed as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Insert, Table, Update, bindparam, insert, inspect, update
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from handoff.placing import Placed, SealedType, key_of, naming


@dataclass(frozen=True)
class _Plan:
    """How rows of a table are written."""

    statement: Insert
    columns: tuple[tuple[str, Callable[[], Any] | None], ...]  # with what gives a value where there is none
    sealed: tuple[str, ...]
    names: tuple[str, ...]


def put(session: Session, row: DeclarativeBase) -> None:
    """Insert the row now, after what was added before it. Its sealed values go with its key, as in a flush. Of a table whose keys we make ourselves."""
    plan = _plan(type(row))
    if session.new or session.deleted:
        session.flush()
    values: dict[str, Any] = {}
    for name, default in plan.columns:
        value = getattr(row, name)
        if value is None and default is not None:
            value = default()
            setattr(row, name, value)
        values[name] = value
    key = key_of([values[name] for name in plan.names])
    session.connection().execute(plan.statement, values | {name: Placed(values[name], key) for name in plan.sealed if values[name] is not None})
    make_transient_to_detached(row)
    session.add(row)


def change(session: Session, row: DeclarativeBase, **values: Any) -> None:
    """Change these columns of a row that was read, now and without a flush. They are neither sealed nor the row's key; what else was changed in the row is
    flushed as ever."""
    kind = type(row)
    if session.new or session.deleted:
        session.flush()
    names = naming(kind.__table__)
    session.connection().execute(_change(kind, tuple(values)), {f"the_{name}": getattr(row, name) for name in names} | values)
    for name, value in values.items():
        set_committed_value(row, name, value)


@cache
def _change(kind: type[DeclarativeBase], names: tuple[str, ...]) -> Update:
    table = cast(Table, kind.__table__)
    named = [table.c[name] == bindparam(f"the_{name}") for name in naming(table)]
    return update(table).where(*named).values({name: bindparam(name) for name in names})


@cache
def _plan(kind: type[DeclarativeBase]) -> _Plan:
    mapper, table = inspect(kind), cast(Table, kind.__table__)
    columns = tuple((attribute.key, _default(attribute.columns[0].default)) for attribute in mapper.column_attrs)
    sealed = tuple(attribute.key for attribute in mapper.column_attrs if isinstance(attribute.columns[0].type, SealedType))
    return _Plan(insert(table), columns, sealed, naming(table))


def _default(default: Any) -> Callable[[], Any] | None:
    if default is None:
        return None
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)
