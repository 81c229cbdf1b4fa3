"""In which row a sealed value belongs: its key is sealed with it, so that a value which was copied into another row does not open there.

Writing: while a session is flushed, each sealed value is handed on together with its row's key (`Placed`). Reading: the database gives the key beside
each sealed value (`Beside`), whichever query asks. A row is named by its primary key, or where the database counts that up, by the columns that the
table's `info` names under `NAMED_BY`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, FromClause, Label, LargeBinary, Table, Text, cast, event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstanceState, Mapper, object_mapper
from sqlalchemy.orm.attributes import flag_modified, instance_state
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator

NAMED_BY = "named_by"
BESIDE, BETWEEN = "\x1f", "\x1e"  # a value and its row's key; the parts of a key


@dataclass(frozen=True)
class Placed:
    """A value on its way into the row of this key."""

    value: Any
    row: str


class SealedType:
    """Mark of the column types whose values are sealed for their row."""


def naming(table: FromClause) -> tuple[str, ...]:
    """The columns that name a row before it is written; none where the database counts its keys up and nothing else names it."""
    told: tuple[str, ...] | None = table.info.get(NAMED_BY) if isinstance(table, Table) else None
    if told is not None:
        return told
    counted = isinstance(table, Table) and table.autoincrement_column is not None and not table.autoincrement_column.foreign_keys
    names = tuple(column.name for column in table.primary_key)
    return () if counted and len(names) == 1 else names


def key_of(values: Sequence[Any]) -> str:
    """A row's key as it is sealed: its parts as the database writes them as text."""
    return BETWEEN.join(str(value) for value in values)


class Beside(ColumnElement[Any]):
    """A sealed column with the key of its row, as the database gives them out."""

    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], keys: Sequence[ColumnElement[Any]]) -> None:
        self.column, self.keys, self.type = column, [cast(key, Text) for key in keys], column.type


def beside(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column with its row's key, where it is one of a table whose rows have a name."""
    plain: Any = column.element if isinstance(column, Label) else column
    table = getattr(plain, "table", None)
    original = next(iter(plain.base_columns)) if table is not None else None
    if table is None or not isinstance(original, Column):
        return column
    names = naming(original.table)
    return Beside(plain, [table.c[name] for name in names]) if names else column


@compiles(Beside)
def _write_beside(element: Beside, compiler: SQLCompiler, **_: Any) -> str:
    is_sqlite = compiler.dialect.name == "sqlite"
    column = compiler.process(element.column)
    key = f" || '{BETWEEN}' || ".join(compiler.process(part) for part in element.keys)
    stored = element.type.impl if isinstance(element.type, TypeDecorator) else element.type
    if isinstance(stored, JSON):
        return f"json_array(json({column}), {key})" if is_sqlite else f"json_build_array({column}, {key})"
    if isinstance(stored, LargeBinary):
        return f"CAST({column} || '{BESIDE}' || {key} AS BLOB)" if is_sqlite else f"({column} || convert_to('{BESIDE}' || {key}, 'UTF8'))"
    return f"({column} || '{BESIDE}' || {key})"


def place_values(base: type[DeclarativeBase]) -> None:
    """From now on the sealed values of all its tables are written with the key of their row."""
    event.listen(base, "before_insert", _place_new, propagate=True)
    event.listen(base, "before_update", _place_changed, propagate=True)
    for after in ("after_insert", "after_update"):
        event.listen(base, after, _take_back, propagate=True)


def _place_new(mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
    if sealed := _sealed(mapper):
        _name(mapper, row)
        _place(row, sealed, naming(mapper.local_table))


def _place_changed(mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
    sealed, names, state = _sealed(mapper), naming(mapper.local_table), instance_state(row)
    if not sealed or not names:
        return
    if any(name in state.committed_state for name in names):  # the row is called otherwise now: what is sealed in it must know
        for attribute in sealed:
            getattr(row, attribute)
            flag_modified(row, attribute)
    _place(row, [attribute for attribute in sealed if attribute in state.committed_state], names)


def _name(mapper: Mapper[Any], row: Any) -> None:
    """Give the row the key now that it would get a moment later."""
    for name in naming(mapper.local_table):
        column = mapper.local_table.c[name]
        if getattr(row, name) is None and column.default is not None and column.default.is_callable:
            setattr(row, name, column.default.arg(None))


def _place(row: Any, attributes: Sequence[str], names: Sequence[str]) -> None:
    state: InstanceState[Any] = instance_state(row)
    key = key_of([getattr(row, name) for name in names])
    for attribute in attributes if names else ():
        if (value := state.dict.get(attribute)) is not None:
            state.dict[attribute] = Placed(value, key)


def _take_back(_mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
    """Written: whoever reads the attribute from now on gets the value alone, as before."""
    values = instance_state(row).dict
    for attribute in _sealed(object_mapper(row)):
        if isinstance(placed := values.get(attribute), Placed):
            values[attribute] = placed.value


@cache  # there are as many as tables
def _sealed(mapper: Mapper[Any]) -> list[str]:
    return [attribute.key for attribute in mapper.column_attrs if isinstance(attribute.columns[0].type, SealedType)]
