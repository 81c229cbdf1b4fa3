"""What the customer's stream tells, read as it is written."""

from __future__ import annotations

import pytest

from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.conversations import agents, service, turns
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.schedule import Hours
from handoff.services import Services
from handoff.texts import Texts
from handoff.widget.routes import HERE
from handoff.widget.standing import Reader
from tests.handoff import talk


@pytest.fixture
def reader(services: Services) -> Reader:
    return Reader(services.database, Texts(HERE / "texts"), Hours.of(services.settings))


def test_a_stream_tells_the_events_and_then_how_it_stands(reader: Reader, mari: Started) -> None:
    read = reader.follow(mari.conversation_id)
    assert [(number, name) for number, name, _ in read(0)] == [(1, "event"), (1, "state")]
    assert read(1) == []


def test_a_stream_resumes_after_the_last_number(reader: Reader, database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    told = reader.follow(mari.conversation_id)(1)
    assert [(number, name) for number, name, _ in told] == [(2, "event"), (2, "state")]
    assert told[-1][2]["owed"] is True


def test_what_is_said_later_comes_with_how_the_conversation_stands_words_first(reader: Reader, database: Database, mari: Started) -> None:
    read = reader.follow(mari.conversation_id)
    read(0)
    talk.say(database, mari.conversation_id)
    (said, (number, name, standing)) = read(1)
    assert said[:2] == (2, "event")
    assert (number, name, standing["owed"]) == (2, "state", True)
    assert read(2) == []


def test_a_stream_tells_a_standing_that_has_changed_without_an_event(reader: Reader, database: Database, mari: Started, jaan: Holder) -> None:
    talk.say(database, mari.conversation_id)
    turns.pay(database, talk.owed(database, mari.conversation_id), talk.handing_over(mari.conversation_id))
    agents.claim(database, mari.conversation_id, jaan)
    read = reader.follow(mari.conversation_id)
    last = read(0)[-1][0]
    agents.mark_seen(database, mari.conversation_id, jaan, last)
    ((number, name, standing),) = read(last)
    assert (number, name, standing["seen_by_agent"], standing["agent"]) == (last, "state", last, "Jaan")


def test_a_note_of_the_agents_is_passed_over_and_not_asked_for_again(reader: Reader, database: Database, mari: Started, jaan: Holder) -> None:
    read = reader.follow(mari.conversation_id)
    read(0)
    agents.note(database, mari.conversation_id, jaan, client_id="jaan-0001", text="Ainult meile")
    ((number, name, standing),) = read(1)
    assert (number, name) == (2, "state")
    assert "Ainult meile" not in str(standing)
    assert read(2) == []


def test_more_than_a_page_of_events_comes_at_once(reader: Reader, database: Database, mari: Started) -> None:
    for place in range(510):
        service.say(database, mari.conversation_id, client_id=f"mari-{place:04}", text="Halloo?")
    events, last = reader.events(mari.conversation_id, 1)
    assert (len(events), last) == (510, 511)


def test_people_are_offered_only_while_one_is_here(reader: Reader, database: Database, people: dict[str, str]) -> None:
    standing = reader.beginning("et")
    assert not standing.people_available
    assert standing.back
    accounts.set_availability(database, people["jaan"], Availability.AVAILABLE)
    standing = reader.beginning("et")
    assert (standing.people_available, standing.back) == (True, "")
