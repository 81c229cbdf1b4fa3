"""Moments that the database puts together by the hour come to the same local days and hours as each by itself, whatever the house's clock."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.conversations.tables import ConversationRow, SlaClockRow
from handoff.database import Database
from handoff.reports.counting import By
from handoff.reports.voices import voices
from handoff.reports.wanted import Wanted, ends

pytestmark = pytest.mark.both_databases

PERIODS = (Wanted(date(2026, 3, 27), date(2026, 4, 6)), Wanted(date(2026, 10, 2), date(2026, 10, 26)))  # with the nights on which clocks change
ZONES = (
    "Europe/Tallinn",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
)  # by whole hours, a half, three quarters; half an hour of summer


def moments(chance: random.Random, of: Wanted, zone: ZoneInfo) -> list[datetime]:
    """Some anywhere in the period and around it, and some next to its local midnights and hours."""
    first, end = ends(of, zone)
    anywhere = [first + (end - first) * (chance.random() * 1.2 - 0.1) for _ in range(60)]
    edges = [first + timedelta(minutes=15 * chance.randrange((end - first) // timedelta(minutes=15))) for _ in range(60)]
    near = [edge + timedelta(microseconds=chance.choice((-1, 0, 1, 999_999))) for edge in (first, end, *edges)]
    return [moment.astimezone(UTC) for moment in anywhere + near]


@pytest.mark.parametrize("name", ZONES)
def test_times_by_day_and_by_hour_are_those_of_the_houses_clock(database: Database, name: str) -> None:
    zone, chance = ZoneInfo(name), random.Random(name)
    written = [(moment, chance.random() < 0.7) for of in PERIODS for moment in moments(chance, of, zone)]
    with database.write() as session:
        session.add(ConversationRow(id="one", secret_hash="-", last_number=0))
        session.flush()
        run = {"goal": "first", "in_chat": True, "goal_seconds": 60, "left_seconds": 0.0}
        session.add_all(SlaClockRow(conversation_id="one", started_at=moment, ended_at=moment, kept=kept, **run) for moment, kept in written)
    with database.read() as session:
        for of in PERIODS:
            local = [(moment.astimezone(zone), kept) for moment, kept in written]
            inside = [(moment, kept) for moment, kept in local if of.since <= moment.date() <= of.until]
            for way, label in ((By.DAY, lambda moment: moment.date().isoformat()), (By.HOUR, lambda moment: str(moment.hour))):
                found = voices(session, of, way, zone=zone)
                counted = {part: (round((one.in_time.value or 0) * one.in_time.size), one.in_time.size) for part, one in found.items()}
                whole, good = Counter(label(moment) for moment, _ in inside), Counter(label(moment) for moment, kept in inside if kept)
                assert counted == {part: (good[part], many) for part, many in whole.items()}
