"""`abiline backup` and `abiline restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from handoff import keys, start
from handoff.conversations.shelf import Shelf
from handoff.database import Database
from handoff.migrate import upgrade
from handoff.privacy import backups
from handoff.privacy.backups import House
from handoff.settings import Settings, read_settings

console = Console(stderr=True)

Force = Annotated[bool, typer.Option("--force", help="Also in the place of what is there.")]


def backup(file: Annotated[Path, typer.Argument(help="Where to write it.")], force: Force = False) -> None:
    """Write everything into one sealed file, also while serving. The keys are not in it: keep them apart."""
    settings = read_settings()
    database = start.open_database(settings)
    size = backups.back_up(_house(settings), file, force=force)
    console.print(f"{file}: {size / 1e6:.1f} MB, sealed with the key {database.vault.key_id}.", markup=False, highlight=False)


def restore(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], force: Force = False) -> None:
    """Put a backup in place of a house that is stopped, and erase again what was erased since it was made."""
    settings = read_settings()
    start.check_places(settings)
    house = _house(settings)
    with backups.unpacked(house, file) as folder:
        backups.put_in_place(house, folder, force=force)
    database = Database(settings.sqlalchemy_url, house.vault)
    upgrade(database)
    keys.begin(database)
    again = backups.erase_again(database, Shelf(settings.data_dir / "attachments", house.vault), house.forgotten)
    database.close()
    console.print(f"{file} is in place; {again} conversations that were erased since are erased again.", markup=False, highlight=False)


def _house(settings: Settings) -> House:
    return House(settings.data_dir, settings.sqlalchemy_url, keys.house_vault(settings))
