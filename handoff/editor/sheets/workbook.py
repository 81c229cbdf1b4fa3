"""XLSX in and out; the only file that knows openpyxl. A workbook is measured before it is opened, and its formulas are never computed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, range_boundaries

from handoff.editor.sheets.grid import MOST_COLUMNS, MOST_ROWS, Grid, Unfit, covered_again, letter, too_many_rows, uncovered

MOST_UNPACKED = 60 * 1024 * 1024  # bytes of all parts together
MOST_PARTS = 500
LONGEST_CELL = 32_000  # characters; Excel's own end is at 32 767
MOST_MERGES = 2_000
WIDTHS = {"question": 42, "answer": 64, "examples": 42, "steps": 48, "buttons": 36, "id": 26, "topic": 18, "tags": 20}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ROW = re.compile(rb"<(?:\w{1,20}:)?row[\s>/]")
_MERGE = re.compile(rb'<(?:\w{1,20}:)?mergeCell\s[^>]{0,200}ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')


def read_xlsx(file: str, data: bytes, rank: Any = None) -> Grid:
    """The table of a workbook: the first visible sheet that has rows, or by `rank` (rows → number) the one that ranks highest. Raises `Unfit`."""
    check(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        grids = [Grid(file, sheet.title, _rows(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"]
        book.close()
    except Unfit:
        raise
    except Exception as error:  # the library raises whatever it stumbles over; a file can make it stumble over anything
        raise Unfit(
            "broken_workbook", f"can't be read as a workbook ({type(error).__name__}); open it in a spreadsheet and save it as XLSX once more"
        ) from None
    filled = [grid for grid in grids if grid.rows]
    if not filled:
        raise Unfit("empty", "there is no row in it")
    chosen = max(filled, key=lambda grid: rank(grid.rows)) if rank else filled[0]
    others = [sheet.title for sheet in book.worksheets if sheet.title != chosen.sheet]
    return Grid(file, chosen.sheet, chosen.rows, others)


def check(data: bytes) -> None:
    """Raise `Unfit` for what is no workbook, or one that swells when it is opened: sizes are added up from the list of its parts."""
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unfit("has_password", "is locked with a password; take the password off and save it once more")
        raise Unfit("old_excel", "is an Excel file of the old kind; save it as XLSX")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            kind = packed.read("mimetype")[:100] if "mimetype" in packed.namelist() and packed.getinfo("mimetype").file_size < 200 else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise Unfit("broken_workbook", "can't be opened; save it as XLSX once more") from None
    names = {part.filename for part in parts}
    if b"opendocument" in kind:
        raise Unfit("open_document", "is an OpenDocument table; save it as XLSX or CSV")
    if any(name.startswith("Index/") or name.endswith(".iwa") for name in names):
        raise Unfit("numbers", "is a Numbers table; export it as Excel or CSV")
    if "xl/workbook.xml" not in names:
        raise Unfit("not_a_table", "is no table; save it as XLSX or CSV")
    if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise Unfit("swells", f"unpacks to more than {MOST_UNPACKED // 1024 // 1024} MB; copy the rows into a new file")


def write_xlsx(
    title: str, fields: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[str]], legend: tuple[str, Sequence[tuple[str, str]]]
) -> bytes:
    """A sheet of rows under headings that stay in sight, and one that explains the columns. Every cell is text: nothing is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, field in enumerate(fields, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(field.rpartition(".")[2], 16)
    sheet.append([_head(sheet, text) for text in headings])
    for row in rows:
        sheet.append([_cell(sheet, text) for text in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}1"
    name, lines = legend
    explained = book.create_sheet(name)
    explained.column_dimensions["A"].width, explained.column_dimensions["B"].width = 28, 96
    for heading, text in lines:
        explained.append([_head(explained, heading), _cell(explained, text)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Any, text: str) -> Cell:
    cell = _cell(sheet, text)
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEFB")
    return cell


def _cell(sheet: Any, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub(" ", covered_again(text)))
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.quotePrefix = True
    return cell


def _rows(sheet: Any) -> list[tuple[int, Sequence[str]]]:
    """Rows with a word in them. What a sheet says of its own size is not believed."""
    with sheet._get_source() as source:  # what the library says of neither in this mode: how many rows, and which cells are merged
        inside = source.read()
    if len(_ROW.findall(inside)) > MOST_ROWS + 1:  # counted before they are read one by one
        raise too_many_rows(MOST_ROWS + 2)
    sheet.reset_dimensions()
    rows: dict[int, list[str]] = {}
    for number, cells in enumerate(sheet.iter_rows(min_row=1, max_col=MOST_COLUMNS), 1):
        if number > MOST_ROWS + 1:
            raise too_many_rows(number)
        texts = ["" if cell.value is None else _text(cell.value, cell.data_type, number, place) for place, cell in enumerate(cells)]
        if any(text.strip() for text in texts):
            rows[number] = [uncovered(text) for text in texts]
    _unmerge(inside, rows)
    return sorted(rows.items())


def _text(value: Any, kind: str, row: int, place: int) -> str:
    """A cell as a person reads it: a whole number without a point, a day as 2026-12-24."""
    if kind == "e":
        raise Unfit("cell_error", f"the formula in this cell gives {value}; put its text there", row=row, column=letter(place))
    if isinstance(value, bool):
        return "jah" if value else "ei"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "")


def _unmerge(inside: bytes, rows: Mapping[int, list[str]]) -> None:
    """The text of cells that were merged down stands in each of their rows, as it is read by who looks at them."""
    ranges = [range_boundaries(found.decode()) for found in _MERGE.findall(inside)[:MOST_MERGES]]
    for left, top, _, bottom in ranges:
        if left is None or top is None or bottom is None or left > MOST_COLUMNS or top not in rows:
            continue
        text = rows[top][left - 1]
        for number in range(top + 1, min(bottom, MOST_ROWS + 1) + 1):
            if number in rows and len(rows[number]) >= left:
                rows[number][left - 1] = text


def split(text: str) -> list[str]:
    """A text that is too long for one cell, in parts cut at line breaks."""
    parts: list[str] = []
    while len(text) > LONGEST_CELL:
        cut = text.rfind("\n", 0, LONGEST_CELL)
        cut = cut if cut > 0 else LONGEST_CELL
        parts.append(text[:cut])
        text = text[cut:].removeprefix("\n")
    return [*parts, text]
