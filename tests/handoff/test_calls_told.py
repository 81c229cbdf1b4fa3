"""What becomes of a call, for those who are told: whoever has the conversation, other programs, the customer by letter."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import mail
from handoff.accounts.keys import Scope
from handoff.api_client import Abiline
from handoff.conversations import agents, calls, passing, tickets, undoing
from handoff.conversations.agents import Holder
from handoff.conversations.call_tables import CallRow, Step
from handoff.conversations.calls import Window
from handoff.conversations.events import for_customer
from handoff.conversations.tables import ConversationRow, ReminderRow
from handoff.database import Database
from handoff.endpoints import book
from handoff.endpoints.book import Wish
from handoff.mail import Letter
from handoff.notices import PATH
from handoff.outbox import OutboxRow
from handoff.settings import Settings, read_settings
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.programs import key_of
from tests.handoff.test_calls import SOON, call, waiting

pytestmark = pytest.mark.both_databases


@pytest.fixture
def ticket(database: Database) -> str:
    """Mari waits for a call."""
    return waiting(database)


def test_who_gets_the_conversation_gets_its_bell_however_they_came_to_it(database: Database, ticket: str, jaan: Holder, kadri: Holder) -> None:
    def bells_of() -> list[str]:
        with database.read() as session:
            return list(session.scalars(select(ReminderRow.agent_id)))

    agents.claim(database, ticket, jaan)
    assert bells_of() == [jaan.id], "claimed at the desk, not on the page of calls"
    passing.take_over(database, ticket, kadri)
    assert bells_of() == [kadri.id]
    agents.release(database, ticket, kadri)
    assert bells_of() == []
    agents.claim(database, ticket, jaan)
    agents.close(database, ticket, jaan)
    assert bells_of() == []
    undoing.undo(database, ticket, jaan)
    assert bells_of() == [jaan.id]


def test_a_wrong_number_ends_the_call_and_leaves_the_conversation(database: Database, ticket: str, log_in: LogIn) -> None:
    jaans = log_in("jaan")
    sent = {"csrf_token": jaans.headers["X-CSRF-Token"], "close": "1"}
    path = f"/calls/{call(database, ticket).id}"
    jaans.post(f"{path}/take", data=sent)
    assert "Number oli vale." in jaans.post(f"{path}/wrong", data=sent).text
    assert (call(database, ticket).step, talk.row(database, ticket).state) == (Step.WRONG, "live")
    last = talk.events(database, ticket)[-1]
    assert (last.kind, last.body["why"], for_customer(last)) == ("callback_unreached", "wrong_number", None)


def test_everything_that_becomes_of_a_call_is_told_without_anybodys_number(database: Database, jaan: Holder) -> None:
    book.make(database, Wish("Kassa", "https://pood.ee/", ("calls",), with_words=True), inside=False, by=jaan.id)
    ticket, later = waiting(database), Window(SOON.starts + timedelta(days=1), SOON.ends + timedelta(days=1))
    with database.write() as session:
        row = session.get_one(ConversationRow, ticket)
        calls.promise(session, row, later, "Homme sobib paremini.")
        calls.promise(session, row, later, "Homme sobib paremini.")
    one = call(database, ticket)
    calls.take(database, one.id, jaan)
    calls.no_answer(database, one.id, jaan, SOON, "Ei vastanud.")
    calls.finish(database, one.id, jaan, "Rääkisime.", Step.DONE)
    with database.read() as session:
        told = [row.payload["told"] for row in session.scalars(select(OutboxRow).where(OutboxRow.kind == "webhook"))]
    told.sort(key=lambda event: int(event["data"]["number"]))
    assert [event["type"] for event in told] == ["callback.requested", "callback.moved", "callback.moved", "callback.done"]
    assert [event["data"]["facts"]["tries"] for event in told] == [0, 0, 1, 1]
    assert told[1]["data"]["facts"]["starts"] == later.starts.isoformat()
    assert "5555" not in str(told)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends mail; nothing listens there."""
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://localhost:9"), mail_from="tugi@kodukaup.example")


def letters(database: Database) -> list[str]:
    """The subjects of what is owed by letter, the oldest first."""
    with database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == mail.KIND).order_by(OutboxRow.made_at)).all()
    assert {row.payload["to"] for row in rows} <= {"mari@naide.ee"}
    return [str(row.payload["subject"]) for row in rows]


def asked(client: TestClient, **fields: str) -> tuple[str, list[str]]:
    """She asks to be called; gives her page, and the times that she could choose."""
    times = re.findall(r'<option value="(\d+T\d+Z)"', client.get("/callback").text)
    thanks = client.post("/callback", data={"contact": "5555 1234", "text": "Arve", "window": times[0], **fields}).text
    (path,) = re.findall(rf'href="({PATH}[^"]+)"', thanks)
    return path, times


def test_who_leaves_an_address_gets_a_letter_of_each_change_and_never_two(client: TestClient, database: Database, log_in: LogIn) -> None:
    path, times = asked(client, email="mari@naide.ee")
    (agreed,) = letters(database)
    assert agreed.startswith("Helistame teile ")
    for _twice in range(2):
        client.post(f"{path}/call", data={"what": "move", "window": times[-1]})
    _agreed, moved = letters(database)
    assert moved.startswith("Kõne uus aeg: ")
    with database.read() as session:
        one = session.scalars(select(CallRow)).one()
    jaans = log_in("jaan")
    sent = {"csrf_token": jaans.headers["X-CSRF-Token"], "window": times[1]}
    jaans.post(f"/calls/{one.id}/take", data=sent)
    jaans.post(f"/calls/{one.id}/again", data=sent)
    assert letters(database)[-1].startswith("Helistame teile uuesti ")
    for _twice in range(2):
        client.post(f"{path}/call", data={"what": "cancel"})
    assert len(letters(database)) == 4
    assert letters(database)[-1].startswith("Kõne on ära jäetud")


def test_one_call_sends_only_so_many_letters_and_one_without_an_address_none(client: TestClient, database: Database) -> None:
    asked(client)
    assert letters(database) == []
    tickets.open_ticket(database, channel="callback", text="Arve", phone="+372 5555 1234", email="mari@naide.ee", also=_moved_often)
    assert len(letters(database)) == calls.MOST_LETTERS


def _moved_often(session: Session, row: ConversationRow) -> None:
    letter = Letter(to="mari@naide.ee", subject="Kõne uus aeg", text="", html="", language="et", conversation_id=row.id)
    calls.promise(session, row, SOON, "")
    for hours in range(1, 9):
        later = Window(SOON.starts + timedelta(hours=hours), SOON.ends + timedelta(hours=hours))
        calls.promise(session, row, later, "", lambda _row: letter)


def test_an_address_that_is_none_gets_the_form_again(client: TestClient, database: Database) -> None:
    page = client.post("/callback", data={"contact": "5555 1234", "text": "Arve", "email": "mari@"})
    assert (page.status_code, 'id="email-error"' in page.text) == (422, True)
    assert letters(database) == []


def test_a_program_reads_the_calls_that_its_person_may_see(client: TestClient, database: Database, ticket: str, jaan: Holder) -> None:
    program = Abiline("http://testserver", key_of(database, jaan.id, Scope.READ), client=client)
    (one,) = program.callbacks()
    assert (one["conversation_id"], one["name"], one["phone"], one["tries"], one["agent_id"]) == (ticket, "Mari", "+372 5555 1234", 0, None)
    calls.take(database, one["id"], jaan)
    assert program.callbacks()[0]["agent_id"] == jaan.id
    calls.finish(database, one["id"], jaan, "Rääkisime.", Step.DONE)
    assert program.callbacks() == []
