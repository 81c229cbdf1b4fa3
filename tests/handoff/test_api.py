"""The API for other programs, asked by our own client: what the desk does, by the desk's rules, once each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from handoff.accounts import kept_answers, keys, trail
from handoff.accounts.keys import Scope
from handoff.accounts.tables import TeamRow
from handoff.accounts.trail import Wanted
from handoff.api import cursors, door, entry_shapes, figure_shapes, shapes, webhook_shapes
from handoff.api_client import Abiline, ApiError
from handoff.app import create_app
from handoff.bucket import Bucket
from handoff.conversations import listing, service
from handoff.conversations.agents import Holder
from handoff.conversations.listing import Place
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.errors import Unreadable
from handoff.settings import Settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.programs import key_of

HERE = "http://testserver"
Opened = Callable[..., Abiline]


@pytest.fixture
def opened(client: TestClient, database: Database) -> Opened:
    """`opened(agent_id, *scopes)` is a program with a key in that person's name."""
    return lambda agent_id, *scopes: Abiline(HERE, key_of(database, agent_id, *scopes), client=client, pause=lambda _seconds: None)


def test_a_program_does_what_an_agent_does(opened: Opened, database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.be_here(database, jaan, kadri)
    program = opened(jaan.id)
    talk.wait_for_person(database, mari.conversation_id)
    (found,) = program.conversations(state="waiting")
    assert (found["id"], found["reason"]) == (mari.conversation_id, "asked")
    assert program.claim(found["id"])["state"] == "live"
    number = program.reply(found["id"], "Teie pakk jõuab homme.")
    assert program.note(found["id"], "Helistasin kullerile") == number + 1
    assert program.tag(found["id"], "tarne") == ["tarne"]
    assert [one["id"] for one in program.conversations(tag="tarne")] == [found["id"]]
    assert program.untag(found["id"], "tarne") == []
    assert program.name_product(found["id"], " Matkasaabas  Põhjala ")["product"] == "Matkasaabas Põhjala"
    assert program.conversation(found["id"])["product"] == "Matkasaabas Põhjala"
    assert program.name_product(found["id"], "")["product"] is None
    assert program.assign(found["id"], agent_id=kadri.id, note="Palun vaata")["agent_id"] == kadri.id
    with pytest.raises(ApiError) as refused:
        program.close(found["id"])
    assert (refused.value.status, refused.value.code) == (403, "not_allowed")
    assert opened(kadri.id).close(found["id"], outcome="solved")["state"] == "closed"
    log = list(program.events(found["id"], limit=2))
    assert [one["number"] for one in log] == [event.number for event in talk.events(database, mari.conversation_id)]
    assert talk.texts(database, mari.conversation_id, "agent") == ["Teie pakk jõuab homme."]
    assert {one["name"] for one in program.people()} == {"Jaan", "Kadri", "Tiit"}
    done = trail.rows(database, Wanted(agent_id=jaan.id))
    assert {"used_key", "opened_conversation", "claimed_conversation", "passed_conversation"} <= {row.act for row in done}


def test_what_waits_can_be_assigned_at_once_and_waits_on_where_that_is_refused(
    opened: Opened, database: Database, mari: Started, jaan: Holder, kadri: Holder
) -> None:
    talk.be_here(database, jaan)
    talk.wait_for_person(database, mari.conversation_id)
    program = opened(jaan.id)
    with pytest.raises(ApiError) as refused:
        program.assign(mari.conversation_id, agent_id=kadri.id)
    assert refused.value.code == "colleague_away"
    assert program.conversation(mari.conversation_id)["state"] == "waiting"
    talk.be_here(database, kadri)
    assert program.assign(mari.conversation_id, agent_id=kadri.id)["agent_id"] == kadri.id


def test_a_key_opens_what_it_is_for_and_never_more_than_its_person(opened: Opened, people: dict[str, str], mari: Started) -> None:
    reading = opened(people["jaan"], Scope.READ)
    assert reading.conversation(mari.conversation_id)["state"] == "bot"
    for refused in (lambda: reading.claim(mari.conversation_id), lambda: opened(people["jaan"]).figures(), lambda: opened(people["liis"]).people()):
        with pytest.raises(ApiError, match="403 not_allowed"):
            refused()
    assert opened(people["tiit"]).figures(days=1)["conversations"] == 0
    with pytest.raises(ApiError, match="403"):
        opened(people["tiit"]).webhooks()


def test_behind_another_teams_wall_there_is_nothing(opened: Opened, database: Database, people: dict[str, str], mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    with database.write() as session:
        team = TeamRow(name="Arved", walled=True)
        session.add(team)
        session.flush()
        session.get_one(ConversationRow, mari.conversation_id).team_id = team.id
    jaan = opened(people["jaan"])
    assert list(jaan.conversations()) == []
    for refused in (
        jaan.conversation,
        jaan.claim,
        lambda one: list(jaan.events(one)),
        lambda one: jaan.note(one, "x"),
        lambda one: jaan.tag(one, "x"),
        lambda one: jaan.name_product(one, "x"),
    ):
        with pytest.raises(ApiError, match="404 not_found"):
            refused(mari.conversation_id)
    assert opened(people["tiit"]).conversation(mari.conversation_id)["id"] == mari.conversation_id


@pytest.mark.both_databases
def test_pages_go_on_where_they_ended_whatever_has_changed(database: Database, people: dict[str, str]) -> None:
    ids = [service.start(database, greeting="Tere!").conversation_id for _ in range(5)][::-1]
    first = listing.page(database, people["jaan"], listing.Wanted(), after=None, limit=2)
    assert [row.id for row in first] == ids[:2]
    talk.say(database, ids[4])  # the oldest is the newest now
    after = Place(first[-1].changed_at, first[-1].id)
    rest = listing.page(database, people["jaan"], listing.Wanted(), after=after, limit=10)
    assert [row.id for row in rest] == ids[2:4]
    since = listing.page(database, people["jaan"], listing.Wanted(changed_since=after.changed_at), after=None, limit=10)
    assert [row.id for row in since] == [ids[4], *ids[:2]]


@pytest.mark.both_databases
def test_a_tag_is_found_as_it_is_written(database: Database, people: dict[str, str]) -> None:
    wanted, other = (service.start(database, greeting="Tere!").conversation_id for _ in range(2))
    talk.change(database, wanted, tags=["kõrge 100%"])
    talk.change(database, other, tags=["kõrge 1000"])
    found = listing.page(database, people["jaan"], listing.Wanted(tag="kõrge 100%"), after=None, limit=10)
    assert [row.id for row in found] == [wanted]


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "e30", cursors.written(1), "[" * 300])
def test_a_cursor_that_was_never_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Unreadable) as refused:
        cursors.read(cursor, str, str)
    assert refused.value.code == "bad_cursor"


def test_the_same_request_with_the_same_key_is_done_once(client: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    client.headers["Authorization"] = f"Bearer {key_of(database, jaan.id)}"
    path, once = f"/api/v1/conversations/{mari.conversation_id}", {"Idempotency-Key": "kordus-1"}
    said = [client.post(f"{path}/messages", json={"text": "Tere, Mari!"}, headers=once) for _ in range(3)]
    assert [(one.status_code, one.json()) for one in said] == [(201, said[0].json())] * 3
    assert [one.headers.get("Idempotency-Replayed") for one in said] == [None, "true", "true"]
    assert talk.texts(database, mari.conversation_id, "agent") == ["Tere, Mari!"]
    other = client.post(f"{path}/messages", json={"text": "Muu jutt"}, headers=once)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    closed = [client.post(f"{path}/close", json={"outcome": "solved"}, headers={"Idempotency-Key": "lopp-1234"}) for _ in range(2)]
    assert [one.status_code for one in closed] == [200, 200]
    ((row, _name),) = keys.all_keys(database)
    refused = [client.post(f"{path}/close", json={"outcome": "solved"}, headers={"Idempotency-Key": "lopp-5678"}) for _ in range(2)]
    assert [(one.status_code, one.headers.get("Idempotency-Replayed")) for one in refused] == [(409, None)] * 2
    keys.revoke(database, row.id, by=None)
    assert client.post(f"{path}/messages", json={"text": "Tere, Mari!"}, headers=once).status_code == 401, "not even the old answer"


@pytest.mark.both_databases
def test_a_request_under_way_is_not_begun_again_until_it_is_given_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_answers.begin(database, "kes", "mis") is None
    with pytest.raises(kept_answers.UnderWay):
        kept_answers.begin(database, "kes", "mis")
    monkeypatch.setattr(kept_answers, "GIVEN_UP", timedelta())
    assert kept_answers.begin(database, "kes", "mis") is None, "its process was killed"
    kept_answers.end(database, "kes", kept_answers.Answer(200, "{}"))
    assert kept_answers.begin(database, "kes", "mis") == kept_answers.Answer(200, "{}")
    monkeypatch.setattr(kept_answers, "KEPT", timedelta())
    assert kept_answers.begin(database, "kes", "muu") is None, "after a day the key is free"


def test_a_message_whose_kept_answer_was_lost_with_its_process_is_said_once(
    client: TestClient, database: Database, mari: Started, jaan: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    client.headers["Authorization"] = f"Bearer {key_of(database, jaan.id)}"
    path = f"/api/v1/conversations/{mari.conversation_id}/messages"
    with monkeypatch.context() as killed:
        killed.setattr(kept_answers, "end", lambda *_: None)
        client.post(path, json={"text": "Tere!"}, headers={"Idempotency-Key": "kordus-1"})
    monkeypatch.setattr(kept_answers, "GIVEN_UP", timedelta())
    assert client.post(path, json={"text": "Tere!"}, headers={"Idempotency-Key": "kordus-1"}).status_code == 201
    assert talk.texts(database, mari.conversation_id, "agent") == ["Tere!"]


def test_what_is_refused_is_told_as_a_problem(client: TestClient, database: Database, people: dict[str, str], mari: Started) -> None:
    stranger = client.get("/api/v1/conversations")
    assert (stranger.status_code, stranger.headers["www-authenticate"]) == (401, "Bearer")
    client.headers["Authorization"] = f"Bearer {key_of(database, people['jaan'])}"
    path = f"/api/v1/conversations/{mari.conversation_id}"
    for answer, status, code in (
        (stranger, 401, "not_logged_in"),
        (client.get("/api/v1/conversations/olematu"), 404, "not_found"),
        (client.post(f"{path}/claim"), 409, "move_refused"),
        (client.post(f"{path}/messages", json={"text": ""}), 422, "unreadable"),
        (client.post(f"{path}/messages", content=b"{", headers={"Content-Type": "application/json"}), 422, "unreadable"),
        (client.post(f"{path}/notes", json={"text": "x"}, headers={"Idempotency-Key": "lyhike"}), 422, "bad_key"),
        (client.get("/api/v1/conversations", params={"cursor": "x"}), 422, "bad_cursor"),
    ):
        told = answer.json()
        assert (answer.status_code, answer.headers["content-type"], told["code"], told["status"]) == (status, "application/problem+json", code, status)
        assert told["type"] == f"urn:abiline:{code}"


def test_who_asks_too_often_is_told_when_again(settings: Settings, database: Database, people: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "Bucket", lambda **_limits: Bucket(burst=1, per_second=0.1))
    asks = TestClient(create_app(settings, FakeBot(), database), headers={"Authorization": f"Bearer {key_of(database, people['jaan'])}"})
    assert asks.get("/api/v1/teams").status_code == 200
    slowed = asks.get("/api/v1/teams")
    assert (slowed.status_code, slowed.headers["retry-after"], slowed.json()["code"]) == (429, "10", "too_many")


def test_an_entry_is_written_published_and_taken_back(opened: Opened, bot: FakeBot, people: dict[str, str]) -> None:
    liis = opened(people["liis"])
    made = liis.create_entry("Kas teil on kohvik?", "Jah, teisel korrusel.", topic="pood")
    assert (made["id"], made["status"], made["published"]) == ("kas-teil-on-kohvik", "draft", False)
    before = bot.revision
    assert liis.publish_entry(made["id"], made["revision"])["published"]
    assert bot.revision > before, "the next question finds it"
    changed = liis.write_entry(made["id"], 2, "Kas teil on kohvik?", "Jah, esimesel korrusel.", topic="pood")
    assert (changed["changed"], changed["revision"]) == (True, 3)
    with pytest.raises(ApiError, match="409 already_taken"):
        liis.write_entry(made["id"], 2, "Kas teil on kohvik?", "Ei.")
    with pytest.raises(ApiError, match="409 already_taken"):
        liis.publish_entry(made["id"], 2)
    assert not liis.archive_entry(made["id"])["published"]
    assert [one["id"] for one in liis.entries(limit=1)] == ["kas-teil-on-kohvik", "kuidas-tagastada", "millal-pakk-jouab"]
    with pytest.raises(ApiError, match="403"):
        opened(people["liis"], Scope.ENTRIES_READ, Scope.ENTRIES_WRITE).publish_entry("kuidas-tagastada", 1)


def test_webhooks_are_managed(opened: Opened, anu: str) -> None:
    program = opened(anu)
    made = program.make_webhook("Kassa", "https://pood.ee/haak", events=["messages"])
    assert made["secret"].startswith("whsec_")
    assert [(one["name"], one["secret"]) for one in program.webhooks()] == [("Kassa", None)]
    assert (program.deliveries(made["id"]), program.replay(made["id"])) == ([], 0)
    program.remove_webhook(made["id"])
    assert program.webhooks() == []


def test_each_operation_is_described_with_examples_that_hold(app: FastAPI, client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    shown = described["components"]["schemas"]
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert len(operations) > 25
    for operation in operations:
        assert operation["summary"]
        assert operation["description"], operation["summary"]
        taken = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        given = next(operation["responses"][status] for status in ("200", "201", "204") if status in operation["responses"])
        for schema in filter(None, (taken, given.get("content", {}).get("application/json", {}).get("schema"))):
            assert "examples" in json.dumps(_opened(schema, shown)), operation["summary"]
    told = (pair for module in (shapes, entry_shapes, figure_shapes, webhook_shapes) for pair in vars(module).items())
    for name, shape in told:
        extra: Any = shape.model_config.get("json_schema_extra") if isinstance(shape, type) and issubclass(shape, BaseModel) else None
        for example in extra["examples"] if extra else ():
            assert shape.model_validate(example), name


def _opened(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """The schema and those that it names."""
    named = json.dumps(schema)
    return [schema, *(one for name, one in known.items() if f'/{name}"' in named or name in named)]
