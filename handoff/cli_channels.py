"""`abiline channels …`: whether the messengers work, and how they learn where we are."""

from __future__ import annotations

import asyncio

import httpx
import typer
from rich.console import Console
from rich.table import Table as Grid

from handoff.channels import routes
from handoff.channels.provider import Standing
from handoff.channels.telegram import Telegram
from handoff.errors import SettingsError
from handoff.settings import Settings, read_settings

app = typer.Typer(no_args_is_help=True, help="Messengers: check, and register where they call.")
SECONDS = 10
PROBLEMS = {
    "token": "the token is refused: copy it anew (docs/channels.md)",
    "hook": "calls do not come here yet: `abiline channels register`",
    "delivery": "calls wait there and do not reach this service: look at its public address",
    "page": "the page does not send its messages to your app yet: subscribe it (docs/channels.md)",
    "away": "it can't be reached from this machine",
}


@app.command()
def check() -> None:
    """Ask each messenger that has a token whether it knows us. Exit code 1 where one does not work."""
    settings = read_settings()
    found = asyncio.run(_check(settings))
    grid = Grid("Messenger", "Called", "Stands")
    for one in found:
        grid.add_row(one.name, one.called or "–", PROBLEMS.get(one.problem, one.problem) or "works")
    for name in routes.ALL:
        if name not in {one.name for one in found}:
            grid.add_row(name, "–", f"off: ABILINE_{name.upper()}_TOKEN is not set")
    Console().print(grid)
    if any(one.problem for one in found):
        raise typer.Exit(1)


@app.command()
def register() -> None:
    """Tell Telegram where it is to call: `ABILINE_PUBLIC_URL`, which must begin with https. The other messengers are told on their own pages."""
    settings = read_settings()
    if not settings.telegram_token.get_secret_value():
        raise SettingsError("ABILINE_TELEGRAM_TOKEN: set it first (docs/channels.md)")
    sent = asyncio.run(_register(settings))
    if sent:
        raise SettingsError(f"ABILINE_PUBLIC_URL: Telegram does not take this address ({sent}); it must be reachable from outside by https")
    typer.echo(f"Telegram calls {settings.public_url} from now on.")


async def _check(settings: Settings) -> list[Standing]:
    found = []
    async with httpx.AsyncClient(timeout=SECONDS) as client:
        for provider in routes.set_up(settings).values():
            try:
                found.append(await provider.stand(client))
            except (httpx.HTTPError, KeyError, TypeError, ValueError):
                found.append(Standing(provider.name, problem="away"))
    return found


async def _register(settings: Settings) -> str | None:
    async with httpx.AsyncClient(timeout=SECONDS) as client:
        try:
            return (await Telegram(settings).register(client)).error
        except httpx.HTTPError as error:
            return type(error).__name__
