"""Import and export of files on the operator's own disk, by the same rules as on the editor's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.understanding import LANGUAGES, Language
from handoff.editor.changes import Change, compare, left_out
from handoff.editor.incoming import KINDS, Refused, headings, read_all
from handoff.editor.outgoing import Kind, Wanted, exported
from handoff.entries.store import EntryStore
from handoff.errors import Unreadable
from handoff.texts import Texts

OF_A_FOLDER = (".yml", ".yaml", ".csv", ".xlsx")
MOST_BYTES = 50 * 1024 * 1024  # of one file


@dataclass(frozen=True)
class Took:
    """What an import did, or would do."""

    changes: Sequence[Change]
    changed: int
    archived: Sequence[str] = field(default_factory=tuple)


def take_in(store: EntryStore, paths: Sequence[Path], *, dry_run: bool, drafts: bool = False, archive_rest: bool = False) -> Took:
    """Read the files, or those in a folder, and take in what differs. Raises `Unreadable` naming everything that is wrong: nothing is half imported."""
    present = store.all()
    try:
        incoming = read_all([(path.name, _read(path)) for path in _files(paths)], present, headings(_texts()))
        if not incoming.complete:
            bare = ", ".join(table.grid.file for table in incoming.tables if not table.complete)
            raise Unreadable(f"{bare}: no column is called question or answer (Küsimus, Vastus); name them in the first row.", code="need_columns")
        if incoming.wrong:
            raise Refused(incoming.wrong)
    except Refused as refused:
        raise Unreadable(f"nothing was imported.\n{refused}", code="bad_file") from None
    changes = [change for change in compare(incoming.entries, present) if change.kind != "same"]
    rest = [entry.id for entry in left_out(incoming.entries, present)] if archive_rest else []
    changed = 0 if dry_run else store.import_all(incoming.entries, by=None, publish=not drafts, archive=rest)
    return Took(changes, changed, rest)


def write(store: EntryStore, path: Path, wanted: Wanted, language: str) -> int:
    """Export into a file whose ending says its kind; gives how many entries it holds. Raises `Unreadable`."""
    kinds: dict[str, Kind] = {".yml": "yml", ".csv": "csv", ".xlsx": "xlsx"}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise Unreadable(f"{path}: the ending says the kind; {', '.join(kinds)} can be written.", code="unknown_kind")
    spoken: Language = next((one for one in LANGUAGES if one == language), "et")
    data, count = exported(store.all(), wanted, kind, _texts(), spoken)
    path.write_bytes(data)
    return count


def _texts() -> Texts:
    return Texts(Path(__file__).parent / "texts")


def _files(paths: Sequence[Path]) -> list[Path]:
    found = [one for path in paths for one in (_inside(path) if path.is_dir() else [path])]
    strange = [path for path in found if path.suffix.lower() not in KINDS]
    if strange or not found:
        raise Unreadable(f"{', '.join(map(str, strange or paths))}: no file that can be read; YAML, CSV and XLSX can.", code="unknown_kind")
    return found


def _inside(folder: Path) -> list[Path]:
    """Notes may lie beside the files."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in OF_A_FOLDER)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{path} has more than {MOST_BYTES // 1024 // 1024} MB.", code="too_large")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} can't be opened ({error.strerror}).", code="unreadable") from None
