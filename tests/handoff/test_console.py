"""The desk's API: who waits, what is known, and every change with its refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from bot.understanding import Reply, Turn
from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.contract import Reason
from handoff.conversations import agents, service, turns
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from handoff.services import Services
from tests.handoff.conftest import LogIn
from tests.handoff.desk import QUESTION, REPLY, at, wait

pytestmark = pytest.mark.both_databases


def waiting_since(database: Database, mari: Started, minutes: int) -> None:
    with database.write() as session:
        since = now() - timedelta(minutes=minutes)
        session.execute(update(ConversationRow).where(ConversationRow.id == mari.conversation_id).values(waiting_since=since))


def another(database: Database, name: str | None = None) -> Started:
    started = service.start(database, greeting="Tere!")
    if name:
        with database.write() as session:
            session.execute(update(ConversationRow).where(ConversationRow.id == started.conversation_id).values(name=name))
    return started


def test_nobody_waits_at_first(desk: TestClient) -> None:
    queue = desk.get("/api/desk/queue").json()
    assert queue["conversations"] == []
    assert queue["counts"] == {"waiting": 0, "mine": 0, "team": 0, "all": 0, "closed": 0, "tickets": 0}
    assert queue["people"] == 1


def test_the_queue_shows_who_waits_why_and_their_last_words(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    waiting_since(database, mari, 7)
    queue = desk.get("/api/desk/queue").json()
    (line,) = queue["conversations"]
    assert line["name"].startswith("Külaline ")
    assert len(line["name"]) == len("Külaline 3F2A")
    assert line["last"]["text"] == QUESTION
    assert 7 * 60 <= line["waiting_seconds"] < 7 * 60 + 30
    assert (line["state"], line["reason"], line["tags"], line["unread"], line["holder"]) == ("waiting", "asked", ["tarne"], 1, None)
    assert queue["counts"]["waiting"] == queue["counts"]["all"] == 1


def test_a_guest_is_named_in_the_readers_language(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    assert desk.get("/api/desk/queue?lang=en").json()["conversations"][0]["name"].startswith("Guest ")


def test_complaints_come_first_and_then_the_longest_waiting_and_then_tickets(desk: TestClient, database: Database) -> None:
    people = {name: another(database, name) for name in ("Äsja", "Ammu", "Vihane", "Kirjalik")}
    for name, person in people.items():
        if name != "Kirjalik":
            wait(database, person, reason=Reason.COMPLAINT if name == "Vihane" else Reason.ASKED)
    waiting_since(database, people["Ammu"], 30)
    with database.write() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == people["Kirjalik"].conversation_id).values(state="ticket"))
    queue = desk.get("/api/desk/queue").json()
    assert [line["name"] for line in queue["conversations"]] == ["Vihane", "Ammu", "Äsja", "Kirjalik"]
    assert (queue["counts"]["waiting"], queue["counts"]["tickets"]) == (4, 1)


def test_each_list_holds_its_own(desk: TestClient, database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    ended, hers = another(database, "Lõpetanud"), another(database, "Kadri oma")
    for person in (mari, ended, hers):
        wait(database, person)
    agents.claim(database, ended.conversation_id, jaan)
    agents.close(database, ended.conversation_id, jaan)
    agents.claim(database, hers.conversation_id, kadri)
    agents.claim(database, mari.conversation_id, jaan)
    listed = {name: [line["id"] for line in desk.get(f"/api/desk/queue?list={name}").json()["conversations"]] for name in ("waiting", "mine", "all", "closed")}
    assert listed["waiting"] == []
    assert listed["mine"] == [mari.conversation_id]
    assert set(listed["all"]) == {mari.conversation_id, hers.conversation_id}
    assert listed["closed"] == [ended.conversation_id]
    assert desk.get("/api/desk/queue?list=muu").status_code == 422


def test_an_open_conversation_brings_its_whole_context(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    opened = desk.get(at(mari)).json()
    assert [event["kind"] for event in opened["events"]] == ["message", "message", "message", "handoff_requested"]
    assert opened["handoff"]["reason"] == "asked"
    assert opened["handoff"]["request"]["candidates"][0]["probability"] == 0.31
    (decision,) = opened["decisions"]
    assert (decision["number"], decision["intent"], decision["why"]) == (2, "ask_question", "Parim vastus sobib kindlusega 31%; bot vastab ise alates 50%.")
    assert decision["candidates"][0]["entry_id"] == "kuidas-tagastada"
    assert opened["conversation"]["last_number"] == 4


def test_a_thumb_on_an_answer_is_seen_at_the_desk(desk: TestClient, database: Database, mari: Started) -> None:
    service.say(database, mari.conversation_id, client_id="mari-0001", text="Kuidas tagastada?")
    owed = turns.claim(database, mari.conversation_id, people_available=True)
    assert owed is not None
    turns.pay(database, owed, Turn((Reply("Tooge poodi.", entry_id="kuidas-tagastada", probability=0.93),), ()))
    service.rate(database, mari.conversation_id, number=3, helpful=False)
    assert desk.get(at(mari)).json()["ratings"] == [{"number": 3, "entry_id": "kuidas-tagastada", "helpful": False}]


def test_a_conversation_that_is_not_there_is_not_found(desk: TestClient) -> None:
    assert desk.get("/api/desk/conversations/olematu").status_code == 404


def test_who_claims_has_it_and_the_second_is_told_who(desk: TestClient, log_in: LogIn, database: Database, mari: Started) -> None:
    wait(database, mari)
    taken = desk.post(at(mari, "/claim")).json()
    assert (taken["state"], taken["holder"]) == ("live", "Jaan")
    late = log_in("kadri").post(at(mari, "/claim"))
    assert late.status_code == 409
    assert (late.json()["code"], late.json()["holder"]) == ("already_taken", "Jaan")
    assert desk.post(at(mari, "/claim")).status_code == 200  # a second click of the same agent


def test_what_the_bot_has_can_not_be_claimed(desk: TestClient, mari: Started) -> None:
    refused = desk.post(at(mari, "/claim"))
    assert (refused.status_code, refused.json()["code"]) == (409, "move_refused")


def test_a_reply_sent_twice_is_one_message(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    sent = [desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": REPLY}) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].json() == sent[1].json()
    said = [event for event in desk.get(at(mari)).json()["events"] if event["actor"] == "agent" and event["kind"] == "message"]
    assert [event["body"]["text"] for event in said] == [REPLY]


def test_only_the_holder_answers_but_everyone_may_note(desk: TestClient, log_in: LogIn, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    kadri = log_in("kadri")
    assert kadri.post(at(mari, "/messages"), json={"client_id": "kadri-0001", "text": "Tere"}).status_code == 403
    assert kadri.post(at(mari, "/notes"), json={"client_id": "kadri-0001", "text": "Püsiklient"}).status_code == 201
    assert desk.get(at(mari)).json()["events"][-1]["kind"] == "note"


@pytest.mark.parametrize(("text", "code"), [("  ", "empty"), ("jäääär " * 700, "too_long"), ("\x00\x01\x02", "not_text")], ids=("empty", "long", "no_text"))
def test_a_text_that_can_not_be_kept_is_refused_by_code(desk: TestClient, database: Database, mari: Started, text: str, code: str) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    refused = desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": text})
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_released_it_waits_again_and_given_back_the_bot_has_it(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    assert desk.post(at(mari, "/release")).json()["state"] == "waiting"
    desk.post(at(mari, "/claim"))
    back = desk.post(at(mari, "/give-back")).json()
    assert (back["state"], back["holder"]) == ("bot", None)
    assert desk.post(at(mari, "/release")).status_code == 409


def test_it_ends_with_an_outcome(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    assert desk.post(at(mari, "/close"), json={"outcome": "muu"}).status_code == 422
    assert desk.post(at(mari, "/close"), json={"outcome": "not_solved"}).json()["state"] == "closed"
    assert desk.get("/api/desk/queue?list=closed").json()["conversations"][0]["outcome"] == "not_solved"


def test_what_the_holder_has_seen_is_no_longer_unread(desk: TestClient, log_in: LogIn, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    service.say(database, mari.conversation_id, client_id="mari-0002", text="Halloo?")
    assert log_in("kadri").post(at(mari, "/seen"), json={"number": 99}).status_code == 204  # not hers: counts for nothing
    assert desk.get("/api/desk/queue?list=mine").json()["conversations"][0]["unread"] == 2
    desk.post(at(mari, "/seen"), json={"number": 99})
    assert desk.get("/api/desk/queue?list=mine").json()["conversations"][0]["unread"] == 0


def test_an_agent_who_is_away_is_nobody_to_offer(desk: TestClient, services: Services, database: Database) -> None:
    assert services.people_available()
    assert desk.post("/api/desk/availability", json={"availability": "away"}).status_code == 204
    assert not services.people_available()
    assert desk.post("/api/desk/availability", json={"availability": "lõunal"}).status_code == 422
    assert accounts.available_agents(database) == 0
    desk.post("/api/desk/availability", json={"availability": Availability.AVAILABLE.value})
    assert services.people_available()


@pytest.mark.parametrize("what", ["/claim", "/release", "/give-back", "/close", "/seen", "/messages", "/notes", "/draft"])
def test_every_change_needs_the_token_of_our_own_page(desk: TestClient, database: Database, mari: Started, what: str) -> None:
    wait(database, mari)
    assert desk.post(at(mari, what), json={}, headers={"X-CSRF-Token": "arvatud"}).status_code == 403
    assert desk.get(at(mari)).json()["conversation"]["state"] == "waiting"


def test_editors_and_outsiders_are_refused(client: TestClient, log_in: LogIn, mari: Started) -> None:
    liis = log_in("liis")
    for path in ("/api/desk/queue", at(mari), "/api/desk/stream", at(mari, "/stream")):
        assert liis.get(path).status_code == 403
        assert client.get(path).status_code == 401
    assert liis.post(at(mari, "/notes"), json={"client_id": "liis-0001", "text": "Tere"}).status_code == 403


def test_the_supervisor_answers_too(log_in: LogIn, database: Database, mari: Started) -> None:
    wait(database, mari)
    assert log_in("tiit").post(at(mari, "/claim")).json()["holder"] == "Tiit"


def test_the_page_carries_its_texts_and_no_script_of_its_own(desk: TestClient, log_in: LogIn, mari: Started) -> None:
    for path in ("/desk", f"/desk/{mari.conversation_id}"):
        page = desk.get(path)
        assert page.status_code == 200
        assert "[?" not in page.text
        assert " style=" not in page.text
        assert '"do.claim": "V\\u00f5ta vestlus"' in page.text
    refused = log_in("liis").get("/desk")
    assert refused.status_code == 403
    assert "klienditeenindajatele" in refused.text
