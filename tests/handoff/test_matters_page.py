"""Where a matter stands, at the desk and on the customer's own page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr
from sqlalchemy import select

from handoff.conversations import matters
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.outbox import OutboxRow
from handoff.services import Services
from handoff.settings import Settings, read_settings
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at, wait

pytestmark = pytest.mark.both_databases


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends mail; nothing listens there."""
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://localhost:9"), mail_from="tugi@kodukaup.example", follow_up_hours=24)


def staged(desk: TestClient, mari: Started, stage: str, client_id: str) -> Response:
    answer: Response = desk.post(at(mari, "/stage"), json={"stage": stage, "client_id": client_id})
    return answer


def path_of(desk: TestClient, mari: Started) -> str:
    return str(desk.post(at(mari, "/link")).json()["url"]).removeprefix("http://localhost:8000")


def test_an_agent_says_where_it_stands_and_the_customer_sees_it_on_the_page(
    desk: TestClient, log_in: LogIn, client: TestClient, database: Database, mari: Started
) -> None:
    wait(database, mari, text="Kas minu (mari@naide.ee) lamp on juba teel?")
    assert staged(desk, mari, "supplier", "jaan-0001").json()["code"] == "move_refused"
    assert desk.post(at(mari, "/link")).json()["code"] == "move_refused"
    desk.post(at(mari, "/claim"))
    assert staged(log_in("kadri"), mari, "supplier", "kadri-001").status_code == 403
    assert staged(desk, mari, "kuskil", "jaan-0001").status_code == 404
    assert staged(desk, mari, "supplier", "jaan-0001").json()["stage"] == "supplier"
    path = path_of(desk, mari)
    seen = client.get(path)
    assert seen.status_code == 200
    for words in ("Ootame tarnijat", "Anname teada kohe", "lamp on juba teel?", "Teie sõnum"):
        assert words in seen.text
    assert {name: seen.headers[name] for name in ("referrer-policy", "x-robots-tag", "cache-control")} == {
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "cache-control": "no-store",
    }
    assert "Waiting for the supplier" in client.get(path + "?lang=en").text
    new = desk.post(at(mari, "/link?new=true")).json()["url"]
    assert client.get(path).status_code == 404
    assert client.get(new.removeprefix("http://localhost:8000")).status_code == 200


def test_the_customer_adds_something_on_the_page_and_says_that_all_is_well(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    staged(desk, mari, "taken", "jaan-0001")
    path = path_of(desk, mari)
    sent = client.post(path + "?lang=et", data={"text": "Tellimus oli punane.", "client_id": "lisa-0001"}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{path}?done=said&lang=et")
    assert "Aitäh, saime kätte!" in client.get(sent.headers["location"]).text
    assert talk.texts(database, mari.conversation_id, "customer")[-1] == "Tellimus oli punane."
    for more in ("Lambipirn samuti.", "Ja juhe ka."):  # an old page or a script that names no message
        client.post(path, data={"text": more})
    assert talk.texts(database, mari.conversation_id, "customer")[-2:] == ["Lambipirn samuti.", "Ja juhe ka."]
    empty = client.post(path, data={"text": " ", "client_id": "lisa-0002"})
    assert (empty.status_code, "Kirjutage siia, mida soovite lisada." in empty.text) == (422, True)
    assert "Kas kõik sai korda?" not in empty.text
    staged(desk, mari, "solved", "jaan-0002")
    assert "Kas kõik sai korda?" in client.get(path).text
    thanked = client.post(path + "/solved", data={"answer": "yes"})
    assert "hea meel" in thanked.text
    assert "Midagi jäi veel" not in client.get(path).text
    assert talk.row(database, mari.conversation_id).follow_up == "yes"


def test_not_solved_on_the_page_opens_it_again(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    staged(desk, mari, "taken", "jaan-0001")
    path = path_of(desk, mari)
    staged(desk, mari, "solved", "jaan-0002")
    page = client.post(path + "/solved", data={"answer": "no"})
    assert "esimesena uuesti ette" in page.text
    assert "Vaatame uuesti" in page.text
    assert talk.row(database, mari.conversation_id).state != "closed"


def test_who_follows_a_matter_hears_of_its_end_however_the_agent_closes_it(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    staged(desk, mari, "supplier", "jaan-0001")
    path = path_of(desk, mari)
    desk.post(at(mari, "/close"), json={"outcome": "not_solved"})
    assert "Lõpetatud" in client.get(path).text
    desk.post(at(mari, "/undo"))
    desk.post(at(mari, "/close"), json={"outcome": "solved"})
    assert "Lahendatud" in client.get(path).text
    assert "lahendatud" in talk.texts(database, mari.conversation_id, "agent")[-1]


def test_who_does_not_follow_it_is_not_told(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    desk.post(at(mari, "/close"), json={"outcome": "solved"})
    assert talk.texts(database, mari.conversation_id, "agent") == []


def test_a_wrong_link_says_nothing_and_cannot_be_tried_for_long(client: TestClient) -> None:
    first = client.get("/asi/puudub?lang=et")
    assert (first.status_code, "Siin pole midagi näidata" in first.text) == (404, True)
    assert first.headers["x-robots-tag"] == "noindex, nofollow"
    for number in range(19):
        client.post(f"/asi/puudub{number}", data={"text": "tere"})
    assert client.get("/asi/veel").status_code == 429
    assert client.post("/asi/veel/solved", data={"answer": "yes"}).status_code == 429


def test_many_messages_in_a_row_are_slowed_down_and_nothing_typed_is_lost(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    path = path_of(desk, mari)
    for number in range(6):
        client.post(path, data={"text": f"Veel {number}", "client_id": f"lisa-000{number}"})
    slowed = client.post(path, data={"text": "Ja veel üks", "client_id": "lisa-0009"})
    assert (slowed.status_code, "Ja veel üks" in slowed.text) == (429, True)


def test_whoever_writes_by_the_form_gets_the_page_and_a_letter(client: TestClient, services: Services, database: Database) -> None:
    thanks = client.post("/contact", data={"contact": "mari@naide.ee", "text": "Kus mu arve on?", "name": "Mari"})
    found = re.search(r'href="(/asi/[^"]+)"', thanks.text)
    assert found is not None
    seen = client.get(found.group(1))
    assert "Tere, Mari!" in seen.text
    assert "Saime kätte" in seen.text
    assert "Kus mu arve on?" in seen.text
    with database.read() as session:
        assert session.scalars(select(OutboxRow)).one().key.startswith("received:")


def test_nobodys_mailbox_is_filled_by_the_form(client: TestClient, services: Services, database: Database) -> None:
    def write(number: int, address: str) -> Response:
        answer: Response = client.post("/contact", data={"contact": address, "text": f"Küsimus {number}"})
        return answer

    for number in range(matters.MOST_RECEIVED + 2):
        assert "/asi/" in write(number, "mari@naide.ee").text  # the ticket is kept, the page is shown
    assert len(keys(database)) == matters.MOST_RECEIVED
    for number in range(10):
        write(number, f"keegi{number}@naide.ee")
    assert len(keys(database)) == 10 - (matters.MOST_RECEIVED + 2) + matters.MOST_RECEIVED


def keys(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow.key)))
