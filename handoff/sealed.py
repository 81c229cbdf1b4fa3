"""Columns whose content is sealed with the house's key (`handoff.vault`), each value for its column and its row (`handoff.placing`). What was written
before there was a key is read as it is.

The key comes with the engine, so tables stay plain classes and one process may hold several houses. A sealed value can't be searched for: a
comparison with one is refused in Python, before it silently finds nothing.
"""

from __future__ import annotations

import json
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import JSON, ColumnElement, Dialect, LargeBinary, String, Text
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from handoff.placing import BESIDE, Placed, SealedType, beside
from handoff.vault import Vault

SEALED = "sealed"  # the key in a JSON value under which its sealed part stands

_vaults: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()


def keep_vault(dialect: Dialect, vault: Vault) -> None:
    """From now on what goes through this engine's dialect is sealed and opened with the vault."""
    _vaults[dialect] = vault


def vault_of(dialect: Dialect) -> Vault:
    """The vault of an engine's dialect."""
    return _vaults[dialect]


class _NotCompared(TypeDecorator.Comparator[Any]):
    """Knows only whether there is a value."""

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        known = op in (operators.eq, operators.ne) and (other[0] is None or isinstance(other[0], ColumnElement))  # SQLAlchemy itself looks columns up
        if known or op in (operators.is_, operators.is_not):
            return super().operate(op, *other, **kwargs)
        raise TypeError(f"{self.expr} is sealed: it can't be compared or sorted by in the database")


def placed(value: Any) -> tuple[Any, str]:
    """A value that is to be written, and the key of its row; none for what a statement writes into rows that it does not name."""
    return (value.value, value.row) if isinstance(value, Placed) else (value, "")


class SealedText(SealedType, TypeDecorator[str]):
    """A text, sealed for `place` (`table.column`); nothing and the empty text stay as they are. `length` is what the column was declared with on
    SQLite, which does not hold to it and could change it only by building the table anew."""

    impl = Text
    cache_ok = True
    comparator_factory = _NotCompared

    def __init__(self, place: str, length: int | None = None) -> None:
        super().__init__()
        self.place, self.length = place, length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(self.length) if self.length and dialect.name == "sqlite" else Text())

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return beside(column)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        value, row = placed(value)
        return vault_of(dialect).seal(self.place, value.encode(), row) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if not value:
            return value
        stored, _, row = value.rpartition(BESIDE) if BESIDE in value else (value, "", "")
        return self.opened(stored, row, dialect)

    def opened(self, stored: str, row: str, dialect: Dialect) -> str:
        """What stands in the row of this key, opened."""
        vault = vault_of(dialect)
        return vault.open(self.place, stored, row).decode() if vault.knows(stored) else stored


class SealedBytes(SealedType, TypeDecorator[bytes]):
    """Bytes, sealed for `place`; none stay none."""

    impl = LargeBinary
    cache_ok = True
    comparator_factory = _NotCompared

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return beside(column)

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        value, row = placed(value)
        return vault_of(dialect).seal(self.place, value, row).encode() if value else value

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if not value:
            return value
        stored, _, row = value.rpartition(BESIDE.encode()) if BESIDE.encode() in value else (value, b"", b"")
        return self.opened(stored, row.decode(), dialect)

    def opened(self, stored: bytes, row: str, dialect: Dialect) -> bytes:
        """What stands in the row of this key, opened."""
        vault, text = vault_of(dialect), as_text(stored)
        return vault.open(self.place, text, row) if vault.knows(text) else stored


def as_text(value: bytes | None) -> str:
    """Sealed bytes as the text that they are; what was never sealed reads as nothing that is."""
    return (value or b"").decode("ascii", errors="replace")


class SealedJson(SealedType, TypeDecorator[dict[str, Any]]):
    """An object of which only the values under the `open` names stand readable in the database: what figures, sorting and state need, never
    anybody's words. The rest is one sealed text under `SEALED`."""

    impl = JSON
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[Any], JSON.Comparator[Any]):
        """Looks into the open part only."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            if op is operators.json_getitem_op and (name := other[0].value) not in self.type.open:  # type: ignore[attr-defined]
                raise TypeError(f"{self.expr}[{name!r}] is sealed: it can't be looked for in the database")
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def __init__(self, place: str, *, open: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.place, self.open = place, open

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return beside(column)

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:
        value, row = placed(value)
        if value is None:
            return None
        shown = {name: one for name, one in value.items() if name in self.open}
        private = {name: one for name, one in value.items() if name not in self.open}
        if not private:
            return shown
        words = json.dumps(private, ensure_ascii=False, separators=(",", ":"))
        return shown | {SEALED: vault_of(dialect).seal(self.place, words.encode(), row)}

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[str, Any] | None:
        stored, row = value if isinstance(value, list) else (value, "")
        return self.opened(stored, row, dialect) if stored else stored

    def opened(self, stored: dict[str, Any], row: str, dialect: Dialect) -> dict[str, Any]:
        """What stands in the row of this key, its sealed part opened."""
        sealed, vault = stored.get(SEALED), vault_of(dialect)
        if not isinstance(sealed, str) or not vault.knows(sealed):
            return stored
        shown = {name: one for name, one in stored.items() if name != SEALED}
        return shown | dict(json.loads(vault.open(self.place, sealed, row)))
