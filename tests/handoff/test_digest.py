"""The week's letter: once, on Monday morning, to those who want it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from handoff.conversations.fact_tables import CallFactRow
from handoff.database import Database
from handoff.outbox import OutboxRow
from handoff.reports import routes
from handoff.reports.digest import send_due
from handoff.settings import Settings, read_settings
from handoff.web import Pages

ZONE = ZoneInfo("Europe/Tallinn")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=ZONE)
PAGES = Pages(routes.HERE)


@pytest.fixture
def wants(tmp_path: Path) -> Settings:
    mailed = {"smtp_url": SecretStr("smtp://localhost"), "mail_from": "abi@kodukaup.ee"}
    return read_settings(data_dir=tmp_path, digest_to="tiit@kodukaup.ee, Anu@kodukaup.ee", **mailed)


def test_each_gets_the_weeks_letter_once_and_in_their_language(database: Database, wants: Settings, anu: str) -> None:
    from handoff.accounts.tables import AgentRow

    with database.write() as session:
        session.get_one(AgentRow, anu).language = "en"
    assert send_due(database, wants, PAGES, MONDAY) == 2
    assert send_due(database, wants, PAGES, MONDAY.replace(hour=9)) == 2
    with database.read() as session:
        letters = {row.payload["to"]: row.payload for row in session.scalars(select(OutboxRow))}
    assert letters["anu@kodukaup.ee"]["subject"] == "The week in figures: 16/11/2026 – 22/11/2026"
    assert letters["tiit@kodukaup.ee"]["subject"] == "Nädal arvudes: 16.11.2026 – 22.11.2026"
    assert len(letters) == 2
    assert not any("[?" in letter["text"] for letter in letters.values())


def test_the_letter_names_what_brought_more_complaints_and_no_customer(database: Database, wants: Settings) -> None:
    day = date(2026, 11, 18)
    with database.write() as session:
        for number in range(6):
            dimensions = {"began_at": MONDAY, "day": day, "hour": 12, "weekday": 2, "language": "et", "channel": "web", "topic": "tarne"}
            session.add(CallFactRow(event_id=str(number), conversation_id=str(number), reason="complaint", in_hours=True, **dimensions))
    send_due(database, wants, PAGES, MONDAY)
    with database.read() as session:
        texts = [row.payload["text"] for row in session.scalars(select(OutboxRow))]
    assert all("▲ Kaebusi rohkem: tarne – 6 (enne 0)" in text for text in texts)


@pytest.mark.parametrize("moment", [MONDAY.replace(day=24), MONDAY.replace(hour=6)])
def test_at_other_times_nothing_goes(database: Database, wants: Settings, moment: datetime) -> None:
    assert send_due(database, wants, PAGES, moment) == 0


def test_nobody_gets_what_nobody_wants(database: Database, settings: Settings) -> None:
    assert send_due(database, settings, PAGES, MONDAY) == 0
