"""A table as it was found in a file, before anybody says what its columns mean; and why a file is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_ROWS = 10_000
MOST_COLUMNS = 60
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_COVERED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True)
class Grid:
    """`rows` are (number in the file from 1, texts of the cells); rows without a word are left out. `sheet` is "" in a file that has none."""

    file: str
    sheet: str
    rows: Sequence[tuple[int, Sequence[str]]]
    left_out: Sequence[str] = ()  # other sheets, hidden ones too


class Unfit(Exception):
    """A file that can't be read as a table. `code` is for pages, the message says the mend; `row` and `column` where they are known."""

    def __init__(self, code: str, message: str, *, row: int | None = None, column: str = "") -> None:
        super().__init__(message)
        self.code, self.row, self.column = code, row, column


def too_many_rows(row: int) -> Unfit:
    return Unfit("too_many_rows", f"more than {MOST_ROWS} rows; split the file and import one part after the other", row=row)


def letter(column: int) -> str:
    """The name of a column, counted from 0: A, B, … Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def covered(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula when it opens a CSV."""
    return f"'{text}" if _FORMULA.match(text) else text


def uncovered(text: str) -> str:
    """The text without what `covered` put before it."""
    return text[1:] if _COVERED.match(text) else text


def covered_again(text: str) -> str:
    """For a cell that is marked as text and needs no cover, unless reading would take away what isn't one."""
    return f"'{text}" if _COVERED.match(text) else text
