"""`abiline privacy …`: what keeps people's words, and what takes them away."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from handoff import start
from handoff.conversations.retention import Days, due, forget
from handoff.conversations.shelf import Shelf
from handoff.database import Database
from handoff.errors import SettingsError
from handoff.settings import Settings, read_settings
from handoff.vault import SETTING

app = typer.Typer(no_args_is_help=True, help="People's words: seal them, change the key, take away what is over.")
console = Console(stderr=True)


@app.command()
def seal() -> None:
    """Seal what was kept before there was a key, and with the newest key what an older one has sealed. Safe to stop and to repeat, also while serving."""
    settings = read_settings()
    _reseal(settings, start.open_database(settings))


@app.command("rotate-key")
def rotate_key() -> None:
    """Make a new key, put it before the old one in the file of keys, and seal everything with it while the house serves."""
    from handoff.privacy.resealing import add_key

    settings = read_settings()
    database = start.open_database(settings)
    if (file := database.vault.file) is None:
        raise SettingsError(f"{SETTING}: the key is not in a file, so put a new one before it yourself (new,old), start again and run `abiline privacy seal`.")
    old = database.vault.key_id
    console.print(f"The key {add_key(file)} seals from now on ({file}).", markup=False, highlight=False)
    _reseal(settings, database)
    console.print(f"The key {old} opens nothing here any more. Backups from before need it: keep it as long as you keep them.", markup=False, highlight=False)


@app.command()
def retention(dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what is over.")] = False) -> None:
    """Take away what has been kept for as long as the settings say; a running house does so every hour. Held conversations stay."""
    settings = read_settings()
    database, days = start.open_database(settings), Days.of(settings)
    gone = due(database, days) if dry_run else forget(database, Shelf(settings.data_dir / "attachments", database.vault), days)
    grid = Grid("Kind", "Kept for days", "Would go" if dry_run else "Gone")
    for kind, count in gone.items():
        grid.add_row(kind, str(getattr(days, kind)), str(count))
    Console().print(grid)
    if not dry_run:
        database.tidy(shrink=True)


def _reseal(settings: Settings, database: Database) -> None:
    from handoff.privacy.resealing import reseal

    with console.status("Sealing") as status:
        changed = reseal(
            database, Shelf(settings.data_dir / "attachments", database.vault), progress=lambda what, count: status.update(f"Sealing {what}: {count}")
        )
    console.print(f"{changed} rows and files sealed with the key {database.vault.key_id}.", markup=False, highlight=False)
