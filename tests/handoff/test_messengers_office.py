"""The operator sees what messengers did not get and why, and sends it again: on a page, and by the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select, update

from handoff.accounts import keys, trail
from handoff.accounts.trail import Wanted
from handoff.api_client import Abiline
from handoff.channels import routes, words
from handoff.channels.telegram import Telegram
from handoff.conversations import channel_debts, erasure, hearing, sent_elsewhere
from handoff.conversations.sent_elsewhere import MESSENGERS
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from handoff.outbox import Outbox, OutboxRow
from handoff.services import Services
from handoff.settings import Settings, read_settings
from tests.handoff import programs
from tests.handoff.conftest import LogIn
from tests.handoff.messenger import Messenger
from tests.handoff.people_pages import Desk
from tests.handoff.test_telegram import SECRET, TOKEN, said

PLACE = "/connections/messengers"


@pytest.fixture
def telegram() -> Iterator[Messenger]:
    made = Messenger()
    yield made
    made.stop()


@pytest.fixture
def settings(tmp_path: Path, telegram: Messenger) -> Settings:
    return read_settings(data_dir=tmp_path, telegram_token=SecretStr(TOKEN), telegram_secret=SecretStr(SECRET), telegram_api=telegram.url)


@pytest.fixture
def conversation_id(database: Database, settings: Settings) -> str:
    """Mari has written at Telegram; the greeting is owed to her."""
    channel_debts.keep_set_up(database, routes.set_up(settings))
    for one in Telegram(settings).read({}, _update(1, "Kas olete avatud?")):
        hearing.take(database, one, words.words_of_house(settings))
    with database.read() as session:
        return session.scalars(select(ConversationRow.id)).one()


def _update(number: int, text: str) -> bytes:
    return json.dumps(said(number, text)).encode()


def give_up(database: Database, error: str = "HTTP 500") -> None:
    with database.write() as session:
        session.execute(update(OutboxRow).values(dead_at=now(), last_error=error, attempts=14))


async def deliver(database: Database, services: Services, settings: Settings) -> None:
    """All that is due by now, or later."""
    with database.write() as session:
        session.execute(update(OutboxRow).values(next_at=now() - timedelta(seconds=1)))
    sends = Outbox(database, secret="", ways=routes.ways(settings, database, services.signals, services.attachments))
    while await sends.deliver_one():
        pass


async def test_an_admin_sees_what_was_given_up_and_why_and_it_arrives_when_sent_again(
    log_in: LogIn, database: Database, services: Services, settings: Settings, telegram: Messenger, anu: str, conversation_id: str
) -> None:
    give_up(database)
    await deliver(database, services, settings)
    assert telegram.got == []
    browser = Desk(log_in("anu"))
    page = browser.see(PLACE)
    for told in ("HTTP 500", "saatmata", "Telegram", f"/desk/{conversation_id}"):
        assert told in page
    (dead,) = sent_elsewhere.deliveries(database, MESSENGERS)
    assert sent_elsewhere.deliveries(database) == []  # none of another desk's
    assert browser.send(f"{PLACE}/again", delivery="olematu") == (303, f"{PLACE}?said=nothing")
    assert browser.send(f"{PLACE}/again", delivery=dead.id) == (303, f"{PLACE}?said=again")
    assert "uuesti teele" in browser.see(f"{PLACE}?said=again")
    assert [row.agent_id for row in trail.rows(database, Wanted(act="sent_to_messenger_again"))] == [anu]
    await deliver(database, services, settings)
    assert len(telegram.said("sendMessage")) == 1
    assert sent_elsewhere.line(database, MESSENGERS).dead == 0
    assert "kohal" in browser.see(PLACE)


async def test_a_program_lists_it_and_sends_all_again(
    client: TestClient, database: Database, services: Services, settings: Settings, telegram: Messenger, anu: str, conversation_id: str
) -> None:
    give_up(database, "blocked")
    key = programs.key_of(database, anu, keys.Scope.WEBHOOKS)
    theirs = Abiline("http://testserver", key, client=client)
    (one,) = theirs.messenger_deliveries()
    assert (one["messenger"], one["what"], one["last_error"], one["again"], one["conversation_id"]) == ("telegram", "said", "blocked", True, conversation_id)
    assert theirs.replay_to_messengers(["olematu"]) == 0
    assert (theirs.replay_to_messengers(), theirs.replay_to_messengers()) == (1, 0)
    await deliver(database, services, settings)
    assert len(telegram.said("sendMessage")) == 1


def test_what_was_erased_is_not_sent_again(database: Database, shelf: Shelf, conversation_id: str) -> None:
    give_up(database)
    erasure.erase(database, shelf, conversation_id)
    assert sent_elsewhere.send_again(database, to=MESSENGERS, by=None) == 0
    assert all(one.what == "gone" and not one.again for one in sent_elsewhere.deliveries(database, MESSENGERS))


@pytest.mark.parametrize("login", ["jaan", "liis", "tiit"])
def test_only_admins_open_the_page(log_in: LogIn, login: str) -> None:
    browser = log_in(login)
    assert (browser.get(PLACE).status_code, browser.post(f"{PLACE}/again").status_code) == (403, 403)
