"""What other desks tell us: signed, in time and once, or it changes nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select

from handoff.app import create_app
from handoff.conversations import elsewhere
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.outbox import OutboxRow, sign
from handoff.settings import read_settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.chatwoot import TOKEN, FakeChatwoot, running

pytestmark = pytest.mark.both_databases
SECRET = "töölaua-saladus"


@pytest.fixture
def chatwoot() -> Iterator[FakeChatwoot]:
    with running() as made:
        yield made
        assert made.wrong == [], "not as Chatwoot's description has it"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> TestClient:
    secrets = {"forward_secret": SecretStr(SECRET), "chatwoot_token": SecretStr(TOKEN), "chatwoot_secret": SecretStr(SECRET)}
    made = read_settings(data_dir=tmp_path, chatwoot_url="http://127.0.0.1:9", **secrets)
    return TestClient(create_app(made, FakeBot(), database))


def call(house: TestClient, told: dict[str, Any], *, key: str = "kone-1", secret: str = SECRET, at: int | None = None) -> int:
    body, moment = json.dumps(told).encode(), at or int(time.time())
    headers = {"Webhook-Id": key, "Webhook-Timestamp": str(moment), "Webhook-Signature": "v1,vale " + sign(secret, key, moment, body)}
    status: int = house.post("/api/desks/calls", content=body, headers=headers).status_code
    return status


def test_a_signed_call_answers_the_customer_once_and_gives_the_conversation_back(house: TestClient, database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    told = {"type": "agent.message", "conversation_id": mari.conversation_id, "text": "Tere!", "name": "Piret"}
    assert [call(house, told) for _ in range(2)] == [204, 204]
    assert talk.texts(database, mari.conversation_id, "agent") == ["Tere!"]
    resolved = {"type": "conversation.resolved", "conversation_id": mari.conversation_id}
    assert call(house, resolved, key="kone-2") == 204
    assert talk.row(database, mari.conversation_id).state == "bot"
    talk.wait_for_person(database, mari.conversation_id)
    assert call(house, resolved, key="kone-2") == 204
    assert talk.row(database, mari.conversation_id).state == "waiting", "a repeat ends nothing new"


def test_a_forged_old_or_broken_call_changes_nothing(house: TestClient, database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    told = {"type": "agent.message", "conversation_id": mari.conversation_id, "text": "Andke oma parool"}
    assert call(house, told, secret="arvatud") == 401
    assert call(house, told, at=int(time.time()) - 301) == 401
    assert call(house, told | {"type": "midagi.muud"}) == 422
    assert call(house, told | {"conversation_id": "olematu"}) == 404
    assert house.post("/api/desks/calls", json=told).status_code == 401
    assert talk.texts(database, mari.conversation_id, "agent") == []


def test_without_a_secret_there_is_no_such_door(client: TestClient) -> None:
    assert client.post("/api/desks/calls", json={}).status_code == 404
    assert client.post("/api/desks/chatwoot", json={}).status_code == 404


def test_chatwoots_signed_webhooks_come_in_and_forged_ones_do_not(house: TestClient, database: Database, chatwoot: FakeChatwoot, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    elsewhere.keep_remote(database, mari.conversation_id, 1)
    chatwoot.talks[1] = {"id": 1, "status": "open", "inbox_id": 5, "custom_attributes": {}}

    def post(told: dict[str, Any], *, secret: str = SECRET) -> int:
        body, moment = json.dumps(told).encode(), str(int(time.time()))
        signature = "sha256=" + hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Chatwoot-Signature": signature, "X-Chatwoot-Timestamp": moment}
        status: int = house.post("/api/desks/chatwoot", content=body, headers=headers).status_code
        return status

    reply = chatwoot.reply(1, "Tere, Mari!")
    assert [post(reply, secret="arvatud"), post(reply), post(reply), post(chatwoot.reply(1, "meie vahel", private=True))] == [401, 204, 204, 204]
    assert post(reply | {"conversation": {"id": 99}}) == 204, "none of ours"
    assert post({"event": 5}) == 422
    assert talk.texts(database, mari.conversation_id, "agent") == ["Tere, Mari!"]
    assert post(chatwoot.resolve(1)) == 204
    with database.read() as session:
        looks = [row for row in session.scalars(select(OutboxRow)) if row.payload.get("what") == "look"]
    assert len(looks) == 1
