"""`abiline bench`: the command; what it does is in `bench`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from handoff.settings import read_settings

DOCS = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
console = Console(stderr=True)


def bench(
    *,
    questions: Annotated[int, typer.Option(min=20, help="How many both are asked, one by one.")] = 300,
    seconds: Annotated[float, typer.Option(min=1, help="How long each round of many customers lasts.")] = 30,
    folder: Annotated[
        Path | None, typer.Option(file_okay=False, help="Keep models and logs here, and train no second time. Without it they go with the end.")
    ] = None,
    train_again: Annotated[bool, typer.Option(help="Let the other learn a new answer too, which takes it a second training.")] = True,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/performance.md.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure speed and memory beside a stock Rasa, trained and started here on the same data. Most of an hour; let the machine do nothing else."""
    from bench import command, report

    models = read_settings().model_dir
    with TemporaryDirectory(prefix="abiline-bench-") as made:
        measured = command.run(
            folder or Path(made),
            models,
            questions=questions,
            seconds=seconds,
            say=lambda step: console.print(f"… {step}", highlight=False),
            train_again=train_again,
        )
    if write:
        report.write(measured, DOCS)
    if as_json:
        sys.stdout.write(json.dumps(measured.as_dict(), ensure_ascii=False) + "\n")
        return
    grid = Grid("Figure", measured.ours.name, measured.stock.name, "Ratio", "Goal", "")
    for line in measured.lines():
        ratio = "" if line.ratio is None else f"{line.ratio:.2g} ×"
        grid.add_row(line.figure, line.ours, line.stock, ratio, line.goal, "" if line.reached else "not reached")
    Console().print(grid)
