"""Tables of entries: what is written is read back the same, and what anybody's program made is read or refused by row and column."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.faq.entries import read_file, write_file
from bot.plain import entry_of
from bot.understanding import FaqEntry
from handoff.editor.content import Form
from handoff.editor.sheets import cells
from handoff.editor.sheets.csv_file import read_csv
from handoff.editor.sheets.fields import recognised
from handoff.editor.sheets.grid import MOST_ROWS, Unfit
from handoff.editor.sheets.reading import entries_of, headed
from handoff.editor.sheets.workbook import read_xlsx
from handoff.editor.sheets.writing import Row, as_csv, as_xlsx
from handoff.entries.store import Entry, as_content
from tests.handoff.sheets import GUIDE, again, row_of, say

Q = "Küsimus;Vastus\r\n"
WORDS = st.text(st.sampled_from("aõäöüšžЖ?!.,;:|'\"=+-@#*[](){}→\\n \n\t0"), min_size=1, max_size=30)
TEXTS = WORDS.map(str.strip).filter(bool)
LINE = TEXTS.map(lambda text: " ".join(text.split())).filter(bool)
STEPS = st.integers(0, 3).flatmap(
    lambda count: st.lists(LINE, min_size=count, max_size=count).map(lambda texts: [{"id": f"s-{place}", "text": text} for place, text in enumerate(texts)])
)
TRANSLATION = st.fixed_dictionaries({"question": LINE, "answer": TEXTS})


@st.composite
def entries(draw: Any) -> FaqEntry:
    steps = draw(STEPS | st.just(GUIDE))
    translations = draw(st.dictionaries(st.sampled_from(["en", "ru"]), TRANSLATION))
    for words in translations.values():
        words["steps"] = {step["id"]: draw(LINE) for step in steps[: draw(st.integers(0, 3))]}
    form = {
        "question": draw(LINE),
        "answer": draw(TEXTS),
        "examples": draw(st.lists(TEXTS, max_size=3)),
        "tags": draw(st.lists(LINE, max_size=3)),
        "translations": translations,
        "needs_identity": draw(st.booleans()),
        "steps": steps,
        "buttons": draw(st.sampled_from([[], [{"title": "Hind → siin", "url": "https://a.ee/?a=b|c"}, {"title": "- Muu", "entry": "muu"}]])),
        "video": draw(st.sampled_from(["", "https://video.example/1"])),
        "valid_from": draw(st.sampled_from(["", "2026-01-31"])),
    }
    return entry_of(Form.model_validate(form).content(), id=draw(st.sampled_from(["oo", "Tarne.aeg:1"])), topic=draw(st.sampled_from(["", "öö", "=tarne"])))


@settings(max_examples=25, deadline=None, database=None)
@given(entries())
def test_what_a_csv_holds_is_read_back_the_same(entry: FaqEntry) -> None:
    assert again(read_csv("a.csv", as_csv([row_of(entry)], say))) == [entry]


@settings(max_examples=5, deadline=None, database=None)
@given(entries())
def test_what_a_workbook_holds_is_read_back_the_same(entry: FaqEntry) -> None:
    assert again(read_xlsx("a.xlsx", as_xlsx([row_of(entry)], say))) == [entry]


def test_nothing_that_is_written_is_a_formula() -> None:
    rows = [Row("oo", "@SUM(A1)", {"question": "=1+1", "answer": '+cmd|" /C calc"!A0', "tags": ["-1"]}, "published")]
    sheet = load_workbook(io.BytesIO(as_xlsx(rows, say))).worksheets[0]
    assert {(cell.data_type, cell.quotePrefix) for cell in sheet[2] if cell.value} == {("s", True)}
    lines = as_csv(rows, say).decode("utf-8-sig").splitlines()[1].split(";")
    assert lines[1:4] == ["'@SUM(A1)", "'=1+1", '"\'+cmd|"" /C calc""!A0"']


@pytest.mark.parametrize("delimiter", [";", ","])
def test_either_delimiter_is_read(delimiter: str) -> None:
    data = as_csv([Row("oo", "", {"question": "Kas a, b; c?", "answer": "Jah,\nmõlemad."}, "published")], say, delimiter=delimiter)
    assert data.startswith(b"\xef\xbb\xbf")
    assert again(read_csv("a.csv", data))[0].answer == "Jah,\nmõlemad."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1257", "windows-1252"])
def test_estonian_letters_are_right_in_every_usual_encoding(encoding: str) -> None:
    text = Q + "Kas šokolaad ja žanr õöäü?;Öötöö ŠŽ.\r\n"
    assert again(read_csv("a.csv", text.encode(encoding)))[0].question == "Kas šokolaad ja žanr õöäü?"


def test_russian_in_its_old_encoding_is_right_too() -> None:
    assert again(read_csv("a.csv", "Вопрос;Ответ\nКогда придёт посылка?;Завтра.\n".encode("windows-1251")))[0].answer == "Завтра."


@pytest.mark.parametrize(
    ("data", "code", "row", "column"),
    [
        ((Q + "Öö?;Öötöö õhtul\r\n").encode() + b"Mis?;a\xff\xf5\r\n", "broken_encoding", 3, "B"),
        ((Q + "Öö?;Öö").encode("utf-16") + b"\x00", "broken_encoding", 2, "B"),
        ((Q + "Öö?;a\0b\r\n").encode(), "nul", 2, "B"),
        ((Q + 'Öö?;"jah\r\nMis?;See.\r\n').encode(), "broken_quotes", 2, ""),
        ((Q + "a;b\r\n" * (MOST_ROWS + 1)).encode(), "too_many_rows", MOST_ROWS + 2, ""),
        (b"", "empty", None, ""),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_a_broken_csv_is_refused_with_its_row_and_column(data: bytes, code: str, row: int | None, column: str) -> None:
    with pytest.raises(Unfit) as refused:
        headed(read_csv("a.csv", data), {})
    assert (refused.value.code, refused.value.row, refused.value.column) == (code, row, column)


def test_cells_of_several_lines_quotes_and_empty_rows_are_counted_as_a_spreadsheet_counts() -> None:
    text = Q + '\r\n"Kas ""öö""?";"Esimene\r\nteine"\r\n;;\r\nMis?;\r\n'
    table = headed(read_csv("a.csv", text.encode()), {})
    found, wrong = entries_of(table, [])
    assert [(entry.question, entry.answer) for entry in found] == [('Kas "öö"?', "Esimene\nteine")]
    assert [(one.row, one.column, one.code) for one in wrong] == [(5, "B (Vastus)", "missing_answer")]


def test_a_line_of_excel_that_names_the_delimiter_is_no_row() -> None:
    assert again(read_csv("a.csv", b"sep=,\r\nquestion,answer\r\nA?,B.\r\n"))[0].answer == "B."


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["Küsimus", "Vastus", "Teema"], ["question", "answer", "topic"]),
        (["Q", "A", "Keywords"], ["question", "answer", "tags"]),
        (["Title", "Content", "Category", "URL"], ["question", "answer", "topic", None]),
        (["Вопрос", "Ответ", "question_en", "Answer (EN)"], ["question", "answer", "en.question", "en.answer"]),
        (["KUSIMUS:", "vastus", "Vastus"], ["question", "answer", None]),
        (["Sõnastus", "sõnastus"], ["examples", "examples"]),
    ],
)
def test_headings_of_other_systems_are_recognised(headings: list[str], fields: list[str | None]) -> None:
    assert recognised(headings, {}) == fields


def test_headings_are_found_below_a_title_and_a_column_can_be_put_right() -> None:
    grid = read_csv("a.csv", "Meie KKK 2026;\nMida küsitakse;Vastus\nÖö?;Jah.\n".encode())
    assert not headed(grid, {}).complete
    table = headed(grid, {}, {0: "question"})
    assert (table.complete, table.samples(0), entries_of(table, [])[0][0].question) == (True, ["Öö?"], "Öö?")


def present(content: dict[str, Any]) -> Entry:
    return Entry("oo", "öö", "published", 1, content, content)


def test_a_row_without_an_id_is_the_entry_with_its_question_and_keeps_what_the_table_does_not_tell() -> None:
    kept = as_content(FaqEntry("oo", "Öö?", "Jah.", ("öösel",), {"en": {"question": "Night?", "answer": "Yes."}}, tags=("öö",), needs_identity=True))
    grid = read_csv("a.csv", "Küsimus;Vastus;Sildid\n öö?;Ei.;\nUus?;Vastus.;a\n".encode())
    changed, new = entries_of(headed(grid, {}), [present(kept)])[0]
    assert as_content(changed) | {"answer": "Jah.", "tags": ["öö"], "question": "Öö?"} == kept
    assert (changed.id, changed.answer, changed.tags, changed.topic) == ("oo", "Ei.", (), "öö")
    assert (new.id, new.tags) == ("uus", ("a",))


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("oo;;Jah.;", "missing_question", "B (question)"),
        ("õ õ;Öö?;Jah.;", "bad_file_id", "A (id)"),
        ("b;Esimene?;Jah.;", "", ""),
        ("a;Teine?;Jah.;", "row_twice", "A (id)"),
        (";Öö?;Jah.;32.13.2026", "bad_cell", "D (valid_from)"),
        (";Öö?;Jah.;homme", "bad_day", "D (valid_from)"),
    ],
)
def test_a_wrong_row_is_named_with_its_column(row: str, code: str, column: str) -> None:
    grid = read_csv("a.csv", f"id;question;answer;valid_from\na;Esimene?;Jah.;24.12.2026\n{row}\n".encode())
    found, wrong = entries_of(headed(grid, {}), [])
    assert found[0].valid_from == date(2026, 12, 24)
    assert [(one.row, one.code, one.column) for one in wrong] == ([(3, code, column)] if code else [])


def test_steps_are_read_from_a_plain_list_and_from_words_in_any_language() -> None:
    assert cells.read({"steps": "1. Ava kaas\n- Vajuta {Shift + A}\n\nOota"})["steps"] == [
        {"id": "samm-1", "text": "Ava kaas"},
        {"id": "samm-2", "text": "Vajuta {Shift + A}"},
        {"id": "samm-3", "text": "Oota"},
    ]
    assert cells.read({"steps": "1. Põleb? {a; yes: b; нет: c}\n2. Tore {b; end}"})["steps"] == [
        {"id": "a", "text": "Põleb?", "yes": "b", "no": "c"},
        {"id": "b", "text": "Tore", "end": True},
    ]


def test_yaml_carries_the_same(tmp_path: Any) -> None:
    entry = again(
        read_csv("a.csv", as_csv([Row("oo", "öö", {"question": "Öö?", "answer": "Jah.", "steps": GUIDE, "valid_from": "2026-01-31"}, "published")], say))
    )[0]
    write_file(tmp_path / "a.yml", [entry])
    assert read_file(tmp_path / "a.yml") == [entry]
