"""The moves over the desk's API: what each gives back, and who is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from handoff.accounts.tables import AgentRow
from handoff.conversations import agents, service
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at, wait

pytestmark = pytest.mark.both_databases

LATER = (now() + timedelta(hours=2)).isoformat()


@pytest.fixture
def held(desk: TestClient, database: Database, mari: Started) -> Started:
    """Jaan has Mari's conversation."""
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    return mari


def test_colleagues_are_listed_with_who_is_here_first(desk: TestClient, log_in: LogIn, people: dict[str, str]) -> None:
    log_in("tiit")
    found = desk.get("/api/desk/colleagues").json()
    assert [(one["name"], one["here"]) for one in found] == [("Tiit", True), ("Kadri", False)]


def test_it_is_passed_on_and_the_colleague_has_it(desk: TestClient, log_in: LogIn, held: Started, people: dict[str, str]) -> None:
    refused = desk.post(at(held, "/pass"), json={"agent_id": people["kadri"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "colleague_away")
    kadri = log_in("kadri")
    assert desk.post(at(held, "/pass"), json={"agent_id": people["kadri"], "note": "Palun vaata."}).json()["holder"] == "Kadri"
    assert kadri.get("/api/desk/queue?list=mine").json()["counts"]["mine"] == 1
    assert desk.post(at(held, "/pass"), json={"agent_id": people["kadri"]}).status_code == 403


def test_only_a_supervisor_takes_over(desk: TestClient, log_in: LogIn, held: Started) -> None:
    assert log_in("kadri").post(at(held, "/take-over")).status_code == 403
    assert log_in("tiit").post(at(held, "/take-over")).json()["holder"] == "Tiit"


def test_it_is_put_off_gone_on_with_and_taken_back(desk: TestClient, held: Started) -> None:
    off = desk.post(at(held, "/snooze"), json={"until": LATER}).json()
    assert (off["state"], off["holder"]) == ("snoozed", "Jaan")
    assert desk.get("/api/desk/queue?list=mine").json()["conversations"][0]["snoozed_until"] is not None
    assert desk.post(at(held, "/resume")).json()["state"] == "live"
    desk.post(at(held, "/close"), json={"outcome": "solved"})
    assert desk.post(at(held, "/undo")).json()["state"] == "live"
    again = desk.post(at(held, "/undo"))
    assert (again.status_code, again.json()["code"]) == (409, "too_late")
    assert desk.post(at(held, "/snooze"), json={"until": "2020-01-01T00:00:00Z"}).json()["code"] == "bad_time"
    assert desk.post(at(held, "/snooze"), json={"until": "2030-01-01T00:00:00"}).status_code == 422  # a time without a zone


def test_a_message_is_put_right_and_taken_back(desk: TestClient, log_in: LogIn, held: Started) -> None:
    number = desk.post(at(held, "/messages"), json={"client_id": "jaan-0001", "text": "Hind on 20"}).json()["number"]
    assert desk.put(at(held, f"/messages/{number}"), json={"text": "Hind on 24"}).status_code == 204
    for login, knows in (("kadri", False), ("tiit", True)):
        opened = log_in(login).get(at(held)).text
        assert "Hind on 24" in opened
        assert ("Hind on 20" in opened) is knows
    assert desk.delete(at(held, f"/messages/{number}")).status_code == 204
    assert "Hind" not in desk.get(at(held)).text
    assert desk.delete(at(held, "/messages/1")).json()["code"] == "not_last"


def test_a_contact_is_asked_for_and_what_comes_stands_at_the_desk(desk: TestClient, database: Database, held: Started) -> None:
    asked = {"client_id": "kysin-0001", "text": "Mis on teie e-posti aadress?", "contact": "email"}
    assert desk.post(at(held, "/ask-contact"), json=asked).status_code == 201
    service.say(database, held.conversation_id, client_id="mari-0009", text="mari@naide.ee")
    assert desk.get(at(held)).json()["conversation"]["email"] == "mari@naide.ee"


def test_tags_come_and_go(desk: TestClient, mari: Started) -> None:
    assert desk.post(at(mari, "/tags"), json={"tag": "arve"}).json() == {"tags": ["arve"]}
    assert desk.get("/api/desk/tags").json() == ["arve"]
    assert desk.post(at(mari, "/untag"), json={"tag": "arve"}).json() == {"tags": []}
    assert desk.post(at(mari, "/tags"), json={"tag": "\x00"}).status_code == 422


def test_who_is_called_by_name_has_it_in_their_list_until_they_look(desk: TestClient, log_in: LogIn, mari: Started, people: dict[str, str]) -> None:
    kadri = log_in("kadri")
    note = desk.post(at(mari, "/notes"), json={"client_id": "jaan-0001", "text": "@Kadri palun vaata", "calls": [people["kadri"]]}).json()
    assert [line["called"] for line in kadri.get("/api/desk/queue?list=mine").json()["conversations"]] == [True]
    assert desk.get("/api/desk/queue?list=mine").json()["conversations"] == []
    kadri.post(at(mari, "/seen"), json={"number": note["number"]})
    assert kadri.get("/api/desk/queue?list=mine").json()["counts"]["mine"] == 0


def test_a_reminder_is_ones_own_and_shows_up_when_it_is_due(desk: TestClient, log_in: LogIn, mari: Started) -> None:
    assert desk.post(at(mari, "/reminder"), json={"until": LATER, "about": "Helista üle"}).status_code == 204
    assert desk.get(at(mari)).json()["conversation"]["reminder"]["about"] == "Helista üle"
    assert log_in("kadri").get(at(mari)).json()["conversation"]["reminder"] is None
    assert desk.get("/api/desk/queue?list=mine").json()["conversations"] == []  # not due yet
    assert desk.delete(at(mari, "/reminder")).status_code == 204
    assert desk.get(at(mari)).json()["conversation"]["reminder"] is None


@pytest.mark.parametrize("what", ["mari@naide.ee", "ŠOKOLAAD", "õunapuu", "5123", "+37251234567", "oun", "sulas 100% šoko"])
def test_closed_ones_are_found_by_contact_name_and_words(desk: TestClient, database: Database, held: Started, what: str) -> None:
    service.say(database, held.conversation_id, client_id="mari-0010", text="šokolaad 100% sulas ära")
    with database.write() as session:
        row = session.get_one(ConversationRow, held.conversation_id)
        row.name, row.email, row.phone = "Mari Õunapuu", "mari@naide.ee", "+372 5123 4567"
    desk.post(at(held, "/close"), json={"outcome": "solved"})
    found = desk.get("/api/desk/queue", params={"list": "closed", "search": what}).json()["conversations"]
    assert [line["id"] for line in found] == [held.conversation_id]
    assert desk.get("/api/desk/queue", params={"list": "closed", "search": "šokolaad külmus"}).json()["conversations"] == []
    assert desk.get("/api/desk/queue", params={"list": "closed", "search": held.conversation_id}).json()["conversations"] != []
    assert desk.get("/api/desk/queue", params={"list": "closed", "skip": 1}).json()["conversations"] == []


def test_a_long_conversation_opens_with_its_end_and_older_events_on_request(desk: TestClient, database: Database, mari: Started) -> None:
    for place in range(120):
        service.say(database, mari.conversation_id, client_id=f"mari-{place:04}", text=f"sõnum {place}")
    opened = desk.get(at(mari)).json()["events"]
    assert [opened[0]["number"], opened[-1]["number"]] == [22, 121]
    older = desk.get(at(mari, "/events"), params={"before": 22}).json()["events"]
    assert [event["number"] for event in older] == list(range(1, 22))
    assert desk.get(at(mari, "/events"), params={"before": 1}).json()["events"] == []


def test_earlier_conversations_of_the_person_are_listed(desk: TestClient, database: Database, held: Started) -> None:
    before = service.start(database, greeting="Tere!").conversation_id
    with database.write() as session:
        for row in session.scalars(select(ConversationRow)):
            row.email = "mari@naide.ee"
    assert [one["id"] for one in desk.get(at(held)).json()["earlier"]] == [before]


def test_people_without_room_are_not_counted_as_free(desk: TestClient, database: Database, held: Started, jaan: Holder) -> None:
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == jaan.id).values(capacity=1))
    assert desk.get("/api/desk/queue").json()["people"] == 0
    agents.close(database, held.conversation_id, jaan)
    assert desk.get("/api/desk/queue").json()["people"] == 1


@pytest.mark.parametrize("what", ["/pass", "/take-over", "/snooze", "/resume", "/undo", "/ask-contact", "/tags", "/untag", "/reminder"])
def test_every_move_needs_the_token_of_our_own_page(desk: TestClient, mari: Started, what: str) -> None:
    assert desk.post(at(mari, what), json={}, headers={"X-CSRF-Token": "arvatud"}).status_code == 403
