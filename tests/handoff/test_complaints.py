"""Complaints: seen, tagged, with the day to answer by, and counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from handoff.contract import Reason
from handoff.conversations import agents, complaints, tagging
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import EventRow, HandoffRow
from handoff.database import Database, now
from handoff.reports.complaints import Counted, counted
from handoff.reports.figures import period
from tests.handoff.desk import REPLY, at, wait

TALLINN = ZoneInfo("Europe/Tallinn")


def ago(database: Database, mari: Started, days: int) -> None:
    """The complaint came so many days ago."""
    then = now() - timedelta(days=days)
    with database.write() as session:
        session.execute(update(HandoffRow).where(HandoffRow.conversation_id == mari.conversation_id).values(requested_at=then))
        session.execute(update(EventRow).where(EventRow.conversation_id == mari.conversation_id, EventRow.kind == "handoff_requested").values(at=then))


@pytest.mark.parametrize(
    ("came", "due"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), date(2026, 12, 7)),
        (datetime(2026, 11, 22, 22, 30, tzinfo=UTC), date(2026, 12, 8)),  # past midnight in Tallinn
        (datetime(2026, 12, 20, 8, tzinfo=UTC), date(2027, 1, 4)),
        (datetime(2028, 2, 20, 8, tzinfo=UTC), date(2028, 3, 6)),  # a leap year
        (datetime(2026, 3, 20, 8, tzinfo=UTC), date(2026, 4, 4)),  # over the change of the clocks
    ],
)
def test_fifteen_days_are_counted_by_the_calendar_of_the_house(came: datetime, due: date) -> None:
    assert complaints.due(came, TALLINN) == due


def test_a_complaint_that_the_bot_hands_over_is_tagged_and_has_its_day(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari, reason=Reason.COMPLAINT)
    opened = desk.get(at(mari)).json()
    assert opened["conversation"]["tags"] == ["kaebus", "tarne"]
    assert opened["complaint"]["days_left"] == 15
    ago(database, mari, 17)
    assert desk.get(at(mari)).json()["complaint"]["days_left"] == -2


def test_any_other_conversation_is_none(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    opened = desk.get(at(mari)).json()
    assert (opened["complaint"], opened["conversation"]["tags"]) == (None, ["tarne"])


def test_an_agent_sees_a_complaint_and_says_when_it_was_none(desk: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    wait(database, mari)
    desk.post(at(mari, "/tags"), json={"tag": "Kaebus"})
    assert desk.get(at(mari)).json()["complaint"]["days_left"] == 15
    tagging.remove(database, mari.conversation_id, jaan, "Kaebus")
    assert desk.get(at(mari)).json()["complaint"] is None


def test_the_overview_counts_complaints_and_how_many_were_answered_in_time(database: Database, mari: Started, jaan: Holder) -> None:
    week = period(now(), 30, TALLINN)
    assert counted(database, week) == Counted(0, 0, 0, 0)
    wait(database, mari, reason=Reason.COMPLAINT)
    ago(database, mari, 3)
    assert counted(database, week) == Counted(all=1, in_time=0, open=1, late=0)
    ago(database, mari, 20)
    assert counted(database, week) == Counted(all=1, in_time=0, open=0, late=1)
    ago(database, mari, 3)
    agents.claim(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="jaan-0001", text=REPLY)
    assert counted(database, week) == Counted(all=1, in_time=1, open=0, late=0)
    tagging.add(database, mari.conversation_id, jaan, "kaebus")
    assert counted(database, week).all == 1
    assert counted(database, period(now(), 1, TALLINN)).all == 0


def test_a_complaint_that_an_agent_saw_counts_too(database: Database, mari: Started, jaan: Holder) -> None:
    wait(database, mari)
    tagging.add(database, mari.conversation_id, jaan, "Kaebus")
    assert counted(database, period(now(), 7, TALLINN)) == Counted(all=1, in_time=0, open=1, late=0)
