"""Agents' picks from the FAQ as judgements of the bot, on a data set whose answer was computed on paper.

The bot read a message in each of five conversations, and an agent took an answer over, all in November 2026:
p  3rd, thought „tarne", 0.6: picked „tarne"                       → agreed
q  3rd, thought „tarne", 0.6: picked „arve", then „tarne" after all → agreed, by the last
r  4th, thought „tarne", 0.6: picked „arve"                        → corrected
s  4th, thought „vana", 0.6, which is called „uus" today: picked „uus" → agreed
t 30 October, thought „tarne": picked „arve"                       → in the period before
u  5th, thought „tarne": the agent wrote freely                     → said nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import bindparam, text

from handoff.conversations.outcomes import PICKED
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow, RatingRow
from handoff.database import Database, Moment
from handoff.entries.tables import EntryAliasRow, EntryRow
from handoff.reports import asked, picks
from handoff.reports.counting import By
from handoff.reports.gathering import gather
from handoff.reports.intervals import share
from handoff.reports.overview import sheet
from handoff.reports.voices import heard, together, voices
from handoff.reports.wanted import Wanted, ends
from handoff.schedule import Hours
from handoff.week import Week
from tests.handoff.conftest import LogIn

pytestmark = pytest.mark.both_databases

ZONE = ZoneInfo("Europe/Tallinn")
HOURS = Hours(Week.read("Mo-Fr 09:00-17:00"), ZONE)
NOVEMBER = Wanted(date(2026, 11, 1), date(2026, 11, 20))
NOW = datetime(2026, 11, 20, 18, tzinfo=ZONE)
PAPER = share(3, 4)


def answered(database: Database, name: str, at: datetime, thought: str, *picked: str | None, agent: str, language: str = "et") -> None:
    """A customer asks, the bot thinks of an entry and fetches an agent, who answers by these picks."""
    at = at.astimezone(UTC)
    events: list[tuple[str, str, Mapping[str, object], Mapping[str, object]]] = [
        ("message", "customer", {"text": "Tere"}, {}),
        ("handoff_requested", "system", {"reason": "unsure"}, {}),
        *(("message", "agent", {"text": "Palun"}, {PICKED: one} if one else {}) for one in picked),
    ]
    with database.write() as session:
        changed = at + timedelta(minutes=len(events))
        session.add(ConversationRow(id=name, secret_hash="-", created_at=at, changed_at=changed, last_number=len(events), language=language))
        session.flush()
        for number, (kind, actor, body, hidden) in enumerate(events, 1):
            own = {"id": f"{name}-{number}", "conversation_id": name, "number": number, "kind": kind, "actor": actor}
            session.add(EventRow(**own, body=dict(body), hidden=dict(hidden), at=at + timedelta(minutes=number), agent_id=agent if actor == "agent" else None))
        session.flush()
        read = {"action": "human", "intent": "ask_question", "confidence": 0.9, "probability": 0.6, "language": language, "at": at}
        session.add(DecisionRow(message_id=f"{name}-1", conversation_id=name, entry_id=thought, **read))


@pytest.fixture
def picked(database: Database, people: dict[str, str]) -> dict[str, str]:
    jaan, kadri = people["jaan"], people["kadri"]

    def at(day: int) -> datetime:
        return datetime(2026, 11, day, 12, tzinfo=ZONE)

    answered(database, "p", at(3), "tarne", "tarne", agent=jaan)
    answered(database, "q", at(3), "tarne", "arve", "tarne", agent=jaan)
    answered(database, "r", at(4), "tarne", "arve", agent=kadri, language="ru")
    answered(database, "s", at(4), "vana", "uus", agent=kadri)
    answered(database, "t", datetime(2026, 10, 30, 12, tzinfo=ZONE), "tarne", "arve", agent=jaan)
    answered(database, "u", at(5), "tarne", None, agent=jaan)
    with database.write() as session:
        session.add(EntryRow(id="uus"))
        session.flush()
        session.add(EntryAliasRow(id="vana", entry_id="uus"))
    gather(database, HOURS)
    return people


@pytest.mark.usefixtures("picked")
def test_the_share_with_which_agents_agreed_is_what_paper_says(database: Database) -> None:
    with database.read() as session:
        assert picks.agreed(session, NOVEMBER) == PAPER
        assert picks.agreed(session, NOVEMBER.before) == share(0, 1)  # t
        assert picks.agreed(session, Wanted(NOVEMBER.since, NOVEMBER.until, language="ru")) == share(0, 1)  # r
        assert heard(session, NOVEMBER, zone=ZONE).agreed == PAPER


def test_it_is_told_apart_by_who_picked_and_by_what_the_bot_had_thought(database: Database, picked: dict[str, str]) -> None:
    with database.read() as session:
        agents = {name: one.agreed for name, one in voices(session, NOVEMBER, By.AGENT, zone=ZONE).items()}
        assert (agents[picked["jaan"]], agents[picked["kadri"]]) == (share(2, 2), share(1, 2))
        days = {name: one.agreed for name, one in voices(session, NOVEMBER, By.DAY, zone=ZONE).items() if one.agreed.size}
        assert days == {"2026-11-03": share(2, 2), "2026-11-04": share(1, 2)}
        found = voices(session, NOVEMBER, By.ENTRY, zone=ZONE)
        assert {name: one.agreed for name, one in found.items() if one.agreed.size} == {"tarne": share(2, 3), "vana": share(1, 1)}
        for way in By:
            assert together(voices(session, NOVEMBER, way, zone=ZONE)).agreed == PAPER


@pytest.mark.usefixtures("picked")
def test_a_curve_of_each_part_adds_up_to_that_of_the_whole(database: Database) -> None:
    """Thumbs: p up and q down in Estonian, r up in Russian, each promised 0.6."""
    with database.write() as session:
        for name, helpful in (("p", True), ("q", False), ("r", True)):
            session.add(RatingRow(conversation_id=name, event_id=f"{name}-3", entry_id="tarne", helpful=helpful, at=datetime(2026, 11, 6, tzinfo=UTC)))
    with database.read() as session:
        languages = voices(session, NOVEMBER, By.LANGUAGE, zone=ZONE)
        assert {name: [one.kept for one in said.curve] for name, said in languages.items()} == {"et": [share(1, 2)], "ru": [share(1, 1)]}
        assert asked.calibration(session, NOVEMBER, ZONE) == asked.bins(pair for one in languages.values() for pair in one.rated)
    table = sheet(database, "calibration-by-language", NOVEMBER, zone=ZONE, until=NOW)
    assert table is not None
    assert [(row[0], row[1], row[3], row[6]) for row in table.rows] == [("et", 0.6, 0.5, 2), ("ru", 0.6, 1.0, 1)]


@pytest.mark.usefixtures("picked")
def test_the_statement_that_is_written_down_counts_the_same(database: Database) -> None:
    """Here both picks of q are told, and s is by the ids of then."""
    words = (Path(__file__).parents[2] / "docs/figures.md").read_text(encoding="utf-8")
    statement = words[words.index("    SELECT pick.at") :].partition("\n\n")[0]
    period = (bindparam(name, moment, type_=Moment()) for name, moment in zip(("since", "until"), ends(NOVEMBER, ZONE), strict=True))
    with database.read() as session:
        rows = session.execute(text(statement).bindparams(*period)).all()
    assert sorted((row.thought, row.picked, row.agreed) for row in rows) == [
        ("tarne", "arve", 0),
        ("tarne", "arve", 0),
        ("tarne", "tarne", 1),
        ("tarne", "tarne", 1),
        ("vana", "uus", 0),
    ]


@pytest.mark.usefixtures("picked")
def test_the_page_tells_it(log_in: LogIn) -> None:
    page = log_in("tiit").get("/reports/figures?since=2026-11-01&until=2026-11-20&by=agent")
    assert "Töötaja valis sama vastuse" in page.text
    assert "75\N{NO-BREAK SPACE}%" in page.text
    file = log_in("tiit").get("/reports/figures/voices-by-agent.json?since=2026-11-01&until=2026-11-20").json()
    assert {row["agent"]: (row["agreed_share"], row["picks"]) for row in file if row["picks"]} == {"Jaan": (1.0, 2), "Kadri": (0.5, 2)}
