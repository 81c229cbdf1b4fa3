"""One sealed file with everything that people wrote, made while the house serves, and its way back.

Inside is a tar archive: what the backup is, the database (SQLite's own online backup, or `pg_dump`), the files of conversations and of entries, and the
list of erasures. The keys are not in it. On the way back nothing is touched before the whole file has been opened and looked through; then the
erasures that came after the backup are made again.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url, select

from handoff.conversations import erasure
from handoff.conversations.forgotten import FILE, Forgotten, mark_of
from handoff.conversations.shelf import Shelf
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from handoff.errors import SettingsError, Unopenable
from handoff.vault import Chunks, Vault

FORMAT = "abiline-backup/1"
NAME = "backup"  # that the file is sealed under
ABOUT, SQLITE, DUMP = "about.json", "database.db", "database.dump"
FOLDERS = ("attachments", "pictures")


@dataclass(frozen=True)
class House:
    """Where a house keeps its things. `url` is SQLAlchemy's address of the database."""

    folder: Path
    url: str
    vault: Vault

    @property
    def sqlite(self) -> Path | None:
        """The database's file; None on PostgreSQL."""
        url = make_url(self.url)
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None

    @property
    def forgotten(self) -> Forgotten:
        return Forgotten(self.folder / FILE)


def back_up(house: House, to: Path, *, force: bool = False) -> int:
    """Write the backup; gives its bytes. Raises `SettingsError` when there is such a file already, or no `pg_dump`."""
    if to.exists() and not force:
        raise SettingsError(f"There is a file {to} already. Name another, or say --force.")
    passing = to.with_name(to.name + ".part")
    with _passing_folder(house.folder) as folder:
        database = _snapshot(house, folder)  # before the files: a file comes before its row, so each that a row names is there
        handle = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                sealing = house.vault.sealing(NAME, file)
                with tarfile.open(fileobj=sealing, mode="w|") as archive:  # type: ignore[call-overload]
                    _add(archive, ABOUT, json.dumps({"format": FORMAT, "made_at": now().isoformat(), "database": database.name}).encode())
                    archive.add(database, database.name)
                    for name, path in _files(house.folder):
                        _add_file(archive, name, path)
                    _add(archive, FILE, "\n".join(sorted(house.forgotten.marks())).encode())
                sealing.finish()
                file.flush()
                os.fsync(file.fileno())
            os.replace(passing, to)
        finally:
            passing.unlink(missing_ok=True)
    return to.stat().st_size


def take_out(archive: tarfile.TarFile, folder: Path) -> None:
    """All files of an archive into a folder, read from its beginning to its end. Raises `tarfile.TarError` for what is no plain file below the folder.
    `extractall(filter=…)` does the same; Python before 3.11.4, as Debian 12 has it, knows no filter."""
    for member in archive:
        to = folder / member.name
        if not member.isreg() or not to.resolve().is_relative_to(folder.resolve()) or to.exists():
            raise tarfile.TarError(f"{member.name} is no file of a backup")
        to.parent.mkdir(parents=True, exist_ok=True)
        content = archive.extractfile(member)
        if content is None:
            raise tarfile.TarError(f"{member.name} has no content")
        with content, to.open("xb") as file:
            shutil.copyfileobj(content, file)


@contextmanager
def unpacked(house: House, source: Path) -> Iterator[Path]:
    """A folder beside the house's with what the backup holds, looked through; gone afterwards. Raises `Unopenable`, and `SettingsError` for what is
    no backup or one of the other kind of database."""
    with _passing_folder(house.folder) as folder:
        try:
            with source.open("rb") as file, tarfile.open(fileobj=io.BufferedReader(Chunks(house.vault.open_file(NAME, file))), mode="r|") as archive:
                take_out(archive, folder)
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        except (tarfile.TarError, OSError, ValueError) as error:
            raise SettingsError(f"{source} can't be read as a backup ({type(error).__name__}).") from None
        wanted = SQLITE if house.sqlite else DUMP
        found = (about.get("format"), about.get("database"))
        if found != (FORMAT, wanted):
            raise SettingsError(f"{source} is a backup of another kind: {found}, and {(FORMAT, wanted)} is needed.")
        if house.sqlite:
            _check(folder / SQLITE)
        yield folder


def put_in_place(house: House, folder: Path, *, force: bool) -> None:
    """Put what was unpacked where the house looks for it; the house must not run. Raises `SettingsError` when there is something already and not `force`."""
    if not force and _is_lived_in(house):
        raise SettingsError(f"There is a house in {house.folder} already. To put the backup in its place, say --force.")
    marks = (folder / FILE).read_text(encoding="ascii").split()
    house.forgotten.merge(sorted(set(marks) - house.forgotten.marks()))
    if house.sqlite:
        for ending in ("-wal", "-shm"):
            house.sqlite.with_name(house.sqlite.name + ending).unlink(missing_ok=True)
        os.replace(folder / SQLITE, house.sqlite)
    else:
        _run_postgres("pg_restore", make_url(house.url), "--clean", "--if-exists", "--no-owner", "--single-transaction", str(folder / DUMP))
    for name in FOLDERS:
        before = house.folder / name
        if before.exists():
            before.rename(folder / f"{name}.before")
        if (folder / name).exists():
            (folder / name).rename(before)


def erase_again(database: Database, shelf: Shelf, forgotten: Forgotten) -> int:
    """Erase what the list says was erased and the restored database still has, held or not; gives how many conversations."""
    marks = forgotten.marks()
    with database.read() as session:
        ids = session.scalars(select(ConversationRow.id).where(ConversationRow.secret_hash != ERASED)).all()
    again = [one for one in ids if mark_of(one) in marks]
    for conversation_id in again:
        erasure.erase(database, shelf, conversation_id, even_held=True)
    return len(again)


def _snapshot(house: House, folder: Path) -> Path:
    """The database as it is at one moment; writers go on."""
    if house.sqlite is None:
        _run_postgres("pg_dump", make_url(house.url), "--format=custom", "--no-owner", f"--file={folder / DUMP}")
        return folder / DUMP
    with closing(sqlite3.connect(f"file:{house.sqlite}?mode=ro", uri=True)) as live, closing(sqlite3.connect(folder / SQLITE)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    _check(folder / SQLITE)
    return folder / SQLITE


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        try:
            (told,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            told = str(error)
    if told != "ok":
        raise Unopenable(f"The database is not whole: {told}")


def _is_lived_in(house: House) -> bool:
    if house.sqlite is not None:
        return house.sqlite.exists()
    database = Database(house.url, house.vault)
    try:
        with database.engine.connect() as connection:
            return database.engine.dialect.has_table(connection, ConversationRow.__tablename__)
    finally:
        database.close()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for name in FOLDERS:
        for path in sorted((folder / name).glob("*")):
            if path.is_file() and path.suffix != ".part":
                yield f"{name}/{path.name}", path


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> None:
    try:
        archive.add(path, name)
    except FileNotFoundError:
        return  # erased since we looked


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


@contextmanager
def _passing_folder(beside: Path) -> Iterator[Path]:
    """On the same disk, so that a rename is enough."""
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside, prefix=".backup-") as folder:
        yield Path(folder)


def _run_postgres(program: str, url: URL, *words: str) -> None:
    """One of PostgreSQL's own programs; the password goes by its environment, where other users don't see it."""
    if shutil.which(program) is None:
        raise SettingsError(f"{program} is needed for PostgreSQL and is not here: install PostgreSQL's client programs of the server's version.")
    known: dict[str, Any] = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password, "PGDATABASE": url.database}
    environment = os.environ | {name: str(value) for name, value in (known | {f"PG{name.upper()}": one for name, one in url.query.items()}).items() if value}
    target = ("--dbname", str(url.database)) if program == "pg_restore" else ()
    done = subprocess.run([program, *target, *words], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SettingsError(f"{program} could not do it: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
