"""A million events of a year: how long each report takes. Told in the tests' own report, never asserted; two seconds are what we want.

`ABILINE_LOAD_EVENTS` makes it smaller, for trying.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

import handoff.migrate  # noqa: F401  (registers every table)
from handoff.accounts.tables import AgentRow, TeamRow
from handoff.conversations.tables import EventRow
from handoff.database import Database, Table
from handoff.entries.tables import EntryRow
from handoff.reports import asked, counting
from handoff.reports.counting import By
from handoff.reports.gathering import gather
from handoff.reports.grievances import grievances
from handoff.reports.overview import overview
from handoff.reports.voices import voices
from handoff.reports.wanted import Wanted
from handoff.schedule import Hours
from handoff.week import Week
from tests.load.house import House
from tests.postgres import Cluster, programs

pytestmark = [pytest.mark.load, pytest.mark.timeout(1800)]

EVENTS = int(os.environ.get("ABILINE_LOAD_EVENTS", "1000000"))
SECONDS = 2.0
ZONE = ZoneInfo("Europe/Tallinn")
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
TODAY = date(2026, 11, 20)
MONTH, YEAR = Wanted(TODAY - timedelta(days=29), TODAY), Wanted(TODAY - timedelta(days=364), TODAY)


@pytest.fixture(params=["sqlite", "postgres"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A house with a million events, counted."""
    if request.param == "sqlite":
        yield from _filled(f"sqlite:///{tmp_path / 'abiline.db'}", request.param)
        return
    bin_folder = programs()
    if bin_folder is None:
        pytest.fail("there is no PostgreSQL: `make postgres` gets it from Debian's packages")
    with Cluster(bin_folder) as cluster:
        yield from _filled(cluster.fresh(), request.param)


def _filled(url: str, name: str) -> Iterator[Database]:
    database = Database(url)
    Table.metadata.create_all(database.engine)
    people(database)
    _told(name, "writing the events", lambda: House(database, seed=8, until=NOW).fill(EVENTS))
    _told(name, "counting all of them", lambda: gather(database, Hours(Week.read("Mo-Fr 09:00-17:00"), ZONE)))
    with database.write() as session:
        session.execute(text("ANALYZE"))
    yield database
    database.close()


def people(database: Database) -> None:
    """Agents, teams and entries with topics, as a house of this size has them: without people nobody takes an answer over."""
    with database.write() as session:
        session.add_all(AgentRow(login=f"agent-{number}", name=f"Agent {number}", password_hash="") for number in range(12))
        session.add_all(TeamRow(name=f"Team {number}") for number in range(3))
        session.add_all(EntryRow(id=f"entry-{number:02}", topic=f"topic {number % 8}") for number in range(60))


def test_how_long_each_report_takes_is_told(full: Database, record_property: Callable[[str, object], None]) -> None:
    name = full.engine.dialect.name
    with full.read() as session:
        assert (session.scalar(select(func.count()).select_from(EventRow)) or 0) >= EVENTS
        taken = {"nothing to count": _told(name, "nothing new to count", lambda: gather(full, Hours(Week.read("Mo-Fr 09:00-17:00"), ZONE)))}
        for length, of in (("month", MONTH), ("year", YEAR)):
            for way in By:
                taken[f"{length} by {way}"] = _told(name, f"{length} by {way}", lambda of=of, way=way: counting.by(session, of, way, until=NOW))  # type: ignore[misc]
                said = f"{length}: said by {way}"
                taken[said] = _told(name, said, lambda of=of, way=way: voices(session, of, way, zone=ZONE))  # type: ignore[misc]
            reports: dict[str, Callable[[], object]] = {
                "busiest hours": lambda of=of: counting.busiest(session, of),  # type: ignore[misc]
                "entries": lambda of=of: asked.entries(session, of, ZONE),  # type: ignore[misc]
                "calibration": lambda of=of: asked.calibration(session, of, ZONE),  # type: ignore[misc]
                "complaints": lambda of=of: grievances(session, of),  # type: ignore[misc]
                "opinions": lambda of=of: asked.opinions(session, of, ZONE),  # type: ignore[misc]
            }
            for what, report in reports.items():
                taken[f"{length}: {what}"] = _told(name, f"{length}: {what}", report)
    taken["the page of a month"] = _told(name, "the page of a month", lambda: overview(full, MONTH, By.DAY, zone=ZONE, until=NOW))
    taken["the page of a year"] = _told(name, "the page of a year", lambda: overview(full, YEAR, By.DAY, zone=ZONE, until=NOW))

    slow = {what: f"{seconds:.1f} s" for what, seconds in taken.items() if seconds > SECONDS}
    slowest = max((seconds, what) for what, seconds in taken.items() if "page" not in what)
    record_property(
        f"{name}, {EVENTS} events",
        f"slowest report {slowest[0]:.2f} s ({slowest[1]}), "
        f"page of a month {taken['the page of a month']:.2f} s, of a year {taken['the page of a year']:.2f} s; "
        f"over {SECONDS:.0f} s: {slow or 'none'}",
    )


def _told(name: str, what: str, act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    taken = time.perf_counter() - began
    print(f"{name:10} {what:24} {taken:7.2f} s")
    return taken
