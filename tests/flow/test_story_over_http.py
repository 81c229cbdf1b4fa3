"""One story through every stage, with the real bot behind the real service, but without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.faq.entries import read_folder
from handoff.accounts import service as accounts
from handoff.accounts.tables import Role
from handoff.app import create_app
from handoff.database import Database
from handoff.migrate import upgrade
from handoff.settings import Settings, read_settings
from handoff.start import bot_apart
from handoff.web import COOKIE
from tests.conftest import FAQ

PASSWORD = "kodukaup-proov"
PATIENCE = 20.0


class Mari:
    """A customer, by the requests that her widget makes."""

    def __init__(self, http: TestClient) -> None:
        self._http = http
        started = http.post("/api/widget/conversations", json={"language": "et", "page": "https://kodukaup.example/kingad"}).json()
        self.id = started["id"]
        self._headers = {"Authorization": f"Bearer {started['secret']}"}
        self._said = 0

    def says(self, text: str) -> list[dict[str, Any]]:
        """Send a message and give the bot's or a person's events that follow it."""
        number = self.sends(text)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            events = [event for event in self.events(number) if event["actor"] != "customer"]
            if events:
                return events
        raise AssertionError(f"no answer to {text!r}")

    def sends(self, text: str) -> int:
        self._said += 1
        kept = self._http.post(
            f"/api/widget/conversations/{self.id}/messages", json={"client_id": f"mari-0000-{self._said}", "text": text}, headers=self._headers
        )
        assert kept.status_code == 201, kept.text
        return int(kept.json()["number"])

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        found = self._http.get(f"/api/widget/conversations/{self.id}/events?after={after}", headers=self._headers).json()
        return list(found["events"])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings(data_dir=tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def http(trained_model: Path, settings: Settings) -> Iterator[TestClient]:
    """The service as `abiline serve` builds it."""
    database = Database(settings.sqlalchemy_url)
    upgrade(database)
    bot = bot_apart(settings.model_copy(update={"model_dir": trained_model}))
    bot.start()
    app = create_app(settings, bot, database)
    app.state.services.entries.import_all(read_folder(FAQ), by=None)
    accounts.create(database, login="jaan", name="Jaan", password=PASSWORD, role=Role.ADMIN)
    with TestClient(app) as client:
        yield client
    bot.stop()
    database.close()


@pytest.fixture
def jaan(http: TestClient) -> TestClient:
    database = http.app.state.services.database  # type: ignore[attr-defined]
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    desk = TestClient(http.app, cookies={COOKIE: token})
    desk.portal = http.portal
    desk.headers["X-CSRF-Token"] = accounts.whose(database, token).csrf_token
    return desk


def test_a_question_is_answered_handed_over_with_its_context_and_given_back(http: TestClient, jaan: TestClient) -> None:
    mari = Mari(http)
    (answer,) = mari.says("unustasin parooli ära, kuidas uue saan")
    assert answer["body"]["entry_id"] == "parool-ununes"

    handed = mari.says("tahan inimesega rääkida, tellimus 48213")
    assert [event["kind"] for event in handed] == ["message", "handoff_requested"]

    opened = jaan.get(f"/api/desk/conversations/{mari.id}").json()
    request = opened["handoff"]["request"]
    assert opened["handoff"]["reason"] == "asked"
    assert [said["text"] for said in request["messages"] if said["who"] == "customer"] == [
        "unustasin parooli ära, kuidas uue saan",
        "tahan inimesega rääkida, tellimus 48213",
    ]
    assert request["intents"][-1]["intent"] == "ask_human"
    assert {"kind": "order_number", "value": "48213"}.items() <= request["entities"][0].items()
    assert request["candidates"][0]["entry_id"] == "parool-ununes"
    assert request["candidates"][0]["shown"]
    assert request["page"] == "https://kodukaup.example/kingad"
    assert request["requested_at"]

    assert jaan.post(f"/api/desk/conversations/{mari.id}/claim").is_success
    assert jaan.post(f"/api/desk/conversations/{mari.id}/messages", json={"client_id": "jaan-0001", "text": "Tere, Mari!"}).is_success
    number = mari.sends("kas keegi on seal?")
    assert mari.events(number) == []  # the bot is silent while a person has the conversation

    assert jaan.post(f"/api/desk/conversations/{mari.id}/give-back").is_success
    (thanks,) = [event for event in mari.says("aitäh!") if event["kind"] == "message"]
    assert thanks["actor"] == "bot"


@pytest.mark.parametrize("typed", ["/restart", '/ask_human{"x": "y"}', "/session_start"])
def test_what_begins_with_a_slash_is_text(http: TestClient, typed: str) -> None:
    mari = Mari(http)

    replies = mari.says(typed)

    assert "handoff_requested" not in [event["kind"] for event in replies]
    assert mari.events()[1]["body"]["text"] == typed


def test_a_published_entry_answers_the_next_question(http: TestClient, jaan: TestClient, record_property: Callable[[str, object], None]) -> None:
    entry = {
        "question": "Kas lemmikloomaga tohib poodi tulla?",
        "answer": "Jah, koerad on **oodatud**.",
        "examples": ["kas koeraga võib poodi tulla"],
        "topic": "kontakt",
    }
    made = jaan.post("/api/editor/entries", json=entry)
    assert made.is_success, made.text
    began = time.monotonic()
    published = jaan.post(f"/api/editor/entries/{made.json()['id']}/publish", json=entry | {"revision": made.json()["revision"]})
    assert published.is_success, published.text

    replies = Mari(http).says("kas koeraga võib poodi tulla")

    assert replies[0]["body"]["entry_id"] == made.json()["id"]
    record_property("over the API, some 90 entries", f"publish → first right answer {(time.monotonic() - began) * 1000:.0f} ms")
