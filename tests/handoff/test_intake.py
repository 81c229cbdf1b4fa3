"""The door for a separate bot, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from handoff.conversations.service import Started
from handoff.database import Database
from handoff.settings import read_settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.conftest import INTAKE_TOKEN

pytestmark = pytest.mark.both_databases

KEY = {"Idempotency-Key": "voti-0001"}
TOKEN = {"Authorization": f"Bearer {INTAKE_TOKEN}"}
REQUEST: dict[str, Any] = {
    "conversation_id": "rasa-777",
    "reason": "asked",
    "requested_at": "2025-06-02T10:00:00+03:00",
    "messages": [{"who": "customer", "text": "Inimest palun"}],
}


def test_a_handoff_is_accepted(client: TestClient, database: Database) -> None:
    answer = client.post("/api/handoffs", json=REQUEST, headers=TOKEN | KEY)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["repeated"]) == ("waiting", False)
    assert talk.texts(database, told["conversation_id"], "customer") == ["Inimest palun"]


def test_a_repeat_gets_200_and_the_same_handoff(client: TestClient) -> None:
    first = client.post("/api/handoffs", json=REQUEST, headers=TOKEN | KEY)
    again = client.post("/api/handoffs", json=REQUEST, headers=TOKEN | KEY)
    assert again.status_code == 200
    assert again.json() == first.json() | {"repeated": True}


def test_another_key_is_another_handoff(client: TestClient) -> None:
    first = client.post("/api/handoffs", json=REQUEST, headers=TOKEN | KEY)
    other = client.post("/api/handoffs", json=REQUEST, headers=TOKEN | {"Idempotency-Key": "voti-0002"})
    assert other.status_code == 201
    assert other.json()["handoff_id"] != first.json()["handoff_id"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer vale"}, {"Authorization": "Bearer "}, {"Authorization": f"Basic {INTAKE_TOKEN}"}])
def test_without_the_token_the_door_is_closed(quiet: TestClient, headers: dict[str, str]) -> None:
    answer = quiet.post("/api/handoffs", json=REQUEST, headers=headers | KEY)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")


def test_a_stranger_learns_nothing_about_the_shape(quiet: TestClient) -> None:
    assert quiet.post("/api/handoffs", json={}, headers=KEY).status_code == 401


@pytest.fixture
def closed_house(tmp_path: Path, database: Database) -> Iterator[TestClient]:
    from handoff.app import create_app

    with TestClient(create_app(read_settings(data_dir=tmp_path), FakeBot(), database)) as browser:
        yield browser


@pytest.mark.parametrize("token", ["", "midagi"])
def test_with_no_token_set_nobody_gets_in(closed_house: TestClient, token: str) -> None:
    answer = closed_house.post("/api/handoffs", json=REQUEST, headers=KEY | {"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "lühike".encode()}, {"Idempotency-Key": "x" * 201}])
def test_a_missing_or_useless_key_is_refused_by_name(quiet: TestClient, key: dict[str, str]) -> None:
    answer = quiet.post("/api/handoffs", json=REQUEST, headers=TOKEN | key)
    assert answer.status_code == 422
    assert "idempotency-key" in answer.json()["message"]


def test_the_longest_key_is_accepted(client: TestClient) -> None:
    assert client.post("/api/handoffs", json=REQUEST, headers=TOKEN | {"Idempotency-Key": "x" * 200}).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": "tuju"}, "reason"),
        ({"requested_at": "2025-06-02T10:00:00"}, "requested_at"),  # whose ten o'clock?
        ({"requested_at": "homme"}, "requested_at"),
        ({"messages": [{"who": "kass", "text": "mjäu"}]}, "messages.0.who"),
        ({"messages": [{"who": "customer", "text": "õ" * 10_001}]}, "messages.0.text"),
        ({"candidates": [{"entry_id": "x", "question": "y", "probability": 1.5}]}, "candidates.0.probability"),
        ({"conversation_id": ""}, "conversation_id"),
        ({"language": "fi"}, "language"),
        ({"tundmatu": 1}, "tundmatu"),
    ],
)
def test_a_wrong_field_is_named(quiet: TestClient, wrong: dict[str, Any], field: str) -> None:
    answer = quiet.post("/api/handoffs", json=REQUEST | wrong, headers=TOKEN | KEY)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_is_not_json_is_refused(quiet: TestClient) -> None:
    answer = quiet.post("/api/handoffs", content=b"\xff\xfe\x00", headers=TOKEN | KEY | {"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


def test_a_foreign_bot_never_touches_our_visitors_conversation(client: TestClient, database: Database, mari: Started) -> None:
    answer = client.post("/api/handoffs", json=REQUEST | {"conversation_id": mari.conversation_id}, headers=TOKEN | KEY)
    assert answer.json()["conversation_id"] != mari.conversation_id
    assert (talk.row(database, mari.conversation_id).state, len(talk.events(database, mari.conversation_id))) == ("bot", 1)


def test_openapi_documents_the_door(quiet: TestClient) -> None:
    described = quiet.get("/api/openapi.json").json()
    post = described["paths"]["/api/handoffs"]["post"]
    assert {"200", "201", "401"} <= set(post["responses"])
    (key,) = post["parameters"]
    assert (key["name"].lower(), key["in"], key["required"]) == ("idempotency-key", "header", True)
    assert post["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/HandoffRequest")
    assert any("HTTPBearer" in way for way in post["security"])
