"""What becomes of a call, for those who are told: whoever has the conversation, other programs, the customer by letter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from handoff.accounts.keys import Scope
from handoff.api_client import Abiline
from handoff.conversations import agents, calls, passing, undoing
from handoff.conversations.agents import Holder
from handoff.conversations.call_tables import Step
from handoff.conversations.calls import Window
from handoff.conversations.events import for_customer
from handoff.conversations.tables import ConversationRow, ReminderRow
from handoff.database import Database
from handoff.endpoints import book
from handoff.endpoints.book import Wish
from handoff.outbox import OutboxRow
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


def test_a_program_reads_the_calls_that_its_person_may_see(client: TestClient, database: Database, ticket: str, jaan: Holder) -> None:
    program = Abiline("http://testserver", key_of(database, jaan.id, Scope.READ), client=client)
    (one,) = program.callbacks()
    assert (one["conversation_id"], one["name"], one["phone"], one["tries"], one["agent_id"]) == (ticket, "Mari", "+372 5555 1234", 0, None)
    calls.take(database, one["id"], jaan)
    assert program.callbacks()[0]["agent_id"] == jaan.id
    calls.finish(database, one["id"], jaan, "Rääkisime.", Step.DONE)
    assert program.callbacks() == []
