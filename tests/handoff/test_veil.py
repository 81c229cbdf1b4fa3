"""Where the operator wants it, agents see personal data masked, and who looks behind the mask is in the trail. The customer's own view is as it was."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from bot.personal import mask
from handoff.accounts import keys, trail
from handoff.accounts.keys import Scope, Wish
from handoff.accounts.trail import Wanted
from handoff.conversations import service
from handoff.conversations.events import for_customer
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database
from handoff.services import Services
from handoff.settings import Settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.desk import REPLY, at, wait
from tests.serve import MaskingBot

PHONE = "5123 4567"
SAID = f"Helistage mulle {PHONE}, tellimus A-1042"
MASKED = "Helistage mulle [telefon], tellimus A-1042"


@pytest.fixture
def bot() -> FakeBot:
    return MaskingBot()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"mask_for_agents": True})


def test_nothing_that_the_desk_gets_shows_what_the_customer_wrote(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari, text=SAID)
    for path in (at(mari), at(mari, "/events?before=99"), "/api/desk/queue", f"/api/desk/queue?search={PHONE.split(maxsplit=1)[0]}"):
        told = desk.get(path).text
        assert PHONE not in told
        assert MASKED in told
    opened = desk.get(at(mari)).json()
    said = [event for event in opened["events"] if event["actor"] == "customer"]
    assert [event["masked"] for event in said] == [True]
    assert opened["handoff"]["request"]["messages"][0]["text"] == MASKED


def test_who_asks_for_a_message_gets_it_and_the_trail_says_so(desk: TestClient, database: Database, mari: Started, people: dict[str, str]) -> None:
    wait(database, mari, text=SAID)
    number = next(event["number"] for event in desk.get(at(mari)).json()["events"] if event["actor"] == "customer")
    for _ in range(2):
        assert desk.post(at(mari, f"/events/{number}/reveal")).json()["event"]["body"]["text"] == SAID
    looked = trail.rows(database, Wanted(act="revealed_conversation"))
    assert [(row.agent_id, row.target) for row in looked] == [(people["jaan"], f"{mari.conversation_id} {number}")] * 2
    assert PHONE not in json.dumps([row.target for row in trail.rows(database, Wanted())])


def test_nobody_else_may_ask_and_a_message_that_is_not_there_is_not_written_down(log_in: LogIn, desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari, text=SAID)
    assert desk.post(at(mari, "/events/99/reveal")).status_code == 404
    assert log_in("liis").post(at(mari, "/events/2/reveal")).status_code == 403
    assert trail.rows(database, Wanted(act="revealed_conversation")) == []


def test_the_customer_reads_their_own_words(database: Database, mari: Started, desk: TestClient) -> None:
    wait(database, mari, text=SAID)
    desk.get(at(mari))
    assert SAID in talk.texts(database, mari.conversation_id, "customer")
    with database.read() as session:
        shown = [for_customer(event) for event in session.query(EventRow).filter_by(conversation_id=mari.conversation_id, actor="customer")]
    assert [view["body"]["text"] for view in shown if view] == [SAID]


def test_what_colleagues_and_published_answers_say_is_not_masked(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari, text="Tere, kas pood on lahti?")
    desk.post(at(mari, "/claim"))
    desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": "Helistage meile 600 1234"})
    assert "600 1234" in desk.get(at(mari)).text
    assert not any("masked" in event for event in desk.get(at(mari)).json()["events"])


def test_a_draft_keeps_the_shop_s_own_contacts_and_masks_the_customer_s(desk: TestClient, services: Services, database: Database, mari: Started) -> None:
    ours = {"question": "Kus te asute?", "answer": "Pood on aadressil Pärnu mnt 10, telefon +372 600 1234."}
    services.entries.save("kus-asume", topic="", content=ours, publish=True, by=None)
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": f"{REPLY} Meie telefon on +372 6001234, Pärnu mnt 10. Teile helistame {PHONE}."})
    made = desk.post(at(mari, "/draft"), json={}).json()
    assert "+372 6001234" in made["answer"]
    assert "Pärnu mnt 10" in made["answer"]
    assert PHONE not in made["answer"]


def test_without_the_setting_the_desk_sees_everything(mari: Started, database: Database, services: Services) -> None:
    from handoff.console.veil import Veil

    service.say(database, mari.conversation_id, client_id="mari-0001", text=SAID)
    view = {"kind": "message", "actor": "customer", "body": {"text": SAID}}
    assert Veil(None).event(view) is view
    assert Veil(mask).event(view)["body"]["text"] == MASKED


def test_who_reviews_a_conversation_sees_it_masked_too(log_in: LogIn, desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari, text=SAID)
    desk.post(at(mari, "/claim"))
    desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": "Helistame kohe."})
    desk.post(at(mari, "/close"), json={"outcome": "solved"})
    told = log_in("tiit").get(f"/coaching/conversations/{mari.conversation_id}").text
    assert "Helistame kohe." in told
    assert MASKED in told
    assert PHONE not in told


def test_a_program_with_an_agents_key_sees_no_more_than_the_agent(client: TestClient, database: Database, mari: Started, people: dict[str, str]) -> None:
    wait(database, mari, text=SAID)
    with database.write() as session:
        row = session.get_one(ConversationRow, mari.conversation_id)
        row.email, row.phone = "mari@naide.ee", f"+372 {PHONE}"
    bearer = {"Authorization": f"Bearer {keys.make(database, Wish('Kassa', people['jaan'], [Scope.READ]), by=None)[1]}"}
    told = [client.get(f"/api/v1/conversations{path}", headers=bearer) for path in ("", f"/{mari.conversation_id}", f"/{mari.conversation_id}/events")]
    assert [answer.status_code for answer in told] == [200] * 3
    for answer in told:
        assert PHONE not in answer.text
        assert "mari@naide.ee" not in answer.text
    log = told[2].json()["items"]
    assert [one["body"]["text"] for one in log if one["masked"] and one["kind"] == "message"] == [MASKED]
    assert told[1].json()["email"] == told[1].json()["phone"] == "•••"
