"""The week's letter: once, on Monday morning, to those who want it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select

from handoff.accounts import mailings
from handoff.accounts.mailings import Mailing, Stops
from handoff.accounts.seal import Seal
from handoff.accounts.tables import AgentRow, TeamRow
from handoff.conversations.fact_tables import ComplaintFactRow
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database
from handoff.mail import Letter, Mailer, Thread
from handoff.outbox import OutboxRow
from handoff.reports import routes
from handoff.reports.digest import send_due
from handoff.services import Services
from handoff.settings import Settings, read_settings
from handoff.web import Pages
from tests.handoff.conftest import LogIn

ZONE = ZoneInfo("Europe/Tallinn")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=ZONE)
PAGES = Pages(routes.HERE)


STOPS = Stops(Seal(lambda: "saladus", purpose="stopping letters"), "https://abi.kodukaup.ee")


def covered(text: str) -> str:
    return text.replace("mari@kodukaup.ee", "[e-post]")


def due(database: Database, settings: Settings, moment: datetime) -> int:
    return send_due(database, settings, PAGES, moment, mask=covered, stops=STOPS)


def letters(database: Database) -> dict[tuple[str, str], dict[str, str]]:
    """By address and kind, as they wait to leave."""
    with database.read() as session:
        return {(row.payload["to"], row.key.partition(":")[0]): row.payload for row in session.scalars(select(OutboxRow))}


@pytest.fixture
def wants(tmp_path: Path) -> Settings:
    mailed = {"smtp_url": SecretStr("smtp://localhost"), "mail_from": "abi@kodukaup.ee"}
    return read_settings(data_dir=tmp_path, digest_to="tiit@kodukaup.ee, Anu@kodukaup.ee", **mailed)


def test_each_gets_the_weeks_letter_once_and_in_their_language(database: Database, wants: Settings, anu: str) -> None:
    with database.write() as session:
        session.get_one(AgentRow, anu).language = "en"
    assert due(database, wants, MONDAY) == 2
    assert due(database, wants, MONDAY.replace(hour=9)) == 2
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
            session.add(ComplaintFactRow(event_id=str(number), conversation_id=str(number), product="Matkasaabas", **dimensions))
    due(database, wants, MONDAY)
    with database.read() as session:
        texts = [row.payload["text"] for row in session.scalars(select(OutboxRow))]
    assert all("▲ Kaebusi rohkem: tarne – 6 (enne 0)" in text and "▲ Kaebusi rohkem: Matkasaabas – 6 (enne 0)" in text for text in texts)


@pytest.mark.parametrize("moment", [MONDAY.replace(day=24), MONDAY.replace(hour=6)])
def test_at_other_times_nothing_goes(database: Database, wants: Settings, moment: datetime) -> None:
    assert due(database, wants, moment) == 0


def test_nobody_gets_what_nobody_wants(database: Database, settings: Settings) -> None:
    assert due(database, settings, MONDAY) == 0


def complained(database: Database, name: str, words: str, team: str | None = None) -> None:
    """A customer writes, and is handed over as a complaint about deliveries, on Wednesday."""
    at = MONDAY.astimezone(UTC) - timedelta(days=5)
    with database.write() as session:
        session.add(ConversationRow(id=name, secret_hash="-", created_at=at, changed_at=at, last_number=2, team_id=team))
        session.flush()
        session.add(EventRow(id=f"{name}-1", conversation_id=name, number=1, kind="message", actor="customer", body={"text": words}, at=at))
        session.add(EventRow(id=name, conversation_id=name, number=2, kind="handoff_requested", actor="system", body={"reason": "complaint"}, at=at))
        day = {"began_at": at, "day": at.astimezone(ZONE).date(), "hour": 8, "weekday": 2, "language": "et", "channel": "web", "topic": "tarne"}
        session.add(ComplaintFactRow(event_id=name, conversation_id=name, team_id=team, product="Matkasaabas", **day))


@pytest.fixture
def sells(tmp_path: Path) -> Settings:
    mailed = {"smtp_url": SecretStr("smtp://localhost"), "mail_from": "abi@kodukaup.ee"}
    return read_settings(data_dir=tmp_path, product_digest_to="toode@kodukaup.ee", **mailed)


def test_those_who_make_and_sell_read_what_customers_wrote_with_personal_data_covered(database: Database, sells: Settings) -> None:
    for number in range(5):
        complained(database, str(number), f"Pakk on kadunud, minu aadress on mari@kodukaup.ee, {number}. kord")
    assert due(database, sells, MONDAY) == 1
    ((key, letter),) = letters(database).items()
    assert key == ("toode@kodukaup.ee", "product")
    assert "▲ tarne: 5 (enne 0)" in letter["text"]
    assert "TOODETE JÄRGI\n\n▲ Matkasaabas: 5 (enne 0)" in letter["text"]
    assert letter["text"].count("„Pakk on kadunud, minu aadress on [e-post]") == 6  # three of the product, three of the topic
    assert "mari@" not in letter["text"] + letter["html"]
    assert "[?" not in letter["text"] + letter["subject"]


def test_words_behind_a_wall_stand_in_no_letter_and_are_counted(database: Database, sells: Settings) -> None:
    with database.write() as session:
        session.add(TeamRow(id="raha", name="Raha", walled=True))
    complained(database, "avalik", "Pakk jäi hiljaks")
    complained(database, "varjatud", "Minu võlg on vale", team="raha")
    due(database, sells, MONDAY)
    (letter,) = letters(database).values()
    assert "tarne: 2 (enne 0)" in letter["text"]
    assert "Pakk jäi hiljaks" in letter["text"]
    assert "võlg" not in letter["text"]


def test_a_week_without_complaints_is_no_letter_about_them(database: Database, sells: Settings) -> None:
    assert due(database, sells, MONDAY) == 0
    assert letters(database) == {}


def test_a_person_chooses_her_letters_and_only_who_may_see_reports_can(database: Database, sells: Settings, log_in: LogIn) -> None:
    tiit, jaan = log_in("tiit"), log_in("jaan")
    with database.write() as session:
        for login in ("tiit", "jaan"):
            session.scalars(select(AgentRow).where(AgentRow.login == login)).one().email = f"{login}@kodukaup.ee"
    form = {"csrf_token": tiit.headers["X-CSRF-Token"], "week": "true"}
    assert tiit.post("/reports/letters", data=form, follow_redirects=False).status_code == 303
    assert jaan.post("/reports/letters", data=form | {"csrf_token": jaan.headers["X-CSRF-Token"]}).status_code == 403
    page = tiit.get("/reports/letters").text
    assert ('name="week" value="true" checked' in page, 'name="product" value="true" checked' in page) == (True, False)
    due(database, sells, MONDAY)
    assert set(letters(database)) == {("tiit@kodukaup.ee", "digest")}
    tiit.post("/reports/letters", data={"csrf_token": tiit.headers["X-CSRF-Token"]})
    assert due(database, sells, MONDAY) == 0


def test_who_may_no_longer_see_reports_gets_no_letter(database: Database, sells: Settings, people: dict[str, str]) -> None:
    mailings.choose(database, people["tiit"], {Mailing.WEEK: True})
    with database.write() as session:
        row = session.get_one(AgentRow, people["tiit"])
        row.email, row.role = "tiit@kodukaup.ee", "agent"
    assert due(database, sells, MONDAY) == 0


def test_the_link_in_a_letter_stops_it_without_a_log_in_and_a_look_stops_nothing(
    database: Database, wants: Settings, services: Services, client: TestClient
) -> None:
    stops = routes.stops_of(services.settings)
    address = stops.address(Mailing.WEEK, "tiit@kodukaup.ee").removeprefix(services.settings.public_url)
    for language in ("et", "en", "ru"):
        page = client.get(f"{address}?lang={language}")
        assert (page.status_code, "[?" in page.text) == (200, False)
    assert due(database, wants, MONDAY) == 2
    for _ in range(2):
        assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert due(database, wants, MONDAY) == 1
    assert client.post(f"{address[:-9]}AAAAAAAA=").status_code == 404


def test_a_letter_says_in_its_head_how_it_is_stopped(database: Database, wants: Settings) -> None:
    due(database, wants, MONDAY)
    letter = Letter(**letters(database)["tiit@kodukaup.ee", "digest"])
    assert letter.stop in letter.text
    message = Mailer("smtp://localhost", sender="abi@kodukaup.ee", name="Abi")._write(letter, Thread("<x@kodukaup.ee>"), "house")
    assert (message["List-Unsubscribe"], message["List-Unsubscribe-Post"]) == (f"<{letter.stop}>", "List-Unsubscribe=One-Click")
    assert STOPS.read(letter.stop.rpartition("/")[2]) == (Mailing.WEEK, "tiit@kodukaup.ee")
