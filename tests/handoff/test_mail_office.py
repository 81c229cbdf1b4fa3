"""The operator sees how letters stand, and sends again what could not be sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from handoff.conversations import agents, boxes, posting, tickets, undelivered
from handoff.conversations.agents import Holder
from handoff.database import Database, now
from handoff.outbox import OutboxRow
from handoff.settings import Settings, read_settings
from tests.handoff.conftest import LogIn

PLACE = "/connections/mail"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends and reads letters; nobody listens there."""
    imap = SecretStr("imap://tugi:saladus@127.0.0.1:9/INBOX")
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://u:saladus@127.0.0.1:9"), mail_from="tugi@kodukaup.example", imap_url=imap)


def give_up(database: Database, jaan: Holder) -> str:
    """A letter that nobody took for two days."""
    posting.keep_rules(database, posting.Rules())
    ticket = tickets.open_ticket(database, channel="email", text="Kus mu pakk on?", email="mari@naide.ee")
    agents.claim(database, ticket, jaan)
    agents.answer(database, ticket, jaan, client_id="jaan-0001", text="Pakk jõuab homme.")
    with database.write() as session:
        session.execute(update(OutboxRow).values(dead_at=now(), last_error="SMTP 451", attempts=14, next_at=now() + timedelta(days=2)))
        return session.scalars(select(OutboxRow.id)).one()


def test_an_admin_sees_what_was_not_sent_and_sends_it_again(log_in: LogIn, database: Database, anu: str, jaan: Holder) -> None:
    browser = log_in("anu")
    letter = give_up(database, jaan)
    page = browser.get(PLACE).text
    assert "SMTP 451" in page
    assert "tugi@kodukaup.example" in page
    assert "saladus" not in page
    form = {"letter": letter, "csrf_token": browser.headers["X-CSRF-Token"]}
    assert browser.post(f"{PLACE}/again", data=form, follow_redirects=False).headers["location"] == f"{PLACE}?said=again"
    with database.read() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.id == letter)).one()
    assert (row.dead_at, row.payload["conversation_id"] != "") == (None, True)
    assert "said=nothing" in browser.post(f"{PLACE}/again", data=form, follow_redirects=False).headers["location"]


@pytest.mark.parametrize("who", ["jaan", "liis", "tiit"])
def test_the_page_is_the_admins_alone(log_in: LogIn, who: str) -> None:
    assert log_in(who).get(PLACE).status_code == 403


def test_a_box_that_can_not_be_read_shows(log_in: LogIn, database: Database, anu: str) -> None:
    browser = log_in("anu")
    problem = "ConnectionRefusedError"  # the service says the same of this box, which nobody listens at, when its own look comes to it
    boxes.note_problem(database, "tugi@127.0.0.1/INBOX", problem)
    assert problem in browser.get(PLACE).text


@pytest.mark.both_databases
def test_letters_that_wait_are_counted_and_the_erased_are_not_sent_again(database: Database, jaan: Holder) -> None:
    letter = give_up(database, jaan)
    assert [(one.id, one.again) for one in undelivered.post(database).dead] == [(letter, True)]
    with database.write() as session:
        session.execute(update(OutboxRow).values(last_error="erased"))
    assert undelivered.send_again(database, by=None) == 0
    with database.write() as session:
        session.execute(update(OutboxRow).values(dead_at=None))
    assert (undelivered.post(database).waiting, undelivered.post(database).dead) == (1, [])
