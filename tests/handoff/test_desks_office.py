"""The operator sees what another desk was sent, what did not arrive and who was turned away, and sends it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import update

from handoff.accounts import trail
from handoff.accounts.trail import Wanted
from handoff.conversations import sent_elsewhere
from handoff.conversations.service import Started
from handoff.database import Database, now
from handoff.outbox import OutboxRow
from handoff.settings import Settings, read_settings
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.people_pages import Desk

PLACE = "/connections/desk"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house whose conversations go to a Chatwoot where nobody listens."""
    secrets = {"chatwoot_token": SecretStr("voti"), "chatwoot_secret": SecretStr("saladus")}
    return read_settings(data_dir=tmp_path, chatwoot_url="http://127.0.0.1:9", **secrets)


def test_an_admin_sees_what_did_not_arrive_and_who_was_turned_away_and_sends_it_again(
    client: TestClient, log_in: LogIn, database: Database, anu: str, mari: Started
) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    with database.write() as session:
        session.execute(update(OutboxRow).values(dead_at=now(), last_error="HTTP 500", attempts=14))
    assert client.post("/api/desks/chatwoot", json={"event": "message_created"}).status_code == 401
    browser = Desk(log_in("anu"))
    page = browser.see(PLACE)
    for words in ("Vestlus anti üle", "HTTP 500", "127.0.0.1:9", "saatmata", "saladus on mõlemal pool sama", f"/desk/{mari.conversation_id}"):
        assert words in page
    (dead,) = sent_elsewhere.deliveries(database)
    assert browser.send(f"{PLACE}/again", delivery="olematu") == (303, f"{PLACE}?said=nothing")
    assert browser.send(f"{PLACE}/again", delivery=dead.id) == (303, f"{PLACE}?said=again")
    assert "uuesti teele" in browser.see(f"{PLACE}?said=again")
    assert sent_elsewhere.line(database).dead == 0
    assert [row.agent_id for row in trail.rows(database, Wanted(act="sent_to_desk_again"))] == [anu]


@pytest.mark.parametrize("login", ["jaan", "liis", "tiit"])
def test_only_admins_open_the_page(log_in: LogIn, login: str) -> None:
    browser = log_in(login)
    assert (browser.get(PLACE).status_code, browser.post(f"{PLACE}/again").status_code) == (403, 403)
