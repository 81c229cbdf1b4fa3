"""Which sites may embed the widget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from handoff.app import create_app
from handoff.database import Database
from handoff.settings import Settings
from tests.fakes import FakeBot

SHOP, STRANGER = "https://kodukaup.example", "https://peeter.example"


@pytest.fixture
def listed(settings: Settings, database: Database, bot: FakeBot, people: dict[str, str]) -> Iterator[TestClient]:
    """A house whose widget is for one shop."""
    own = settings.model_copy(update={"widget_origins": f"{SHOP}, https://teine.example"})
    with TestClient(create_app(own, bot, database)) as browser:
        yield browser


def start(client: TestClient, origin: str | None) -> Response:
    answer: Response = client.post("/api/widget/conversations", json={}, headers={"Origin": origin} if origin else {})
    return answer


def test_any_site_may_by_default(client: TestClient) -> None:
    answer = start(client, STRANGER)
    assert answer.status_code == 201
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_listed_site_may(listed: TestClient) -> None:
    answer = start(listed, SHOP)
    assert answer.status_code == 201
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Origin" in answer.headers["Vary"]


def test_a_site_that_is_not_listed_may_not(listed: TestClient) -> None:
    answer = start(listed, STRANGER)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_our_own_pages_and_programs_without_an_origin_may(listed: TestClient, settings: Settings) -> None:
    assert start(listed, settings.public_url).status_code == 201
    assert start(listed, "http://testserver").status_code == 201
    assert start(listed, None).status_code == 201


def test_a_browser_that_asks_first_hears_what_is_allowed(client: TestClient) -> None:
    answer = client.options("/api/widget/conversations/x/messages", headers={"Origin": STRANGER, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_an_error_can_be_read_by_the_page_too(client: TestClient) -> None:
    answer = client.get("/api/widget/conversations/x/events", headers={"Origin": STRANGER})
    assert answer.status_code == 404
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_request_that_is_too_big_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post("/api/widget/conversations", content=b"[" * 70_000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_long")


def test_modules_can_be_loaded_from_another_site(client: TestClient) -> None:
    answer = client.get("/widget.js", headers={"Origin": STRANGER})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
