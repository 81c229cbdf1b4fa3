"""Plays a chaos run and judges it: `python -m tests.fault.run SEED` (or `make chaos SEED=…`). The same seed plays the same plan of faults."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fault import ledger, outside
from tests.fault.actors import Actor, Customer
from tests.fault.house import ENTRIES, House, opened
from tests.fault.journal import Erased, Fault, Journal, Kept, Moved, Saw
from tests.fault.ledger import Event, Ledger
from tests.fault.oracle import judge
from tests.fault.plan import STEPS, Step, place_of, plan
from tests.fault.staff import Agent, Editor, Operator, Supervisor
from tests.fault.verdict import Wrong
from tests.keys import use_test_key

LONG_SECONDS = 180.0
SETTLE_SECONDS = 300.0  # in which a house that nothing hurts any more must have put something right, until all is; how long all takes is the machine's matter
LATER_SECONDS = 900.0 + max(STEPS)  # by which the clocks go forward then: tries that wait for a time come due, also by a clock that was wrong
LOOK_SECONDS = 0.5
LEAST_EVERY = 6.0  # seconds in which a message was acknowledged at least, on the average
OPERATOR = "anu"
FROM_OUTSIDE = {"entries_agree", "found_again", "forgotten", "unlogged"}


@dataclass
class Played:
    """What came of a run. `settled` is how many seconds it took until nothing was wrong any more."""

    seed: int
    steps: list[Step]
    wrongs: list[Wrong]
    counts: dict[str, int]
    settled: float

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        lines = [f"seed {self.seed}: {counts}; all right after {self.settled:.1f} s", *(f"  {step}" for step in self.steps)]
        return "\n".join([*lines, *(f"WRONG {wrong.rule} in {wrong.where}: {wrong.what}" for wrong in self.wrongs)])


async def play(seed: int, seconds: float, folder: Path, *, customers: int = 8, pace: float = 1.2) -> Played:
    """Open a house, let people act in it while it is hurt, let it come to rest, and judge."""
    journal, steps = Journal(file=folder / "journal.jsonl"), plan(seed, seconds)
    async with opened(place_of(seed), folder, journal) as house:
        actors = _actors(house, journal, seed, customers=customers, pace=pace)
        stop = asyncio.Event()
        lives = [asyncio.create_task(actor.live(stop)) for actor in actors]
        began = time.monotonic()
        await asyncio.gather(*(_at(began, step, house) for step in steps))
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
        stop.set()
        await _go_home(actors, lives)
        wrongs, settled, whole = await _come_to_rest(house, journal, seed)
        for actor in actors:
            await actor.leave()
        counts = _counts(journal, whole) | {"backups": house.backups}
        wrongs += _too_little(journal, seconds)
    journal.close()
    return Played(seed, steps, wrongs, counts, settled)


async def _go_home(actors: Sequence[Actor], lives: Sequence[asyncio.Task[None]]) -> None:
    """Everybody leaves what they are at, as people close a page; a backup is ended first, its process would go on."""
    for actor, life in zip(actors, lives, strict=True):
        if not isinstance(actor, Operator):
            life.cancel()
    for ended in await asyncio.gather(*lives, return_exceptions=True):
        if isinstance(ended, Exception):  # a cancellation is none
            raise ended


def _actors(house: House, journal: Journal, seed: int, *, customers: int, pace: float) -> list[Actor]:
    def own(place: int) -> random.Random:
        return random.Random(seed * 1000 + place)

    people: list[Actor] = []
    for place in range(customers):
        people.append(Customer(f"customer-{place}", house.line(own(place), f"127.0.1.{place + 1}"), journal, own(place), pace))
    for place, login in enumerate(("jaan", "kadri", "tiit"), 200):
        line = house.line(own(place), f"127.0.2.{place}", login)
        kind, others = Supervisor if login == "tiit" else Agent, [one for name, one in house.people.items() if name not in (login, "liis", OPERATOR)]
        people.append(kind(login, line, journal, own(place), pace / 2, agent_id=house.people[login], others=others, teams=[house.team]))
    people.append(Editor("liis", house.line(own(300), "127.0.3.1", "liis"), journal, own(300), pace * 2, entries=list(ENTRIES)))
    people.append(Operator(OPERATOR, house.line(own(400), "127.0.4.1", OPERATOR), journal, own(400), pace * 4, back_up=house.back_up))
    return people


async def _at(began: float, step: Step, house: House) -> None:
    await asyncio.sleep(max(0.0, began + step.at - time.monotonic()))
    await house.hurt(step)


async def _come_to_rest(house: House, journal: Journal, seed: int) -> tuple[list[Wrong], float, Ledger]:
    """Look again and again until nothing is wrong or time is up: nobody acts any more, so what is wrong at the end stays so."""
    began, chance = time.monotonic(), random.Random(seed)
    fewest, better = sys.maxsize, began
    house.other.away = False
    house.later(LATER_SECONDS)
    desk = house.line(chance, "127.0.2.250", "jaan")
    searched: dict[str, list[str]] = {}
    shows: dict[str, list[str]] = {}
    traces: dict[str, str] = {}
    saved = await asyncio.to_thread(house.restored)
    answered: dict[str, dict[str, str]] = {}
    try:
        while True:
            found = await asyncio.to_thread(ledger.read, house.database)
            found.shown, found.found, found.answers, found.backup = await outside.waiting(desk), searched, answered, saved
            found.shows, found.traces, found.logged = shows, traces, ledger.logged(house.folder)
            wrongs = judge(journal, found)
            if not wrongs and answered:
                return [], time.monotonic() - began, found
            if len(wrongs) < fewest:
                fewest, better = len(wrongs), time.monotonic()
            if time.monotonic() - better > SETTLE_SECONDS:
                for worker in house.workers:
                    worker.tell_stacks()
                await asyncio.sleep(LOOK_SECONDS)
                return wrongs or [Wrong("entries_agree", "", "nobody could be asked in time")], time.monotonic() - began, found
            rules = {wrong.rule for wrong in wrongs}
            saved = await restored_again(house, saved, rules)
            if not rules - FROM_OUTSIDE:
                searched, answered = await outside.searches(desk, journal, chance), await outside.answers(house, journal, chance)
                shows, traces = await outside.erased(desk, journal, chance), await asyncio.to_thread(ledger.traces, house.database)
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await desk.close()


async def restored_again(house: House, saved: list[Event] | None, rules: Collection[str]) -> list[Event] | None:
    """The backup put in place once more where it was wrong: an erasure may have been under way when its customer left, and have been done only after it was
    put in place the first time. What is wrong for good stays so."""
    return await asyncio.to_thread(house.restored) if "backed_up" in rules else saved


def _too_little(journal: Journal, seconds: float) -> list[Wrong]:
    """A run in which hardly anything was said proves nothing."""
    said, least = sum(1 for _ in journal.of(Kept)), round(seconds / LEAST_EVERY)
    return [Wrong("says_enough", "", f"{said} messages were acknowledged, less than {least}: play it when the machine has time")] if said < least else []


def _counts(journal: Journal, whole: Ledger) -> dict[str, int]:
    faults = Counter(note.what.partition(":")[0] for note in journal.of(Fault))
    return {
        "faults": faults["begins"],
        "conversations": len(whole.talks),
        "messages acknowledged": sum(1 for _ in journal.of(Kept)),
        "events": len(whole.events),
        "events seen on streams": sum(1 for _ in journal.of(Saw)),
        "answers paid": len(whole.debts),
        "moves of agents": sum(1 for _ in journal.of(Moved)),
        "conversations erased": len({note.conversation for note in journal.of(Erased)}),
        "of them by the operator": len({note.conversation for note in journal.of(Erased) if note.who == OPERATOR}),
        "deliveries": len(whole.deliveries),
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("seed", type=int)
    asked.add_argument("--seconds", type=float, default=LONG_SECONDS)
    asked.add_argument("--keep", type=Path, help="folder for the journal and the logs of the processes")
    wish = asked.parse_args()
    use_test_key()
    with tempfile.TemporaryDirectory(prefix="abiline-chaos-") as passing:
        folder = wish.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        played = asyncio.run(play(wish.seed, wish.seconds, folder))
    print(played)
    return 1 if played.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
