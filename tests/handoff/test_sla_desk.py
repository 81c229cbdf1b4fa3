"""What the desk is told of the times that are owed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from handoff.conversations import agents, overdue, service, sla
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.sla import AroundTheClock
from handoff.database import Database, now
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at
from tests.handoff.talk import change
from tests.handoff.test_sla import answer, let_pass

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def always_open(app: FastAPI, database: Database) -> None:
    """Whatever day it is when these tests run."""
    sla.keep_hours(database, AroundTheClock())


def lines(desk: TestClient, name: str, **more: str) -> list[str]:
    return [line["id"] for line in desk.get("/api/desk/queue", params={"list": name, **more}).json()["conversations"]]


def test_the_list_and_the_conversation_say_by_when_what_is_owed(desk: TestClient, database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    line = desk.get("/api/desk/queue").json()["conversations"][0]
    opened = desk.get(at(mari)).json()["conversation"]
    for told in (line, opened):
        assert told["due_goal"] == "first"
        assert told["due_soon_at"] < told["due_at"]
        assert told["overdue_at"] is None


def test_a_claim_gives_the_time_back_and_an_answer_takes_it_away(desk: TestClient, database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    assert desk.post(at(mari, "/claim")).json()["due_goal"] == "first"
    desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": "Tere!"})
    assert desk.get(at(mari)).json()["conversation"]["due_at"] is None


def test_only_what_presses_is_shown_on_wish_and_counted_in_each_list(desk: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    let_pass(database, 4.5)
    later = service.start(database, greeting="Tere!").conversation_id
    talk.go_live(database, later, jaan)
    assert lines(desk, "waiting", pressing="true") == [mari.conversation_id]
    assert lines(desk, "all", pressing="true") == [mari.conversation_id]
    assert lines(desk, "mine", pressing="true") == []
    assert lines(desk, "mine") == [later]
    counted = {name: desk.get("/api/desk/queue", params={"list": name}).json()["pressing"] for name in ("waiting", "mine", "all", "closed")}
    assert counted == {"waiting": 1, "mine": 0, "all": 1, "closed": 0}


def test_ones_own_stand_in_the_order_in_which_they_are_owed(desk: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    answered, urgent, late = (service.start(database, greeting="Tere!").conversation_id for _ in range(3))
    for one in (late, urgent, mari.conversation_id, answered):
        talk.go_live(database, one, jaan)
    change(database, late, due_at=now() - timedelta(minutes=1), overdue_at=now())
    change(database, urgent, due_at=now() + timedelta(minutes=1))
    answer(database, answered, jaan)
    assert lines(desk, "mine") == [late, urgent, mari.conversation_id, answered]


def test_that_it_is_late_is_told_in_the_log_of_the_desk_and_nowhere_else(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    let_pass(database, 6)
    overdue.note_due(database)
    assert desk.get(at(mari)).json()["events"][-1]["kind"] == "overdue"
    read = client.get(f"/api/widget/conversations/{mari.conversation_id}/events", headers={"Authorization": f"Bearer {mari.secret}"})
    assert read.status_code == 200
    assert "overdue" not in read.text
    assert "due_at" not in read.text


@pytest.mark.parametrize("login", ["liis"])
def test_who_does_not_answer_sees_no_lists(log_in: LogIn, login: str) -> None:
    assert log_in(login).get("/api/desk/queue", params={"pressing": "true"}).status_code == 403


def test_what_nobody_holds_any_more_presses_nobody(desk: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    let_pass(database, 6)
    overdue.note_due(database)
    agents.close(database, mari.conversation_id, jaan)
    assert lines(desk, "all", pressing="true") == lines(desk, "closed", pressing="true") == []
