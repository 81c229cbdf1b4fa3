"""What another desk calls comes in any order, again and again, and forged between: each word stands once, and nothing that is over ends anything new."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as playing
from hypothesis import strategies as st
from pydantic import SecretStr

from handoff.app import create_app
from handoff.conversations import elsewhere, service
from handoff.database import Database
from handoff.outbox import sign
from handoff.settings import read_settings
from tests.fakes import FakeBot
from tests.handoff import talk

SECRET = "töölaua-saladus"
PLAY = playing(max_examples=8, database=None, deadline=None, suppress_health_check=list(HealthCheck))
WORDS, ENDINGS, WAITS = range(3), range(2), "waits"
STEPS = st.lists(
    st.one_of(st.tuples(st.just("says"), st.sampled_from(WORDS)), st.tuples(st.just("ends"), st.sampled_from(ENDINGS)), st.just((WAITS, 0))), max_size=8
)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> TestClient:
    secrets = {"forward_secret": SecretStr(SECRET), "chatwoot_token": SecretStr("voti"), "chatwoot_secret": SecretStr(SECRET)}
    made = read_settings(data_dir=tmp_path, chatwoot_url="http://127.0.0.1:9", **secrets)
    return TestClient(create_app(made, FakeBot(), database))


def call(house: TestClient, conversation_id: str, what: str, which: int, *, secret: str = SECRET) -> int:
    """By the contract: the same `which` is the same call."""
    told = {"type": "agent.message", "text": f"Vastus {which}"} if what == "says" else {"type": "conversation.resolved"}
    body, moment, key = json.dumps(told | {"conversation_id": conversation_id}).encode(), int(time.time()), f"{what}-{which}-{conversation_id}"
    headers = {"Webhook-Id": key, "Webhook-Timestamp": str(moment), "Webhook-Signature": sign(secret, key, moment, body)}
    status: int = house.post("/api/desks/calls", content=body, headers=headers).status_code
    return status


def webhook(house: TestClient, remote: int, what: str, which: int, *, secret: str = SECRET) -> int:
    """By Chatwoot: the same message has the same id, the same change the same delivery."""
    said = {"event": "message_created", "id": remote * 10 + which, "content": f"Vastus {which}", "message_type": "outgoing", "conversation": {"id": remote}}
    told: dict[str, Any] = said if what == "says" else {"event": "conversation_status_changed", "id": remote, "status": "resolved"}
    body, moment = json.dumps(told).encode(), str(int(time.time()))
    signature = "sha256=" + hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Chatwoot-Signature": signature, "X-Chatwoot-Timestamp": moment, "X-Chatwoot-Delivery": f"{what}-{which}-{remote}"}
    status: int = house.post("/api/desks/chatwoot", content=body, headers=headers).status_code
    return status


def standing(database: Database, conversation_id: str) -> tuple[str, int]:
    row = talk.row(database, conversation_id)
    return row.state, row.last_number


def wait_again(database: Database, conversation_id: str) -> None:
    if talk.row(database, conversation_id).state == "bot":
        talk.wait_for_person(database, conversation_id)


@PLAY
@given(steps=STEPS, again=st.randoms(use_true_random=False))
def test_calls_by_the_contract_are_done_once_in_whatever_order_they_come(
    house: TestClient, database: Database, steps: list[tuple[str, int]], again: Any
) -> None:
    mari = service.start(database, greeting="Tere!").conversation_id
    wait_again(database, mari)
    done: list[tuple[str, int]] = []
    for what, which in steps:
        if what == WAITS:
            wait_again(database, mari)
            continue
        before = standing(database, mari)
        assert call(house, mari, what, which, secret="arvatud") == 401
        assert standing(database, mari) == before, "forged"
        assert call(house, mari, what, which) == 204
        done.append((what, which))
    wait_again(database, mari)
    before = standing(database, mari)
    again.shuffle(done)
    assert {call(house, mari, *one) for one in done} <= {204}
    assert standing(database, mari) == before, "each was a repeat"
    assert sorted(talk.texts(database, mari, "agent")) == sorted({f"Vastus {which}" for what, which in done if what == "says"})


@PLAY
@given(steps=STEPS, again=st.randoms(use_true_random=False))
def test_chatwoots_webhooks_are_taken_once_in_whatever_order_they_come(house: TestClient, database: Database, steps: list[tuple[str, int]], again: Any) -> None:
    mari = service.start(database, greeting="Tere!").conversation_id
    remote = int.from_bytes(hashlib.sha256(mari.encode()).digest()[:4], "big")
    elsewhere.keep_remote(database, mari, remote)
    wait_again(database, mari)
    done: list[tuple[str, int]] = []
    for what, which in steps:
        if what != WAITS:
            before = standing(database, mari)
            assert webhook(house, remote, what, which, secret="arvatud") == 401
            assert standing(database, mari) == before, "forged"
            assert webhook(house, remote, what, which) == 204
            done.append((what, which))
    before = standing(database, mari)
    again.shuffle(done)
    assert {webhook(house, remote, *one) for one in done} <= {204}
    assert standing(database, mari) == before, "each was a repeat"
    assert sorted(talk.texts(database, mari, "agent")) == sorted({f"Vastus {which}" for what, which in done if what == "says"})
    assert before[0] == ("live" if any(what == "says" for what, _which in done) else "waiting"), "what is resolved is looked up first"
