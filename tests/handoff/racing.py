"""Acts that begin at the same moment, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from handoff.errors import AbilineError


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What came of each act, in their order: what it gave, or the refusal. Anything else that goes wrong is raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except AbilineError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def done(outcomes: list[object]) -> int:
    """How many were not refused."""
    return sum(not isinstance(one, AbilineError) for one in outcomes)
