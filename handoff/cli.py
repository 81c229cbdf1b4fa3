"""The `abiline` command. Joins the halves like `app`; heavy imports stay inside the commands that need them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from handoff import cli_backup, cli_bench, cli_channels, cli_privacy, start, unfit
from handoff.accounts.tables import Role
from handoff.database import is_away
from handoff.errors import AbilineError
from handoff.settings import SECRET_FIELDS, Settings, read_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Customer support for Estonian websites.")
faq = typer.Typer(no_args_is_help=True, help="The answers: check, import, export.")
user = typer.Typer(no_args_is_help=True, help="People who log in.")
app.add_typer(faq, name="faq")
app.add_typer(user, name="user")
app.add_typer(cli_privacy.app, name="privacy")
app.add_typer(cli_channels.app, name="channels")
app.command()(cli_backup.backup)
app.command()(cli_backup.restore)
app.command()(cli_bench.bench)
console = Console(stderr=True)

FaqFolder = Annotated[Path | None, typer.Option("--from", help="Folder or file of entries; the settings' folder by default.")]


def main() -> None:
    """Entry point: an error that people can mend is one line and exit code 2, never a traceback."""
    from sqlalchemy.exc import DBAPIError

    from bot.faq.entries import FaqError
    from bot.mendable import Mendable
    from bot.understanding import BotUnavailable

    try:
        app()
    except FaqError as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(2)
    except DBAPIError as error:
        if not is_away(error):
            raise
        console.print(f"abiline: {unfit.in_words(error)}", style="red", markup=False, highlight=False)
        sys.exit(2)
    except (AbilineError, Mendable, BotUnavailable) as error:
        console.print(f"abiline: {error}", style="red", markup=False, highlight=False)
        sys.exit(2)


@app.command()
def serve() -> None:
    """Serve customers, agents and editors until stopped."""
    start.share_processors()
    settings = read_settings()
    start.check_places(settings)
    entries = start.checked_entries(settings)
    with _steps() as say:
        house = start.open_house(settings, entries, say)
    for line in house.welcome:
        console.print(line, markup=False, highlight=False)
    start.run(house)


@app.command()
def train(
    force: Annotated[bool, typer.Option("--force", help="Train even when nothing changed.")] = False,
    encoder: Annotated[
        bool, typer.Option("--encoder", help="Teach the encoder anew with data/bank (most of an hour; the result is part of the code).")
    ] = False,
    matcher: Annotated[bool, typer.Option("--matcher", help="Learn the matcher's weights anew from data/bank (minutes; they are part of the code).")] = False,
) -> None:
    """Prepare the encoder and train Rasa, where the training data, the configuration or the domain has changed."""
    from bot.training import train as train_bot

    settings = read_settings()
    start.checked_entries(settings)
    if encoder:
        with _steps() as say:
            learned = start.train_encoder(say)
        console.print(f"Learned {learned}", highlight=False)
    if matcher or encoder:  # the matcher weighs what its own encoder says
        with _steps() as say:
            console.print(start.train_matcher(settings, say), highlight=False)
    with _steps() as say:
        model = train_bot(settings.model_dir, progress=say, force=force)
    console.print(f"Ready: {model}", markup=False, highlight=False)


@app.command()
def evaluate(
    faq_file: Annotated[Path, typer.Option("--faq", exists=True, dir_okay=False, help="Entries: a list of {id, question, answer, …}.")],
    questions: Annotated[Path, typer.Option("--questions", exists=True, dir_okay=False, help="A list of {text, expected, also_ok, kind}.")],
    precision: Annotated[float | None, typer.Option(help="Share of answers that are to be right; the shipped one by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the whole understanding, as in production, on an FAQ and questions with known answers."""
    import json

    settings = read_settings()
    report = start.evaluate(settings, faq_file, questions, precision or settings.answer_precision)
    if as_json:
        sys.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False) + "\n")
    else:
        Console().print(report.as_table())


@app.command()
def quality(
    bank: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The folder with businesses to ask; those marked `part: test` are.")] = start.BANK,
    chatter: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Texts that are no questions, in the form that evaluate reads.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Draw coverage and calibration into this folder.")] = None,
    misses: Annotated[int, typer.Option(help="How many of the surest mistakes to show.")] = 0,
) -> None:
    """Measure the answers on the bank's businesses that nothing was learned from."""
    from bot.quality import plot

    settings = read_settings()
    measured = start.quality(settings, bank, chatter)
    console = Console()
    grid = Grid("Figure", "Mean", *measured.reports)
    for name, value in measured.figures().items():
        own = [getattr(report, name, None) for report in measured.reports.values()]
        grid.add_row(name, f"{value:.3f}", *("" if one is None else f"{one:.3f}" for one in own))
    console.print(grid)
    for text, wanted, found, chance in measured.misses(misses):
        console.print(f"{chance:.2f}  {text}\n      {found}, wanted {wanted}", markup=False, highlight=False)
    for path in plot(measured, plots) if plots else ():
        console.print(f"Drew {path}", markup=False, highlight=False)


@app.command()
def waiting(
    backtest: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Try them on recorded days: a CSV with waiting_since, claimed_at.")] = None,
    generated: Annotated[bool, typer.Option("--generated", help="Try them on generated days of every kind.")] = False,
    export: Annotated[Path | None, typer.Option(dir_okay=False, help="Write our own recorded waits into this CSV.")] = None,
) -> None:
    """How well promises to waiting customers are kept: our own of the last 30 days, or on days that are over."""
    if backtest or generated:
        grid = Grid("Days", "Promises", "Kept", "Median wait", "Median promise", "Promise is × the wait", "No time told")
        for name, verdict in start.tried_promises(backtest, generated=generated):
            times = [f"{time.total_seconds() / 60:.1f} min" for time in (verdict.median_wait, verdict.median_promise)]
            grid.add_row(name, str(len(verdict.judged)), f"{verdict.kept:.1%}", *times, f"{verdict.over:.2f}", str(verdict.untold))
        return Console().print(grid)
    settings = read_settings()
    if export:
        console.print(f"{start.export_waits(settings, export)} waits written to {export}.", markup=False)
    kept, judged = start.kept_promises(settings)
    console.print(
        f"{kept} of {judged} promises of the last 30 days were kept." if judged else "No promise has been judged in the last 30 days.", highlight=False
    )


@app.command("settings")
def show_settings() -> None:
    """Every setting with its present value and one sentence; secrets are not shown."""
    settings = read_settings()
    grid = Grid("Setting", "Now", "What it is")
    for name, about in Settings.model_fields.items():
        value = "(secret)" if name in SECRET_FIELDS else str(getattr(settings, name))
        grid.add_row(f"ABILINE_{name.upper()}", value, about.description or "")
    Console().print(grid)


@faq.command("check")
def check_faq(source: FaqFolder = None) -> None:
    """Read the entry files and name everything that is wrong: file, line, entry and the mend."""
    entries = start.checked_entries(read_settings(), source)
    console.print(f"{len(entries)} entries, nothing wrong.")


@faq.command("import")
def import_faq(
    files: Annotated[list[Path] | None, typer.Argument(exists=True, help="YAML, CSV or XLSX files, or folders; the settings' folder by default.")] = None,
    source: FaqFolder = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would change.")] = False,
    drafts: Annotated[bool, typer.Option("--drafts", help="Keep them as drafts instead of publishing.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="The files are the whole list: archive what they leave out.")] = False,
) -> None:
    """Publish the entries of files that differ from the database. A running service answers from them within a second."""
    from handoff.editor.on_disk import take_in

    settings = read_settings()
    places = files or [source or settings.faq_dir]
    took = take_in(start.entry_store(settings), places, dry_run=dry_run, drafts=drafts, archive_rest=whole)
    for change in took.changes:
        fields = f" ({', '.join(one.field for one in change.differences)})" if change.kind == "changed" else " (new)"
        console.print(f"{'would change' if dry_run else 'changed'}: {change.entry_id}{fields}", markup=False, highlight=False)
    for entry_id in took.archived:
        console.print(f"{'would archive' if dry_run else 'archived'}: {entry_id}", markup=False, highlight=False)
    console.print(f"{len(took.changes)} entries {'differ' if dry_run else 'changed'}.")


@faq.command("export")
def export_faq(
    target: Annotated[Path, typer.Argument(help="A folder for YAML, one file a topic; or a file that ends in .yml, .csv or .xlsx.")],
    language: Annotated[str, typer.Option(help="Of a table's headings: et, en or ru.")] = "et",
    comma: Annotated[bool, typer.Option("--comma", help="Commas in a CSV instead of semicolons.")] = False,
) -> None:
    """Write the published entries: as a folder in the form of `data/faq`, or as a table."""
    from handoff.editor.on_disk import write
    from handoff.editor.outgoing import Wanted

    settings = read_settings()
    if target.suffix:
        count = write(start.entry_store(settings), target, Wanted(delimiter="comma" if comma else "semicolon"), language)
    else:
        count = len(start.export_entries(settings, target))
    console.print(f"{count} entries written to {target}.", markup=False)


@user.command("add")
def add_user(login: str, name: str, role: Role = Role.AGENT) -> None:
    """Make an account; its password is made and printed once."""
    password = start.add_account(start.open_database(read_settings()), login=login, name=name, role=role)
    console.print(f"{login} can log in with the password  {password}", markup=False, highlight=False)


@user.command("password")
def new_password(login: str) -> None:
    """Give an account a new password, print it once and end its log-ins."""
    from handoff.accounts import service as accounts

    password = start.made_password()
    accounts.set_password(start.open_database(read_settings()), login=login, password=password)
    console.print(f"{login} can log in with the password  {password}", markup=False, highlight=False)


@user.command("list")
def list_users() -> None:
    """Everyone who has an account: log-in, name, role, whether it is open, and whether a second step guards it."""
    from handoff.accounts import staff

    grid = Grid("Log-in", "Name", "Role", "Account", "Second step")
    for one in staff.everyone(start.open_database(read_settings())):
        state = "closed" if not one.active else "invited" if one.invited else "open"
        grid.add_row(escape(one.login), escape(one.name), one.role.value, state, "yes" if one.has_code else "no")
    Console().print(grid)


@user.command("role")
def new_role(login: str, role: Role) -> None:
    """Give an account another role. The last admin stays one."""
    from handoff.accounts import staff

    settings = read_settings()
    database = start.open_database(settings)
    staff.set_role(database, staff.by_login(database, login), role, by=None)
    console.print(f"{login} is {role.value} now.", markup=False, highlight=False)


@user.command("totp-reset")
def reset_totp(login: str) -> None:
    """Turn an account's second step off, as when the phone is lost, and end its log-ins."""
    from handoff.accounts import staff

    database = start.open_database(read_settings())
    staff.reset_code(database, staff.by_login(database, login), by=None)
    console.print(f"{login} logs in with the password alone and can set the second step up again.", markup=False, highlight=False)


@user.command("capacity")
def capacity(login: str, conversations: Annotated[int | None, typer.Argument(help="At once; without it there is no limit.")] = None) -> None:
    """Limit how many conversations a person takes at once. Who has so many is not offered to customers."""
    from handoff.accounts import sharing, staff

    database = start.open_database(read_settings())
    sharing.set_capacity(database, staff.by_login(database, login), conversations, by=None)


@user.command("give-out")
def give_out(team: str, seconds: Annotated[int | None, typer.Argument(help="To accept; without it anybody takes what waits.")] = None) -> None:
    """Give a team's conversations out one by one to whoever of it has fewest, with so many seconds to accept."""
    from handoff.accounts import sharing, teams
    from handoff.errors import NotFound

    database = start.open_database(read_settings())
    found = next((one for one in teams.teams(database) if one.name.casefold() == team.casefold()), None)
    if found is None:
        raise NotFound(f"There is no team {team!r}.")
    sharing.set_accept_seconds(database, found.id, seconds, by=None)


@contextmanager
def _steps() -> Iterator[Any]:
    """A function that names the step under way, shown with the time it takes."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=not console.is_terminal) as progress:
        current: list[Any] = []

        def say(step: str) -> None:
            if current:
                progress.update(current[-1], total=1, completed=1)
            current.append(progress.add_task(step, total=None))
            if not console.is_terminal:
                console.print(f"… {step}", markup=False, highlight=False)

        yield say
        if current:
            progress.update(current[-1], total=1, completed=1)
