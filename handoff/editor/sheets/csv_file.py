"""CSV as people's programs write it: any usual encoding and delimiter, told apart by what stands in the file."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from handoff.editor.sheets.grid import MOST_COLUMNS, MOST_ROWS, Grid, Unfit, covered, letter, too_many_rows, uncovered

DELIMITERS = ";,\t|"
TRIED = 20  # records that say what the delimiter is
_BALTIC = set(b"\xf0\xfe\xd0\xde")  # š ž Š Ž in windows-1257, letters of Iceland in windows-1252
_WESTERN = set(b"\x9a\x9e\x8a")  # š ž Š in windows-1252, nothing in windows-1257
_SEPARATOR = re.compile(r"sep=(.)\r?\n")


def read_csv(file: str, data: bytes) -> Grid:
    """The records of a file. Raises `Unfit` with the row, and the column where it is known."""
    text = decoded(data)
    if "\0" in text:
        row, column = _place(text[: text.index("\0")])
        raise Unfit("nul", "a NUL stands here; save the table as CSV UTF-8 once more", row=row, column=column)
    delimiter = ""
    if named := _SEPARATOR.match(text):  # a line of Excel's
        delimiter, text = named[1], "\n" + text[named.end() :]
    delimiter = delimiter or _delimiter(text)
    rows: list[tuple[int, Sequence[str]]] = []
    for number, cells in _records(text, delimiter):
        if number > MOST_ROWS + 1:
            raise too_many_rows(number)
        if any(cell.strip() for cell in cells):
            rows.append((number, [uncovered(cell.replace("\r\n", "\n").replace("\r", "\n")) for cell in cells[:MOST_COLUMNS]]))
    return Grid(file, "", rows)


def write_csv(rows: Sequence[Sequence[str]], *, delimiter: str = ";") -> bytes:
    """With the mark that tells Excel that it is UTF-8, and nothing that Excel would compute."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows([covered(cell) for cell in row] for row in rows)
    return codecs.BOM_UTF8 + out.getvalue().encode()


def decoded(data: bytes) -> str:
    """The text, whichever of the usual encodings it is in. Raises `Unfit` where one is begun and broken off."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16")
    head = data[:2000]
    if head[1::2].count(0) > len(head) // 4 or head[0::2].count(0) > len(head) // 4:
        return _strict(data, "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        read = data.decode("utf-8", errors="surrogateescape")
        lone = sum("\udc80" <= letter <= "\udcff" for letter in read)
        if sum(letter > "\x7f" for letter in read) - lone > lone:  # most of it is UTF-8
            raise _broken(data[: error.start].decode("utf-8", errors="replace")) from None
    return _strict(data, _code_page(data))


def _code_page(data: bytes) -> str:
    """Of a text that is no UTF-8: Cyrillic where most letters are, else what its š and ž say, else Baltic."""
    high = sum(byte >= 0xC0 for byte in data)
    if high > sum(data.count(byte) for byte in range(ord("A"), ord("z") + 1)):
        return "windows-1251"
    found = set(data)
    return "windows-1252" if found & _WESTERN and not found & _BALTIC else "windows-1257"


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _broken(data[: error.start].decode(encoding, errors="replace")) from None


def _broken(before: str) -> Unfit:
    row, column = _place(before)
    return Unfit("broken_encoding", "a letter here is in another encoding; save the table as CSV UTF-8 once more", row=row, column=column)


def _place(before: str) -> tuple[int, str]:
    """Row and column of the cell in which this text ends."""
    row, cells = 1, [""]
    try:
        for row, cells in _records(before, _delimiter(before), strict=False):  # noqa: B007 (the last counts)
            pass
    except Unfit:
        return before.count("\n") + 1, ""
    return row, letter(len(cells) - 1)


def _delimiter(text: str) -> str:
    """The one that makes the most alike records of more than one cell."""

    def likeness(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(cells) for (_, cells), _ in zip(_records(text, delimiter, strict=False), range(TRIED), strict=False)]
        except Unfit:
            return (0, 0)
        first = widths[0] if widths else 1
        return (sum(width == first for width in widths) if first > 1 else 0, first)

    return max(DELIMITERS, key=likeness)


def _records(text: str, delimiter: str, *, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Each record with its number as a spreadsheet counts: a cell of several lines is one row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    number = 0
    try:
        for cells in reader:
            number += 1
            yield number, cells
    except csv.Error:
        raise Unfit("broken_quotes", "a quotation mark here opens a cell and doesn't close it; close it or double it", row=number + 1) from None
