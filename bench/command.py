"""One run of everything, in its order."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.contender import Contender
from bench.kept import Kept
from bench.material import ROOT, Material, material
from bench.ours import Ours
from bench.report import Report
from bench.rounds import Measured, interleaved, never_heard, together
from bench.running import NotMeasured
from bench.stock import Stock
from bot.encoder import FOLDER
from bot.understanding import FaqEntry

Step = Callable[[str], None]
ASKED = "tahan kaameliga sõita"  # one of its own wordings: whoever has learned it answers from it
NEW = FaqEntry(
    "bench-kaamel",
    "Kas teil saab kaameliga sõita?",
    "Jah, kaameliga saab sõita laupäeviti kell kolm.",
    examples=("kaameliga sõitmine", ASKED),
)
WARM_UP = 20  # questions before the clock
ROUNDS = 3  # of many customers at once, each contender in turn


def run(folder: Path, models: Path, *, questions: int, seconds: float, say: Step, train_again: bool = True) -> Report:
    """Train, start and ask both. Takes most of an hour, nearly all of it the other's training; a folder that was used before has that already.
    Without `train_again` the other learns no new answer: it would take at least the work of its training, shared by all cores.
    Raises `bench.running.NotMeasured`."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = material(questions)
    kept = Kept(folder, asked)
    contenders: tuple[Contender, ...] = (Ours(_made(folder / "ours"), asked, models), Stock(_made(folder / "stock"), asked))
    measured = [Measured(one.name) for one in contenders]
    try:
        for one, figures in zip(contenders, measured, strict=True):
            say(f"training {one.name}")
            figures.training = kept.once(f"training {one.name}", one.train)
        for one, figures in zip(contenders, measured, strict=True):
            say(f"starting {one.name}")
            figures.start = one.start(asked.questions[0].text)
        asyncio.run(_ask(contenders, asked, measured, seconds, say))
        check(measured)
        for one, figures in zip(contenders, measured, strict=True):
            figures.memory = sum(program.memory() for program in one.programs)
            figures.loaded = sorted({name for program in one.programs for name in program.loaded()})
        for one, figures in zip(contenders, measured, strict=True):
            say(f"a new answer for {one.name}")
            if isinstance(one, Stock) and not train_again:
                figures.change, figures.change_is_least = figures.training / (os.cpu_count() or 1), True
                continue
            figures.change = kept.once(f"a new answer for {one.name}", partial(one.change, NEW, ASKED))
    finally:
        for one in contenders:
            one.stop()
    say("the encoder alone")
    ours, stock = measured
    return Report(ours, stock, ceiling(models, [question.text for question in asked.questions]), len(asked.questions), tuple(kept.again))


def check(measured: Sequence[Measured]) -> None:
    """Who never answers from the right entry has a part that does not run, and its times say nothing. Raises `NotMeasured`."""
    for one in measured:
        if one.right == 0:
            raise NotMeasured(f"{one.name} answered none of the questions from the right entry: look into the logs of the folder for what does not run")


async def _ask(contenders: Sequence[Contender], asked: Material, measured: Sequence[Measured], seconds: float, say: Step) -> None:
    unmeasured = [Measured(one.name) for one in contenders]
    await interleaved(contenders, asked.questions[:WARM_UP], unmeasured, say)
    say("questions one by one")
    await interleaved(contenders, asked.questions, measured, say)
    new = [never_heard(asked.questions) for _ in contenders]
    for number in range(ROUNDS):
        say(f"many customers at once, {number + 1} of {ROUNDS}")
        for one, texts, figures in zip(contenders, new, measured, strict=True):
            figures.per_second += await together(one, texts, seconds) / ROUNDS
    say("many customers at once who ask what others have asked")
    for one, figures in zip(contenders, measured, strict=True):
        heard = itertools.cycle([question.text for question in asked.questions])
        await together(one, heard, seconds / 2)
        figures.per_second_again = await together(one, heard, seconds)


def ceiling(models: Path, texts: Sequence[str]) -> dict[str, float]:
    """See `bench.ceiling`, in a process of its own, with the machine to itself."""
    command = [sys.executable, "-m", "bench.ceiling", str((models / FOLDER).resolve())]
    done = subprocess.run(command, input=json.dumps(list(texts)), capture_output=True, text=True, check=True, cwd=ROOT)
    return {str(name): float(value) for name, value in json.loads(done.stdout).items()}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
