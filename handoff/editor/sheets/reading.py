"""Rows of a table → entries. Every row is checked by the rules of the editor's own form, and each that is wrong is named with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from bot.plain import entry_of
from bot.understanding import FaqEntry
from handoff.editor.content import Form
from handoff.editor.sheets import cells
from handoff.editor.sheets.fields import LISTS, NEEDED, recognised
from handoff.editor.sheets.grid import Grid, Unfit, letter
from handoff.entries.slugs import slug
from handoff.entries.store import Entry
from handoff.errors import Unreadable

HEAD_WITHIN = 10  # rows in which the headings are looked for
SAMPLES, LONGEST_SAMPLE = 2, 120
FILE_ID = re.compile(r"\w[\w.:-]{0,99}")  # as `bot.faq.form.Slug`
Columns = Sequence[str | None]


@dataclass(frozen=True)
class Wrong:
    """A row to mend. `code` and `values` are for pages, `message` says it in English; `row` and `column` are as a spreadsheet names them."""

    file: str
    row: int | None
    column: str
    entry: str
    code: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Headed:
    """A table whose headings were found. `columns` are the fields that they mean; None for one that is passed over."""

    grid: Grid
    head: Sequence[str]
    columns: Columns
    rows: Sequence[tuple[int, Sequence[str]]]

    @property
    def complete(self) -> bool:
        return set(NEEDED) <= set(self.columns)

    def samples(self, place: int) -> list[str]:
        """What stands under a heading first."""
        texts = (row[place][:LONGEST_SAMPLE] for _, row in self.rows if place < len(row) and row[place].strip())
        return [text for text, _ in zip(texts, range(SAMPLES), strict=False)]


def rank(rows: Sequence[tuple[int, Sequence[str]]], own: Mapping[str, str]) -> int:
    """How much of a table's headings is known; for choosing among sheets."""
    return max((_known(row, own) for _, row in rows[:HEAD_WITHIN]), default=0)


def headed(grid: Grid, own: Mapping[str, str], chosen: Mapping[int, str | None] | None = None) -> Headed:
    """The table with its headings: of the first rows the one that is known best. `chosen` puts a column's field right. Raises `Unfit`."""
    if not grid.rows:
        raise Unfit("empty", "there is no row in it")
    place = max(range(min(HEAD_WITHIN, len(grid.rows))), key=lambda one: (_known(grid.rows[one][1], own), -one))
    head = grid.rows[place][1]
    columns = recognised(head, own)
    for column, name in (chosen or {}).items():
        if column < len(columns):
            columns[column] = name
    return Headed(grid, head, columns, grid.rows[place + 1 :])


def entries_of(table: Headed, present: Sequence[Entry]) -> tuple[list[FaqEntry], list[Wrong]]:
    """The entries of the rows, and what is wrong.

    A row is that entry whose id it names, or whose question it has; a field that the table has no column for stays as it is there.
    """
    by_id = {entry.id: entry for entry in present}
    by_question = {_same(entry.content["question"]): entry.id for entry in present}
    taken = set(by_id)
    rows_of: dict[str, int] = {}
    entries: list[FaqEntry] = []
    wrong: list[Wrong] = []
    for number, row in table.rows:
        texts = _by_field(table.columns, row)
        asked = texts.get("question", "").strip()
        wanted = texts.pop("id", "").strip() or by_question.get(_same(asked), "")
        try:
            entry_id = _free_id(wanted, asked, taken, rows_of)
            entries.append(_entry(entry_id, texts, by_id.get(entry_id)))
        except Unreadable as error:
            wrong.append(_wrong(table, number, wanted or asked, error))
        else:
            taken.add(entry_id)
            rows_of |= {entry_id: number, _same(asked): number}
    return entries, wrong


def _free_id(wanted: str, asked: str, taken: set[str], rows_of: Mapping[str, int]) -> str:
    """The id of a row's entry. Raises `Unreadable` for one that can't be, or that a row before has."""
    if wanted and not FILE_ID.fullmatch(wanted):
        raise Unreadable(f"The id {wanted!r} has a letter that an id can't have; letters, digits and - _ . : are fine.", code="bad_file_id", field="id")
    before = rows_of.get(wanted or _same(asked))
    if before:
        raise Unreadable(f"This entry stands in row {before} already; keep one of them.", code="row_twice", field="id" if wanted else "question")
    return wanted or slug(asked, taken)


def _entry(entry_id: str, texts: Mapping[str, str], present: Entry | None) -> FaqEntry:
    """Raises `Unreadable` naming the field."""
    before = dict(present.published or present.content) if present else {}
    topic = texts.get("topic", present.topic if present else "").strip()
    try:
        said = cells.read({name: text for name, text in texts.items() if name != "topic"})
    except ValueError as error:
        raise Unreadable(f"„{error}“ can't be read.", code="bad_cell", field=str(error)) from None
    translations = {language: dict(words) for language, words in before.pop("translations", {}).items()}
    for language, words in said.pop("translations", {}).items():
        translations[language] = translations.get(language, {}) | words
    try:
        form = Form.model_validate(before | said | {"translations": translations, "topic": topic})
    except ValidationError as error:
        raise Unreadable(str(error), code="unreadable", field=str(error.errors()[0]["loc"][0])) from None
    return entry_of(form.content(), id=entry_id, topic=form.tidy_topic())


def _by_field(columns: Columns, row: Sequence[str]) -> dict[str, str]:
    """The texts of a row by field; a list that goes on in a second column is put together."""
    texts: dict[str, str] = {}
    for name, text in zip(columns, row, strict=False):
        if name is None:
            continue
        goes_on = name in texts and name in LISTS
        texts[name] = "\n".join(part for part in (texts[name], text) if part) if goes_on else text
    return texts | {name: "" for name in columns if name and name not in texts}


def _wrong(table: Headed, row: int, entry: str, error: Unreadable) -> Wrong:
    """Names the column of the field, or of the nearest one that the table has."""
    parts = (error.field or "").split(".")
    wanted = ".".join([parts[1], *parts[2:3]]) if parts[0] == "translations" else parts[0]
    place = next((place for place, name in enumerate(table.columns) if name == wanted), None)
    column = "" if place is None else f"{letter(place)} ({table.head[place].strip()[:40]})"
    return Wrong(table.grid.file, row, column, entry[:80], error.code, error.message, {"field": wanted})


def _known(row: Sequence[str], own: Mapping[str, str]) -> int:
    fields = {name for name in recognised(row, own) if name}
    return len(fields) + 10 * len(fields & set(NEEDED))


def _same(question: str) -> str:
    return " ".join(question.casefold().split())
