"""What Mari's page reads: words as elements, the sentence over the box with the way on, and a long conversation in parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.services import Services
from handoff.widget.standing import RECENT
from tests.handoff.conftest import DELIVERY, RETURNS
from tests.handoff.test_widget import Visitor


@pytest.fixture
def mari(client: TestClient) -> Visitor:
    return Visitor(client)


def put(services: Services, mari: Visitor, count: int, *, kind: Kind = Kind.MESSAGE, actor: str = "agent") -> None:
    """So many events more, past every check."""
    with services.database.write() as session:
        row = store.conversation(session, mari.id, lock=True)
        for _ in range(count):
            store.append(session, row, kind, actor=actor, body={"text": f"Sõnum {row.last_number}"})


def earlier(client: TestClient, mari: Visitor, before: int, *, secret: str | None = None) -> Any:
    return client.get(f"/api/widget/conversations/{mari.id}/earlier?before={before}", headers={"Authorization": f"Bearer {secret or mari.secret}"})


def numbers(events: list[dict[str, Any]]) -> list[int]:
    return [event["number"] for event in events]


def test_a_page_begins_with_the_last_hundred_and_asks_for_the_rest(client: TestClient, services: Services, mari: Visitor) -> None:
    put(services, mari, 250)
    assert numbers(mari.log()["events"]) == list(range(252 - RECENT, 252))
    assert numbers(mari.log(after=120)["events"]) == list(range(121, 252))  # who has something gets all that is newer
    assert numbers(earlier(client, mari, 152).json()["events"]) == list(range(52, 152))
    assert numbers(earlier(client, mari, 52).json()["events"]) == list(range(1, 52))
    assert earlier(client, mari, 1).json()["events"] == []


def test_what_is_not_the_customers_does_not_stand_in_the_way_of_what_is(client: TestClient, services: Services, mari: Visitor) -> None:
    put(services, mari, 250, kind=Kind.NOTE)
    assert numbers(mari.log()["events"]) == numbers(earlier(client, mari, 252).json()["events"]) == [1]


def test_nobody_else_reads_what_was_said_before(client: TestClient, mari: Visitor) -> None:
    peeter = Visitor(client)
    assert earlier(client, mari, 2, secret=peeter.secret).status_code == 404
    assert client.get(f"/api/widget/conversations/{mari.id}/earlier?before=2").status_code == 404


def test_words_with_more_than_words_come_as_elements(services: Services, mari: Visitor) -> None:
    put(services, mari, 1)
    mari.say("Vaadake www.naide.ee")
    greeting, plain, own = mari.log()["events"][:3]
    assert greeting["shown"][0][0] == "p"
    assert plain["shown"] is None
    assert own["shown"] == ["Vaadake ", ["a", {"href": "https://www.naide.ee"}, "www.naide.ee"]]


def test_the_way_on_over_the_box_is_a_person_while_one_is_here_and_a_contact_else(
    client: TestClient, services: Services, mari: Visitor, people: dict[str, str]
) -> None:
    before = client.get("/api/widget/config").json()
    assert before["standing"]["offer"] == mari.log()["state"]["offer"] == "contact"
    assert before["standing"]["line"] == mari.log()["state"]["line"] == before["back"]
    accounts.set_availability(services.database, people["jaan"], Availability.AVAILABLE)
    here = client.get("/api/widget/config").json()["standing"]
    assert (here["offer"], here["line"]) == ("human", "")


@pytest.mark.parametrize(("language", "words", "page"), [("et", "Abileht", "/help"), ("en", "Help page", "/en/help"), ("ru", "Страница помощи", "/ru/help")])
def test_the_chat_leads_to_the_help_page_in_the_customers_language(client: TestClient, language: str, words: str, page: str) -> None:
    config = client.get(f"/api/widget/config?language={language}").json()
    assert (config["help"], config["texts"]["help"]) == (True, words)
    assert client.get(f"/help?lang={language}").url.path == page


def test_to_a_help_page_with_nothing_for_everyone_the_chat_does_not_lead(client: TestClient, services: Services) -> None:
    for_some = replace(RETURNS, needs_identity=True)
    services.entries.import_all([for_some], archive=[DELIVERY.id], by=None)
    assert client.get("/api/widget/config").json()["help"] is False
    services.entries.import_all([replace(for_some, needs_identity=False)], by=None)
    assert client.get("/api/widget/config").json()["help"] is True


def test_an_ended_conversation_can_be_kept_and_says_how_it_goes_on(mari: Visitor) -> None:
    mari.say("Halloo?")
    mari.answered()
    assert mari.post("end").status_code == 204
    state = mari.log()["state"]
    assert state["offer"] == "keep"
    assert state["line"].startswith("Vestlus on lõppenud.")
