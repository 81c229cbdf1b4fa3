"""Entries → a table in the editor's language. What it writes, `reading` reads back without a change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from handoff.editor.sheets import cells
from handoff.editor.sheets.csv_file import write_csv
from handoff.editor.sheets.fields import FIELDS, LISTS
from handoff.editor.sheets.workbook import split, write_xlsx

Say = Callable[[str], str]
"""A text by its key below `sheet.`."""


@dataclass(frozen=True)
class Row:
    """An entry to write. `status` is a key of `mark.`."""

    id: str
    topic: str
    content: dict[str, Any]
    status: str


def as_csv(rows: Sequence[Row], say: Say, *, delimiter: str = ";") -> bytes:
    """UTF-8 with its mark; semicolons as Excel writes them in Estonia."""
    return write_csv([[_heading(say, field) for field in FIELDS], *([row[field] for field in FIELDS] for row in _texts(rows, say))], delimiter=delimiter)


def as_xlsx(rows: Sequence[Row], say: Say) -> bytes:
    """A sheet of answers and one that explains its columns."""
    texts = _texts(rows, say)
    widths = {field: max((len(split(row[field])) for row in texts), default=1) if field in LISTS else 1 for field in FIELDS}
    fields = [field for field in FIELDS for _ in range(widths[field])]

    def line(row: dict[str, str]) -> list[str]:
        filled = {field: [*split(row[field]), *[""] * widths[field]][: widths[field]] for field in FIELDS}
        return [text for field in FIELDS for text in filled[field]]

    legend = [(_heading(say, field), say(f"about.{field}")) for field in FIELDS]
    return write_xlsx(say("title"), fields, [_heading(say, field) for field in fields], map(line, texts), (say("legend"), legend))


def _heading(say: Say, field: str) -> str:
    return say(f"column.{field}")


def _texts(rows: Sequence[Row], say: Say) -> list[dict[str, str]]:
    return [cells.written(row.id, row.topic, row.content, say(f"status.{row.status}")) for row in rows]
