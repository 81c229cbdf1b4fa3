"""Workbooks of anybody's spreadsheet: read as people see them, and refused by name where they are none or a trap."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from bot.understanding import FaqEntry
from handoff.editor.sheets import workbook
from handoff.editor.sheets.fields import FIELDS
from handoff.editor.sheets.grid import Unfit
from handoff.editor.sheets.reading import entries_of, headed
from handoff.editor.sheets.workbook import OLE, read_xlsx
from handoff.editor.sheets.writing import Row, as_xlsx
from tests.handoff.sheets import again, row_of, say


def book(*rows: list[Any], edit: Any = None) -> bytes:
    """A workbook as somebody's spreadsheet saves it."""
    made = Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    if edit:
        edit(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def part(data: bytes, **replaced: str) -> bytes:
    """The same workbook with parts of its inside replaced; `__` stands for a slash, `_` for a point."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        other = {name.replace("__", "/").replace("_", "."): text for name, text in replaced.items()}
        for name, kept in {name: old.read(name) for name in old.namelist()}.items():
            new.writestr(name, other.get(name, kept))
    return out.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_the_workbook_has_headings_that_stay_and_a_sheet_that_explains_them() -> None:
    made = load_workbook(io.BytesIO(as_xlsx([Row("oo", "öö", {"question": "Öö?", "answer": "- jah"}, "published")], say)))
    sheet = made.worksheets[0]
    assert (sheet.freeze_panes, sheet["D2"].value, sheet["D2"].alignment.wrap_text) == ("A2", "- jah", True)
    assert [cell.value for cell in made.worksheets[1]["A"]] == list(FIELDS)


def test_what_is_too_long_for_a_cell_goes_on_beside_it() -> None:
    many = tuple(f"{number}. sõnastus {'õ' * 400}" for number in range(190))
    entry = FaqEntry("oo", "Öö?", "Jah.", many)
    data = as_xlsx([row_of(entry)], say)
    assert max(len(str(cell.value or "")) for cell in load_workbook(io.BytesIO(data)).worksheets[0][2]) <= 32_000
    assert again(read_xlsx("a.xlsx", data)) == [entry]


def test_days_numbers_and_flags_of_a_workbook_are_read_as_people_see_them() -> None:
    data = book(["question", "answer", "valid_from", "needs_identity", "tags"], ["Öö?", 14.0, date(2026, 12, 24), True, 2026])
    (entry,) = again(read_xlsx("a.xlsx", data))
    assert (entry.answer, entry.valid_from, entry.needs_identity, entry.tags) == ("14", date(2026, 12, 24), True, ("2026",))


def test_cells_that_are_merged_down_speak_for_each_of_their_rows_and_hidden_sheets_for_none() -> None:
    def edit(made: Workbook) -> None:
        made.worksheets[0].merge_cells("A2:A3")
        made.create_sheet("Peidus", 0).append(["question", "answer"])
        made.worksheets[0].append(["Salajane?", "Jah."])
        made.worksheets[0].sheet_state = "hidden"

    grid = read_xlsx("a.xlsx", book(["topic", "question", "answer"], ["öö", "A?", "a"], ["", "B?", "b"], [], ["", "C?", "c"], edit=edit))
    assert [(entry.topic, entry.question) for entry in again(grid)] == [("öö", "A?"), ("öö", "B?"), ("", "C?")]
    assert grid.left_out == ["Peidus"]


def test_a_formula_counts_as_what_it_gave_when_it_was_saved_and_is_never_computed() -> None:
    sheet = SHEET.format(
        f'<row r="1">{cell("A1", "question")}{cell("B1", "answer")}</row><row r="2"><c r="A2" t="str"><f>1+1</f><v>Kaks?</v></c>'
        '<c r="B2"><f>WEBSERVICE("http://x")</f></c></row>'
    )
    found, wrong = entries_of(headed(read_xlsx("a.xlsx", part(book(["a"]), xl__worksheets__sheet1_xml=sheet)), {}), [])
    assert (found, [(one.row, one.code, one.entry) for one in wrong]) == ([], [(2, "missing_answer", "Kaks?")])


ODS = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content_xml": "<a/>"}
ENTITY = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + SHEET.format(f'<row r="1">{cell("A1", "&e;")}</row>')
SWOLLEN = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/").replace("_", "."), text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (OLE + b"Workbook", "old_excel"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "has_password"),
        (packed(**ODS), "open_document"),
        (packed(Index__Document_iwa="x"), "numbers"),
        (packed(word__document_xml="x"), "not_a_table"),
        (b"PK\x03\x04 cut off", "broken_workbook"),
        (b"just words", "broken_workbook"),
        (packed(xl__workbook_xml="<not xml"), "broken_workbook"),
        (part(book(["question"]), xl__worksheets__sheet1_xml=ENTITY), "broken_workbook"),
        (part(book(["question"]), xl__worksheets__sheet1_xml=SWOLLEN), "broken_workbook"),
        (book(["question", "answer"], ["A?", "#REF!"]), "cell_error"),
        (book(), "empty"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,  # a workbook tells when it was made, and each process makes its own
)
def test_what_is_no_workbook_or_a_trap_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(Unfit) as refused:
        read_xlsx("a.xlsx", data)
    assert refused.value.code == code


def test_a_workbook_that_swells_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = part(book(["question"]), xl__worksheets__sheet1_xml="0" * 4_000_000)
    assert len(bomb) < 20_000
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 3_000_000)
    monkeypatch.setattr(workbook, "load_workbook", None)
    with pytest.raises(Unfit) as refused:
        read_xlsx("a.xlsx", bomb)
    assert refused.value.code == "swells"


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    def row(number: int) -> str:
        return f'<row r="{number}">{cell(f"A{number}", "question")}</row>'

    def sheet(*numbers: int) -> bytes:
        rows = "".join(map(row, numbers))
        text = SHEET.format(rows).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
        return part(book(["a"]), xl__worksheets__sheet1_xml=text)

    assert len(read_xlsx("a.xlsx", sheet(1, 2)).rows) == 2
    with pytest.raises(Unfit) as refused:
        read_xlsx("a.xlsx", sheet(1, 1_048_576))
    assert refused.value.code == "too_many_rows"
