"""A conversation that is erased stays counted, in every figure, and its content is gone.

On paper, besides a made-up fortnight of whatever the house can have:
p  the bot thought „tarne", the agent took „tarne" over                                   → agreed 1 of 1
q  an agent tagged the matter as a complaint, and with the customer's own name              → one complaint; the name is gone
s  solved by the bot alone and, two days later, scored with 9                               → no return: the score is no part of the talk
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handoff.conversations import erasure
from handoff.conversations.outcomes import PICKED
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow
from handoff.database import Database
from handoff.reports import counting, picks
from handoff.reports.complaints import counted
from handoff.reports.counting import By
from handoff.reports.figures import figures, period
from handoff.reports.gathering import gather
from handoff.reports.intervals import share
from handoff.reports.overview import overview, sheet
from handoff.reports.times import times
from handoff.reports.wanted import Wanted
from handoff.schedule import Hours
from handoff.week import Week
from tests.load.house import House

pytestmark = pytest.mark.both_databases

ZONE = ZoneInfo("Europe/Tallinn")
HOURS = Hours(Week.read("Mo-Fr 09:00-17:00"), ZONE)
NOW = datetime(2026, 11, 20, 18, tzinfo=ZONE)
YEAR = Wanted(date(2025, 11, 21), date(2026, 11, 20))
Happened = tuple[float, str, str, dict[str, Any], dict[str, Any]]
NAMES = ("hours", "reasons", "complaints", "complaints-by-product", "entries", "calibration", "opinions")
SAID_BY = ("by", "voices-by", "reasons-by", "entries-by", "calibration-by")


def everything(database: Database) -> list[object]:
    """All figures of the year, on both pages and in each file."""
    short = period(NOW, 365, ZONE)
    files = [*NAMES, *(f"{said}-{way.value}" for said in SAID_BY for way in By)]
    tables: list[object] = [sheet(database, name, YEAR, zone=ZONE, until=NOW) for name in files]
    return [*tables, overview(database, YEAR, By.DAY, zone=ZONE, until=NOW), figures(database, short), times(database, short), counted(database, short)]


def test_every_figure_stays_when_all_conversations_of_a_house_are_erased(database: Database, shelf: Shelf, people: dict[str, str]) -> None:
    assert people
    House(database, seed=3, until=NOW.astimezone(UTC)).fill(400)
    gather(database, HOURS)
    before = everything(database)
    with database.read() as session:
        ids = [row.id for row in session.query(ConversationRow.id)]
        assert picks.agreed(session, YEAR).size > 0
    for one in ids:
        erasure.erase(database, shelf, one)
    assert gather(database, HOURS) == len(ids)
    assert everything(database) == before


def written(database: Database, name: str, at: datetime, *events: Happened, agent: str, **row: Any) -> None:
    at = at.astimezone(UTC)
    with database.write() as session:
        session.add(ConversationRow(id=name, secret_hash="-", created_at=at, changed_at=at, last_number=len(events), **row))
        session.flush()
        for number, (seconds, kind, actor, body, hidden) in enumerate(events, 1):
            whose = agent if actor == "agent" else None
            own = {"id": f"{name}-{number}", "conversation_id": name, "number": number, "kind": kind, "actor": actor, "agent_id": whose}
            session.add(EventRow(**own, body=body, hidden=hidden, at=at + timedelta(seconds=seconds)))
        session.flush()
        read = {"action": "answer", "intent": "ask_question", "confidence": 0.9, "probability": 0.8, "language": "et", "at": at}
        session.add(DecisionRow(message_id=f"{name}-1", conversation_id=name, entry_id="tarne", **read))


def test_what_an_agent_chose_a_complaint_and_a_late_score_stay_counted_without_their_words(database: Database, shelf: Shelf, people: dict[str, str]) -> None:
    agent, monday = people["jaan"], datetime(2026, 11, 2, 12, tzinfo=ZONE)
    asked: Happened = (0, "message", "customer", {"text": "Mina olen Mari"}, {})
    written(database, "p", monday, asked, (60, "message", "agent", {"text": "Homme, Mari"}, {PICKED: "tarne", "payload": "/Mari"}), agent=agent)
    tags: tuple[Happened, ...] = ((60, "tagged", "agent", {"tag": "Kaebus", "name": "Jaan"}, {}), (61, "tagged", "agent", {"tag": "Mari"}, {}))
    written(database, "q", monday, asked, *tags, agent=agent, tags=["Kaebus", "Mari"])
    answer: Happened = (1, "message", "bot", {"text": "Homme", "entry_id": "tarne"}, {})
    late: Happened = (2 * 86_400, "message", "customer", {"text": "9"}, {"payload": "/score_9"})
    written(database, "s", monday, asked, answer, late, agent=agent)
    gather(database, HOURS)

    def told() -> tuple[object, ...]:
        with database.read() as session:
            found = counting.counts(session, YEAR, until=NOW)
            return picks.agreed(session, YEAR), counted(database, period(NOW, 365, ZONE)).all, found.again, found.alone.value

    before = told()
    assert before == (share(1, 1), 1, 0, 1 / 3)
    for name in "pqs":
        erasure.erase(database, shelf, name)
    gather(database, Hours(HOURS.week, ZoneInfo("Europe/London")))  # counted anew from what is left
    gather(database, HOURS)
    assert told() == before
    with database.read() as session:
        for event in session.query(EventRow):
            assert "Mari" not in f"{event.body} {event.hidden}"
            assert "9" not in str(event.hidden)
