"""Files that somebody brings → entries, whichever kind they are, with everything that is wrong named by its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.faq.entries import SUFFIXES, FaqError, Problem, read_folder, write_file
from bot.understanding import LANGUAGES, FaqEntry
from handoff.editor.sheets.csv_file import read_csv
from handoff.editor.sheets.fields import FIELDS
from handoff.editor.sheets.grid import Grid, Unfit
from handoff.editor.sheets.reading import Headed, Wrong, entries_of, headed, rank
from handoff.editor.sheets.workbook import read_xlsx
from handoff.entries.store import Entry
from handoff.texts import Texts

EXPORT_NAME = "abiline-entries"
CSV = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")  # some are named to be refused with the mend
KINDS = (*SUFFIXES, *CSV, *BOOKS)
Chosen = Mapping[str, Mapping[int, str | None]]
"""For a file's name: the field of a column, counted from 0, where the heading does not say it."""


@dataclass(frozen=True)
class Incoming:
    """What the files hold. `wrong` are rows that have to be mended; a table that is not `complete` still lacks its question or its answer."""

    entries: Sequence[FaqEntry]
    tables: Sequence[Headed] = ()
    wrong: Sequence[Wrong] = field(default_factory=tuple)

    @property
    def complete(self) -> bool:
        return all(table.complete for table in self.tables)


class Refused(Exception):
    """Files that can't be read at all; the message has one problem a line."""

    def __init__(self, problems: Sequence[Wrong]) -> None:
        super().__init__("\n".join(told(problem) for problem in problems))
        self.problems = tuple(problems)


def told(problem: Wrong) -> str:
    """A problem in a line, for where there is no page."""
    place = ":".join(str(part) for part in (problem.file, problem.row, problem.column.split(" ")[0]) if part)
    return f"{place}: {f'entry {problem.entry}: ' if problem.entry else ''}{problem.message}"


def headings(texts: Texts) -> dict[str, str]:
    """Our own headings in all languages, and the field of each."""
    return {texts.say(language, f"editor.sheet.column.{name}"): name for language in LANGUAGES for name in FIELDS}


def read_all(files: Sequence[tuple[str, bytes]], present: Sequence[Entry], own: Mapping[str, str], chosen: Chosen | None = None) -> Incoming:
    """The entries of all files. Raises `Refused`."""
    yamls = [(name, data) for name, data in files if name.lower().endswith(SUFFIXES)]
    try:
        entries = read_files(yamls) if yamls else []
    except FaqError as error:
        raise Refused([Wrong(one.file, one.line, "", one.entry, "yaml", one.message) for one in error.problems]) from None
    tables = [_table(name, data, own, (chosen or {}).get(name)) for name, data in files if not name.lower().endswith(SUFFIXES)]
    wrong: list[Wrong] = []
    for table in tables:
        if table.complete:
            found, mend = entries_of(table, present)
            entries += found
            wrong += mend
    _refuse_doubles(entries, files)
    return Incoming(entries, tables, wrong)


def read_files(files: Sequence[tuple[str, bytes]]) -> list[FaqEntry]:
    """The entries of YAML files; an entry without a topic gets the name of its file. Raises `FaqError` with the files' own names."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in files:
            (folder / file).write_bytes(data)
        try:
            entries = read_folder(folder)
        except FaqError as error:
            raise FaqError([_with_own_name(problem, folder) for problem in error.problems]) from None
        except RecursionError:
            raise FaqError([Problem(files[0][0], 1, "", "too many levels of brackets or indentation; an entry needs three")]) from None
    return [replace(entry, topic="") if entry.topic == EXPORT_NAME else entry for entry in entries]


def as_yaml(entries: Sequence[FaqEntry]) -> str:
    """Entries in the form of `data/faq`, each naming its topic."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{EXPORT_NAME}.yml"
        write_file(path, entries)
        return path.read_text(encoding="utf-8")


def _table(name: str, data: bytes, own: Mapping[str, str], chosen: Mapping[int, str | None] | None) -> Headed:
    try:
        return headed(_grid(name, data, own), own, chosen)
    except Unfit as error:
        raise Refused([Wrong(name, error.row, error.column, "", error.code, str(error))]) from None


def _grid(name: str, data: bytes, own: Mapping[str, str]) -> Grid:
    if name.lower().endswith(BOOKS):
        return read_xlsx(name, data, partial(rank, own=own))
    return read_csv(name, data)


def _refuse_doubles(entries: Sequence[FaqEntry], files: Sequence[tuple[str, bytes]]) -> None:
    """The same entry in two files: nobody could tell which is meant."""
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            names = ", ".join(name for name, _ in files)
            raise Refused([Wrong(names, None, "", entry.id, "file_twice", "this entry stands in two of the files; keep one of them")])
        seen.add(entry.id)


def _with_own_name(problem: Problem, folder: Path) -> Problem:
    before = f"{folder}/"
    return replace(problem, file=problem.file.removeprefix(before), message=problem.message.replace(before, ""))
