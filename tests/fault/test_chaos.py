"""People act at random in a real house while it is killed, hung, cut off and given wrong clocks; afterwards nothing is lost, doubled, stuck or untrue.

`make chaos SEED=7` plays one run alone and prints what was done and what is wrong.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from tests.fault.house import House, missing
from tests.fault.ledger import Event
from tests.fault.plan import BOT, CLOCKS_WRONG, FAULTS, place_of, plan
from tests.fault.run import LONG_SECONDS, play, restored_again

SHORT_SEED, SHORT_SECONDS = 49, 7.0
FIRST_OF_SEVEN = ["  24.2 s  postgres (process 1), for 1.9 s", "  30.3 s  hang (process 1), for 5.9 s"]
SEEDS = range(1, int(os.environ.get("ABILINE_CHAOS_SEEDS", "20")) + 1)
Record = Callable[[str, object], None]


def play_and_judge(seed: int, seconds: float, folder: Path, record: Record, *, customers: int = 8, pace: float = 1.2) -> None:
    if lacking := missing(place_of(seed)):
        pytest.skip(f"{', '.join(lacking)} is not installed: `make postgres gateways` gets it from Debian's packages")
    played = asyncio.run(play(seed, seconds, folder, customers=customers, pace=pace))
    record(f"chaos, seed {seed}", str(played).partition(": ")[2].splitlines()[0])
    assert not played.wrongs, f"{played}\n(journal and logs: {folder})"


@pytest.mark.load
@pytest.mark.commands
@pytest.mark.timeout(420)
def test_a_short_run_leaves_nothing_lost_doubled_stuck_or_untrue(tmp_path: Path, record_property: Record) -> None:
    play_and_judge(SHORT_SEED, SHORT_SECONDS, tmp_path, record_property, customers=4, pace=0.6)


@pytest.mark.load
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
def test_three_minutes_of_everything_leave_nothing_lost_doubled_stuck_or_untrue(seed: int, tmp_path: Path, record_property: Record) -> None:
    play_and_judge(seed, LONG_SECONDS, tmp_path, record_property)


class Restoring:
    """As much of a house as is put in place again; each time what was erased meanwhile is gone."""

    def __init__(self) -> None:
        self.times = 0

    def restored(self) -> list[Event]:
        self.times += 1
        return []


def test_a_backup_that_was_wrong_is_put_in_place_once_more_since_an_erasure_may_have_been_under_way() -> None:
    house, before = cast(House, Restoring()), [Event("e", "c", 1, "message", "customer", text="tere")]
    assert asyncio.run(restored_again(house, before, {"backed_up", "delivered"})) == []
    assert asyncio.run(restored_again(house, before, {"delivered"})) is before


def test_the_same_seed_plays_the_same_plan_and_another_seed_another() -> None:
    assert plan(7, LONG_SECONDS) == plan(7, LONG_SECONDS)
    assert plan(7, LONG_SECONDS) != plan(8, LONG_SECONDS)
    assert [str(step) for step in plan(7, LONG_SECONDS) if step.fault != BOT][:2] == FIRST_OF_SEVEN  # a fault that is new changes no other's time


def test_each_long_run_has_every_fault_of_its_place_and_ends_in_calm() -> None:
    for seed in SEEDS:
        steps = plan(seed, LONG_SECONDS)
        assert {step.fault for step in steps} == {*FAULTS[place_of(seed)], BOT}
        assert all(step.at + step.lasts <= LONG_SECONDS * 0.95 for step in steps)
        assert all((step.by != 0) == (step.fault in CLOCKS_WRONG) for step in steps)


def test_the_short_run_kills_a_process_and_a_bot_and_takes_the_database_away() -> None:
    assert {"kill", "postgres", BOT} <= {step.fault for step in plan(SHORT_SEED, SHORT_SECONDS)}
