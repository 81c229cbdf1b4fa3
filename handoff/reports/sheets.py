"""Tables of the reports as files: CSV for spreadsheets, JSON for programs, Parquet for those who analyse."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from handoff.reports import parquet

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate
Cell = str | int | float | None


class Form(StrEnum):
    """As the file's name ends."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


MEDIA = {Form.CSV: "text/csv; charset=utf-8", Form.JSON: "application/json", Form.PARQUET: "application/vnd.apache.parquet"}


@dataclass(frozen=True)
class Sheet:
    """One table. A column holds one kind of value in all rows, or None."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]

    def written(self, form: Form) -> bytes:
        """The file's bytes."""
        return {Form.CSV: self._csv, Form.JSON: self._json, Form.PARQUET: self._parquet}[form]()

    def _csv(self) -> bytes:
        text = io.StringIO()
        lines = csv.writer(text)
        lines.writerow(self.columns)
        lines.writerows([_harmless(cell) for cell in row] for row in self.rows)
        return text.getvalue().encode("utf-8-sig")  # the mark lets a spreadsheet read õ ä ö ü

    def _json(self) -> bytes:
        return json.dumps([dict(zip(self.columns, row, strict=True)) for row in self.rows], ensure_ascii=False, indent=1).encode()

    def _parquet(self) -> bytes:
        return parquet.written({name: [row[place] for row in self.rows] for place, name in enumerate(self.columns)})


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
