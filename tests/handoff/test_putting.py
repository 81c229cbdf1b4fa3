"""A row that is written at once is what a flush would have made of it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from handoff.conversations import service
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow
from handoff.database import Database
from handoff.placing import key_of
from handoff.putting import change, put

pytestmark = pytest.mark.both_databases


@pytest.fixture
def talk(database: Database) -> str:
    return service.start(database, greeting="Tere! Olen robot.").conversation_id


def _event(talk: str, number: int) -> EventRow:
    return EventRow(conversation_id=talk, number=number, kind="note", actor="agent", body={"text": "Helistada homme", "number": 7}, hidden={"payload": "/x"})


def test_it_stands_in_the_database_before_anything_is_flushed_and_reads_the_same(database: Database, talk: str) -> None:
    with database.write() as session:
        put(session, event := _event(talk, 2))
        assert session.connection().scalar(text("SELECT count(*) FROM event WHERE number = 2")) == 1
        assert not session.dirty
        assert not session.new
    with database.read() as session:
        kept = session.get_one(EventRow, event.id)
        assert (kept.body, kept.hidden, kept.at, kept.client_id) == (event.body, event.hidden, event.at, None)


def test_its_words_are_sealed_for_its_own_row(database: Database, talk: str) -> None:
    with database.write() as session:
        put(session, event := _event(talk, 2))
    with database.read() as session:
        stored = session.execute(text("SELECT CAST(body AS TEXT) FROM event WHERE number = 2")).scalar_one()
        assert "homme" not in stored
        assert '"number"' in stored, "figures read what stands open"
        sealed = session.execute(text("SELECT body FROM event WHERE number = 2")).scalar_one()
    told = sealed if isinstance(sealed, dict) else json.loads(sealed)
    assert "Helistada" in database.vault.open("event.body", told["sealed"], key_of((event.id,))).decode()


def test_it_goes_on_as_any_row_that_was_read(database: Database, talk: str) -> None:
    with database.write() as session:
        put(session, event := _event(talk, 2))
        assert session.get(EventRow, event.id) is event
        event.body = {"text": "Helistada ülehomme"}
    with database.read() as session:
        assert session.scalars(select(EventRow).where(EventRow.number == 2)).one().body == {"text": "Helistada ülehomme"}


def test_what_was_added_before_it_is_there_first(database: Database, talk: str) -> None:
    with database.write() as session:
        session.add(event := EventRow(id="enne", conversation_id=talk, number=2, kind="message", actor="customer", body={}))
        put(session, DecisionRow(message_id="enne", conversation_id=talk, action="answer", confidence=0.5, language="et", reading={"why": "x"}))
        assert event in session
    with database.read() as session:
        assert session.get_one(DecisionRow, "enne").reading == {"why": "x"}


def test_it_goes_with_the_transaction_that_fails(database: Database, talk: str) -> None:
    def broken() -> None:
        with database.write() as session:
            put(session, _event(talk, 2))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with database.read() as session:
        assert session.scalars(select(EventRow.number)).all() == [1]


def test_a_change_is_there_before_a_flush_and_leaves_the_other_changes_to_it(database: Database, talk: str) -> None:
    with database.write() as session:
        row = session.get_one(ConversationRow, talk)
        row.name = "Mari"
        change(session, row, last_number=7, survey_at=None)
        assert session.connection().scalar(text("SELECT last_number FROM conversation")) == row.last_number == 7
        assert session.is_modified(row), "the name is still to be written"
    with database.read() as session:
        kept = session.get_one(ConversationRow, talk)
        assert (kept.last_number, kept.name) == (7, "Mari")


def test_a_change_goes_with_the_transaction_that_fails(database: Database, talk: str) -> None:
    def broken() -> None:
        with database.write() as session:
            change(session, session.get_one(ConversationRow, talk), last_number=7)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with database.read() as session:
        assert session.get_one(ConversationRow, talk).last_number == 1
