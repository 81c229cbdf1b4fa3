"""Where the house's key comes from, and whether it is the right one: made at the first start, checked at every one."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Text, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Database, Table
from handoff.errors import SettingsError, Unopenable
from handoff.settings import Settings
from handoff.vault import SETTING, Vault, new_key, sealed_with

PLACE = "key_check.sealed"
KNOWN = b"abiline"
ONLY = 1  # the one row's id
FILE = "data.key"  # in the data folder, where no place of its own is set


class KeyCheckRow(Table):
    """One row: something known, sealed. A key that does not open it is not the key of this database."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)


def house_vault(settings: Settings) -> Vault:
    """The vault with the keys that are set: written in the environment, in the file that it names, or in the data folder."""
    named = os.environ.get(f"{SETTING}_FILE")
    written = settings.data_key.get_secret_value()
    return Vault(written) if written and not named else Vault(file=Path(named) if named else settings.data_dir / FILE)


def begin(database: Database) -> list[str]:
    """Make the key of a new house and check that of an old one; gives what the operator is to be told once. Raises `SettingsError`."""
    vault, told = database.vault, []
    with database.read() as session:
        row = session.get(KeyCheckRow, ONLY)
    if row is None:
        told = [*(_make(vault.file) if vault.file is not None else []), *_older_words(database)]
        with suppress(IntegrityError), database.write() as session:  # a worker that starts beside us was first
            session.add(KeyCheckRow(id=ONLY, sealed=vault.seal(PLACE, KNOWN)))
        with database.read() as session:
            row = session.get_one(KeyCheckRow, ONLY)
    _check(vault, row)
    return [*told, *_open_to_others(vault)]


def fits(database: Database) -> bool:
    """Whether the key that is given now opens what this database was sealed with; one that was taken away while serving shows here."""
    with database.read() as session:
        row = session.get(KeyCheckRow, ONLY)
    if row is None:
        return False
    try:
        return database.vault.open(PLACE, row.sealed) == KNOWN
    except Unopenable:
        return False


def renew_check(database: Database) -> None:
    """Seal the known thing with the newest key."""
    with database.write() as session:
        session.get_one(KeyCheckRow, ONLY).sealed = database.vault.seal(PLACE, KNOWN)


def _check(vault: Vault, row: KeyCheckRow) -> None:
    needed = sealed_with(row.sealed)
    if vault.file is not None and not vault.file.exists():
        raise SettingsError(
            f"{SETTING}: this database is sealed with the key {needed}, and there is no key in {vault.file}."
            f" Put the copy that you keep of it there, or set {SETTING}_FILE to where it is."
        )
    try:
        vault.open(PLACE, row.sealed)
    except Unopenable:
        given = ", ".join(key.id for key in vault.keys)
        raise SettingsError(f"{SETTING}: this database is sealed with the key {needed}; the key given is {given}. Set the one it was begun with.") from None


def _older_words(database: Database) -> list[str]:
    """A house from before there was a key."""
    with database.read() as session:
        if session.execute(text("SELECT id FROM conversation LIMIT 1")).first() is None:
            return []
    return ["  Older conversations still stand open and are not searched; `abiline privacy seal` seals them, also while serving.", ""]


def _open_to_others(vault: Vault) -> list[str]:
    """Told at every start until it is mended."""
    if vault.file is None or os.name != "posix" or not vault.file.stat().st_mode & (stat.S_IRWXO | stat.S_IWGRP):
        return []
    return [f"  {vault.file} can be read or changed by others on this machine: `chmod 600` it.", ""]


def _make(path: Path) -> list[str]:
    """Write a new key, for its owner alone; nothing where somebody else just has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return []
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(handle)
    return [
        f"  What people write is sealed with a key that was made for you: {path}",
        "  Keep a copy of it away from your backups: without it nobody reads the conversations again, you neither.",
        "",
    ]
