"""Taking conversations over from bots, ours and foreign ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from handoff.contract import HandoffAccepted, HandoffRequest, Reason, Said
from handoff.conversations import agents, handoffs, service, store, turns
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow, HandoffRow
from handoff.database import Database, now
from handoff.errors import NotFound
from handoff.outbox import OutboxRow
from tests.handoff import talk

pytestmark = pytest.mark.both_databases

DESK = "http://localhost:9/desk"


def foreign(conversation_id: str = "rasa-777") -> HandoffRequest:
    said = [Said(who="customer", text="Tere"), Said(who="bot", text="Kuidas saan aidata?"), Said(who="customer", text="Inimest palun")]
    return HandoffRequest(conversation_id=conversation_id, reason=Reason.ASKED, requested_at=now(), messages=said, name="Mari", tags=["tarne"], channel="web")


def _outbox(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow)))


def test_a_handoff_keeps_the_whole_context(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    turns.pay(database, talk.owed(database, mari.conversation_id), talk.handing_over(mari.conversation_id, name="Mari", tags=["tarne", "arve"]))
    (handoff,) = talk.handoffs_of(database, mari.conversation_id)
    row = talk.row(database, mari.conversation_id)
    assert handoff.request["messages"][0]["text"] == "Tahan inimesega rääkida"
    assert (row.state, row.reason, row.name, row.tags) == ("waiting", "asked", "Mari", ["arve", "tarne"])
    assert row.waiting_since is not None


def test_the_same_key_again_changes_nothing(database: Database, mari: Started) -> None:
    with database.write() as session:
        row = store.conversation(session, mari.conversation_id, lock=True)
        first = handoffs.record(session, row, talk.request(mari.conversation_id), key="sama-voti").id
    service.back_to_bot(database, mari.conversation_id)
    with database.write() as session:
        row = store.conversation(session, mari.conversation_id, lock=True)
        assert handoffs.record(session, row, talk.request(mari.conversation_id), key="sama-voti").id == first
    assert talk.row(database, mari.conversation_id).state == "bot"


def test_a_second_wish_is_a_second_handoff(database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    service.back_to_bot(database, mari.conversation_id)
    talk.wait_for_person(database, mari.conversation_id)
    assert len(talk.handoffs_of(database, mari.conversation_id)) == 2


def test_without_another_desk_nothing_is_forwarded(database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    assert _outbox(database) == []


def test_another_desk_is_owed_the_same_shape_in_the_same_transaction(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    turns.pay(database, talk.owed(database, mari.conversation_id), talk.handing_over(mari.conversation_id), forward_url=DESK)
    (handoff,) = talk.handoffs_of(database, mari.conversation_id)
    (row,) = _outbox(database)
    assert (row.kind, row.url, row.key, row.payload) == ("handoff", DESK, f"handoff:{handoff.id}", handoff.request)
    assert HandoffRequest.model_validate(row.payload).conversation_id == mari.conversation_id


def test_a_foreign_conversation_is_made_here_with_all_that_was_said(database: Database) -> None:
    accepted = handoffs.accept(database, foreign(), key="voti-0001")
    assert (accepted.state, accepted.repeated) == ("waiting", False)
    assert talk.texts(database, accepted.conversation_id, "customer") == ["Tere", "Inimest palun"]
    assert [event.number for event in talk.events(database, accepted.conversation_id)] == [1, 2, 3, 4]
    assert talk.row(database, accepted.conversation_id).name == "Mari"


def test_a_repeat_is_the_same_handoff(database: Database) -> None:
    first = handoffs.accept(database, foreign(), key="voti-0001")
    again = handoffs.accept(database, foreign(), key="voti-0001")
    assert again == first.model_copy(update={"repeated": True})


def test_repeats_at_the_same_moment_are_one_handoff(database: Database) -> None:
    request = foreign()

    def deliver(_try: int) -> HandoffAccepted:
        return handoffs.accept(database, request, key="voti-0001", forward_url=DESK)

    with ThreadPoolExecutor(8) as threads:
        accepted = list(threads.map(deliver, range(16)))
    assert len({one.handoff_id for one in accepted}) == 1
    assert [one.repeated for one in accepted].count(False) == 1
    with database.read() as session:
        assert len(session.scalars(select(ConversationRow)).all()) == 1
        assert len(session.scalars(select(HandoffRow)).all()) == 1
    assert len(_outbox(database)) == 1


def test_a_foreign_name_of_a_conversation_never_opens_one_of_ours(database: Database, mari: Started) -> None:
    before = vars(talk.row(database, mari.conversation_id)) | {"_sa_instance_state": None}
    accepted = handoffs.accept(database, foreign(mari.conversation_id), key="voti-0001")
    assert accepted.conversation_id != mari.conversation_id
    assert vars(talk.row(database, mari.conversation_id)) | {"_sa_instance_state": None} == before
    assert len(talk.events(database, mari.conversation_id)) == 1


@pytest.mark.parametrize("secret", ["", handoffs.NOBODY, "rasa-777"])
def test_no_visitor_opens_a_foreign_conversation(database: Database, secret: str) -> None:
    accepted = handoffs.accept(database, foreign(), key="voti-0001")
    with pytest.raises(NotFound):
        service.authorise(database, accepted.conversation_id, secret)


def test_an_agent_takes_a_foreign_conversation_like_any_other(database: Database, jaan: Holder) -> None:
    accepted = handoffs.accept(database, foreign(), key="voti-0001")
    agents.claim(database, accepted.conversation_id, jaan)
    assert talk.row(database, accepted.conversation_id).agent_id == jaan.id
