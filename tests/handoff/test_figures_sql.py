"""What docs/figures.md tells is so: each statement there is run as it is written, and gives what paper and the code give; every figure has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Date, bindparam, text
from sqlalchemy.orm import Session

from handoff.conversations.scores import Scale
from handoff.conversations.tables import SlaClockRow
from handoff.database import Database, Moment
from handoff.entries.tables import EntryAliasRow, EntryRow
from handoff.reports import asked, complaints, counting, figures, times, voices
from handoff.reports.counting import AGAIN_WITHIN, By, Counts
from handoff.reports.gathering import gather
from handoff.reports.grievances import grievances, products
from handoff.reports.intervals import Estimate
from handoff.reports.overview import COUNT_COLUMNS, VOICE_COLUMNS
from handoff.reports.voices import Voices
from handoff.reports.wanted import Wanted, ends
from tests.handoff.figures_on_paper import PAPER, write
from tests.handoff.test_figures import HOURS, NOVEMBER, NOW, ZONE
from tests.load.house import House

pytestmark = pytest.mark.both_databases

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
PAGE = (ROOT / "handoff" / "reports" / "templates" / "figures.html").read_text(encoding="utf-8")
TABLES = {"parts", "heard"}  # of the page: every figure in them has a section of its own
SECTION = re.compile(r"^### (?P<title>[^\n]+) \(`(?P<name>\w+)`\)\n\n(?:[^# ][^#]*?\n\n)?(?P<sql>    SELECT.*?)(?=\n\n)", flags=re.M | re.S)
STATEMENTS = {one["name"]: one["sql"] for one in SECTION.finditer(DOCS)}
SHARES = (0.5, 0.8, 0.95)
CASES = {"part": "whole", "mean": "size"}
Answer = Any


@pytest.fixture
def paper(database: Database, people: dict[str, str]) -> Database:
    write(database, people["jaan"])
    return database


def run(session: Session, name: str, of: Wanted, condition: str = "", part: Any = None, share: float = 0.5) -> list[tuple[Any, ...]]:
    """The statement of this name as it is written down, narrowed to one part."""
    (since, until), (since_before, until_before) = ends(of, ZONE), ends(of.before, ZONE)
    known = {"since": since, "until": until, "since_before": since_before, "until_before": until_before, "week_ago": NOW - AGAIN_WITHIN}
    sql = STATEMENTS[name]
    for period in (":first AND :last", "< :until"):
        sql = re.sub(rf"{period}\b", lambda found: found[0] + condition, sql) if condition else sql
    named = set(re.findall(r":(\w+)", sql))
    values: list[Any] = [bindparam(key, value, type_=Moment()) for key, value in known.items() if key in named]
    values += [bindparam(key, value, type_=Date()) for key, value in (("first", of.since), ("last", of.until)) if key in named]
    values += [bindparam(key, value) for key, value in (("share", share), ("part", part)) if key in named]
    return [tuple(row) for row in session.execute(text(sql).bindparams(*values))]


def answer(session: Session, name: str, of: Wanted, condition: str = "", part: Any = None) -> Answer:
    """What the statement says, in the form of `PAPER`."""
    if name in ("waits", "waiting"):
        return tuple(_number(run(session, name, of, condition, part, share)[0][0]) for share in SHARES)
    rows = run(session, name, of, condition, part)
    forms: dict[str, Callable[[], Answer]] = {
        "reasons": lambda: rows,
        "entries": lambda: rows,
        "busiest": lambda: {(weekday, hour): many for weekday, hour, many in rows},
        "entries_helped": lambda: {entry: (int(up), many) for entry, up, many in rows},
        "rising": lambda: [entry for (entry,) in rows],
        "grievances": lambda: {(topic or "", entry or ""): many for topic, entry, many in rows},
        "products": lambda: dict(rows),
        "calibration": lambda: [(int(tenth), promised, up, many) for tenth, promised, up, many in rows],
        "saved": lambda: _number(rows[0][0]) or 0.0,
    }
    if name in forms:
        return forms[name]()
    row = rows[0] if rows else (None, 0)
    if len(row) == 1:
        return row[0]
    if name in ("handled", "nps", "ces"):
        return _number(row[0]), row[1]
    return int(row[0] or 0), int(row[1] or 0)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def of_code(counts: Counts, heard: Voices | None) -> dict[str, Answer]:
    """The same of the whole or of a part, as the page has it."""
    nothing = Estimate(None, None, None, 0)
    scores = {kind: heard.opinions.get(kind, nothing) if heard else nothing for kind in Scale}
    found: dict[str, Answer] = {
        "conversations": counts.conversations,
        "alone": pair(counts.alone),
        "unanswered": pair(counts.unanswered),
        "waits": tuple(counts.waits.values()),
        "waiting": tuple(counts.waiting.values()),
        "handled": (counts.handled.value, counts.handled.size),
        "once": pair(counts.solved_at_once),
        "again": counts.again,
        "known": counts.known,
        "lost": counts.lost,
        "csat": pair(scores[Scale.CSAT]),
        "nps": (scores[Scale.NPS].value, scores[Scale.NPS].size),
        "ces": (scores[Scale.CES].value, scores[Scale.CES].size),
    }
    said_of = {"helped": heard.helpful, "in_time": heard.in_time, "agreed": heard.agreed} if heard else dict.fromkeys(("helped", "in_time", "agreed"), nothing)
    curve = [(round(one.low * 10), one.promised, *pair(one.kept)) for one in heard.curve] if heard else []
    return found | {name: pair(one) for name, one in said_of.items()} | {"calibration": curve}


def pair(one: Estimate) -> tuple[int, int]:
    return round((one.value or 0.0) * one.size), one.size


def whole(session: Session, of: Wanted) -> dict[str, Answer]:
    """Every figure of the period, as the page has it."""
    found, said_of = counting.counts(session, of, until=NOW), voices.voices(session, of, None, zone=ZONE).get("")
    entries = asked.entries(session, of, ZONE)
    return of_code(found, said_of) | {
        "saved": found.saved_hours,
        "reasons": counting.reasons(session, of),
        "busiest": counting.busiest(session, of),
        "outside": pair(counting.outside(session, of)),
        "entries": [(one.entry_id, one.asked, one.answered) for one in entries],
        "entries_helped": {one.entry_id: pair(one.helpful) for one in entries if one.helpful.size},
        "rising": [one.entry_id for one in entries if one.rising],
        "grievances": {(one.topic, one.entry_id): one.now for one in grievances(session, of)},
        "products": {one.product: one.now for one in products(session, of)},
    }


def test_every_figure_is_what_paper_says_by_its_statement_and_by_the_code(paper: Database) -> None:
    expected = {name: near(value) for name, value in PAPER.items()}
    with paper.read() as session:
        assert {name: answer(session, name, NOVEMBER) for name in PAPER} == expected
        assert whole(session, NOVEMBER) == expected


def near(value: Answer) -> Answer:
    """Equal but for what is lost behind the tenth digit."""
    if isinstance(value, float):
        return pytest.approx(value)
    if isinstance(value, list | tuple):
        return type(value)(near(one) for one in value)
    return value


@pytest.fixture
def busy(paper: Database) -> Database:
    """The same with a made-up house around it, in which entries have topics and one was renamed."""
    with paper.write() as session:
        session.add_all(
            [EntryRow(id="tarne", topic="tarne"), EntryRow(id="uus", topic="tarne"), *(EntryRow(id=f"entry-{n}", topic=f"teema {n % 3}") for n in range(9))]
        )
        session.flush()
        session.add(EntryAliasRow(id="vana", entry_id="entry-1"))
    House(paper, seed=5, until=NOW.astimezone(UTC)).fill(600)
    gather(paper, HOURS)
    return paper


AUTUMN = Wanted(date(2026, 6, 1), date(2026, 11, 20))  # with the night in which an hour comes twice


def test_every_statement_gives_what_the_code_gives_of_a_house_and_of_an_empty_period(busy: Database) -> None:
    with busy.read() as session:
        for of in (AUTUMN, NOVEMBER, Wanted(date(2020, 2, 1), date(2020, 2, 29))):
            found = whole(session, of)
            assert {name: answer(session, name, of) for name in STATEMENTS} == {name: near(found[name]) for name in STATEMENTS}


def test_every_statement_narrowed_to_a_part_gives_what_the_code_gives_of_it(busy: Database) -> None:
    with busy.read() as session:
        nothing = counting.counts(session, Wanted(date(2020, 2, 1), date(2020, 2, 1)), until=NOW)
        for way in By:
            counted, heard = counting.by(session, NOVEMBER, way, until=NOW), voices.voices(session, NOVEMBER, way, zone=ZONE)
            assert counted
            for part in sorted({*counted, *heard}):
                found = of_code(counted.get(part, nothing), heard.get(part))
                for name, of, condition, value in narrowed(way, part):
                    assert answer(session, name, of, condition, value) == near(found[name]), (name, way, part)


OWN = {
    ("helped", By.ENTRY): "rating.entry_id",
    ("calibration", By.ENTRY): "rating.entry_id",
    ("in_time", By.TEAM): "clock.team_id",
    **{(scale.value, way): f"survey.{counting.COLUMNS.get(way, way.value)}" for scale in Scale for way in (By.TEAM, By.AGENT, By.LANGUAGE, By.CHANNEL)},
}
OF_THEIR_OWN_TIME = {"helped", "calibration", "in_time", "csat", "nps", "ces"}
BY_PARTS = (set(PAPER) - {"reasons", "saved", "busiest", "outside", "entries", "entries_helped", "rising", "grievances", "products"}) & set(STATEMENTS)


def narrowed(way: By, part: str) -> Iterator[tuple[str, Wanted, str, Any]]:
    """For each figure: the period, the condition and the value with which its statement is that of this part."""
    for name in sorted(BY_PARTS):
        if name in OF_THEIR_OWN_TIME and way is By.HOUR:
            continue  # moments: no column says their hour by the house's clock
        if name in OF_THEIR_OWN_TIME and way is By.DAY:
            day = date.fromisoformat(part)
            yield name, replace(NOVEMBER, since=day, until=day), "", None
            continue
        alias = "call" if "AS call" in STATEMENTS[name] else "pick" if "AS pick" in STATEMENTS[name] else "talk"
        column = OWN.get((name, way), f"{alias}.{counting.COLUMNS.get(way, way.value)}")
        value = date.fromisoformat(part).isoformat() if way is By.DAY else int(part) if way is By.HOUR else part
        yield name, NOVEMBER, f" AND {column} = :part" if part else f" AND {column} IS NULL", value


def test_a_kept_time_is_of_the_local_hour_and_day_also_on_the_night_when_the_clock_goes_back(paper: Database) -> None:
    """21.30 UTC on Saturday is half past midnight on Sunday; 00.30 and 01.30 UTC are both half past three."""
    sunday, kept = date(2026, 10, 25), {"goal": "solution", "in_chat": True, "goal_seconds": 60, "left_seconds": 0.0, "kept": True}
    with paper.write() as session:
        for number, at in enumerate((datetime(2026, 10, 24, 21, 30, tzinfo=UTC), *(datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1, 22)))):
            session.add(SlaClockRow(id=f"night-{number}", conversation_id="a", started_at=at, ended_at=at, **kept))
    with paper.read() as session:
        night = Wanted(sunday, sunday)
        assert {hour: one.in_time.size for hour, one in voices.voices(session, night, By.HOUR, zone=ZONE).items()} == {"0": 1, "3": 2}
        around = Wanted(sunday - timedelta(days=1), sunday + timedelta(days=1))
        assert {day: one.in_time.size for day, one in voices.voices(session, around, By.DAY, zone=ZONE).items()} == {"2026-10-25": 3, "2026-10-26": 1}


def test_every_figure_of_the_page_and_of_the_files_is_written_down_with_its_statement() -> None:
    on_the_page = {*re.findall(r'\{\{ card\("(\w+)"', PAGE), *re.findall(r'aria-labelledby="(\w+)"', PAGE), *(scale.value for scale in Scale)}
    assert on_the_page - TABLES - set(STATEMENTS) == set()
    assert set(STATEMENTS) == set(PAPER)  # and each was computed on paper
    columns = {name for name in (*COUNT_COLUMNS, *VOICE_COLUMNS) if not name.endswith(("_low", "_high", "_low_s", "_high_s"))}
    named = {name for words in re.findall(r"In the\s+files: (.*?)\.\n", DOCS, flags=re.S) for name in re.findall(r"`(\w+)`", words)}
    assert columns - named == set()


def test_every_statement_stands_under_a_figure_that_is_defined() -> None:
    defined = {row.partition("|")[0].strip().casefold() for row in re.findall(r"^\| (.+)$", DOCS, flags=re.M)}
    titles = {one["title"].casefold() for one in SECTION.finditer(DOCS)}
    assert titles - defined == set()


def test_the_statements_of_the_short_look_stand_there_as_they_are() -> None:
    used = [sql for module in (figures, complaints, times) for sql in vars(module).values() if isinstance(sql, str) and sql.lstrip().startswith("SELECT")]
    assert len(used) == 10
    assert [sql for sql in used if sql.strip() not in DOCS] == []
