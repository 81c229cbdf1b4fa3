"""Giving out what waits for a team: whose turn it is, and how it goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from handoff.accounts import sharing
from handoff.accounts.tables import AgentRow, TeamMemberRow, TeamRow
from handoff.conversations import agents, offers, passing, service
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotFound, Unreadable
from tests.handoff import talk
from tests.handoff.talk import be_here, change, stands

pytestmark = pytest.mark.both_databases


@pytest.fixture
def team(database: Database, jaan: Holder, kadri: Holder) -> str:
    """Jaan and Kadri get the conversations of „Arved“ one by one."""
    with database.write() as session:
        row = TeamRow(name="Arved", accept_seconds=30)
        session.add(row)
        session.flush()
        session.add_all(TeamMemberRow(team_id=row.id, agent_id=one.id) for one in (jaan, kadri))
        return row.id


@pytest.fixture
def waits(database: Database, mari: Started, team: str) -> str:
    """Mari waits for the team."""
    talk.wait_for_person(database, mari.conversation_id)
    change(database, mari.conversation_id, team_id=team)
    return mari.conversation_id


def turn(database: Database, conversation_id: str) -> str | None:
    return talk.row(database, conversation_id).offered_to


def let_time_pass(database: Database) -> None:
    with database.write() as session:
        session.execute(update(ConversationRow).where(ConversationRow.offered_to.is_not(None)).values(offered_until=now() - timedelta(seconds=1)))


def test_the_least_busy_of_the_team_is_asked_and_only_once(database: Database, waits: str, jaan: Holder, kadri: Holder) -> None:
    be_here(database, jaan, kadri)
    busy = service.start(database, greeting="Tere!").conversation_id
    talk.go_live(database, busy, jaan)
    assert offers.go_on(database) == [waits]
    assert turn(database, waits) == kadri.id
    assert offers.go_on(database) == []
    assert talk.events(database, waits)[-1].body == {"name": "Kadri"}


def test_who_is_full_or_away_or_of_another_team_is_not_asked(database: Database, waits: str, jaan: Holder, kadri: Holder, people: dict[str, str]) -> None:
    be_here(database, Holder(people["tiit"], "Tiit"))
    be_here(database, jaan, availability="busy")
    be_here(database, kadri, capacity=0)
    assert offers.go_on(database) == []


def test_what_is_for_no_team_or_for_one_that_does_not_give_out_is_left_to_anyone(database: Database, waits: str, team: str, jaan: Holder) -> None:
    be_here(database, jaan)
    with database.write() as session:
        session.execute(update(TeamRow).where(TeamRow.id == team).values(accept_seconds=None))
    assert offers.go_on(database) == []


def test_after_the_time_it_is_the_next_ones_turn_and_then_anyones(database: Database, waits: str, jaan: Holder, kadri: Holder) -> None:
    be_here(database, jaan, kadri)
    offers.go_on(database)
    first = turn(database, waits)
    let_time_pass(database)
    offers.go_on(database)
    assert {first, turn(database, waits)} == {jaan.id, kadri.id}
    let_time_pass(database)
    offers.go_on(database)
    assert (turn(database, waits), stands(database, waits)) == (None, ("waiting", None))
    assert talk.kinds(database, waits)[-4:] == ["offered", "declined", "offered", "declined"]


def test_who_lets_it_go_is_not_asked_again(database: Database, waits: str, jaan: Holder, kadri: Holder) -> None:
    be_here(database, jaan)
    offers.go_on(database)
    offers.decline(database, waits, jaan)
    assert offers.go_on(database) == []
    with pytest.raises(MoveRefused):
        offers.decline(database, waits, kadri)


def test_an_offer_is_accepted_by_claiming_and_no_lock_for_others(database: Database, waits: str, jaan: Holder, kadri: Holder) -> None:
    be_here(database, jaan)
    offers.go_on(database)
    agents.claim(database, waits, kadri)
    row = talk.row(database, waits)
    assert (row.agent_id, row.offered_to, row.offered_until) == (kadri.id, None, None)


def test_an_offer_counts_as_work_so_that_two_do_not_go_to_one(database: Database, waits: str, team: str, jaan: Holder, kadri: Holder) -> None:
    second = service.start(database, greeting="Tere!").conversation_id
    talk.wait_for_person(database, second)
    change(database, second, team_id=team)
    be_here(database, jaan, kadri)
    offers.go_on(database)
    assert {turn(database, waits), turn(database, second)} == {jaan.id, kadri.id}


def test_passed_to_a_team_it_waits_for_one_of_them(database: Database, mari: Started, team: str, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    passing.pass_to_team(database, mari.conversation_id, jaan, team, note="Arve küsimus.")
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.agent_id, row.team_id) == ("waiting", None, team)
    assert talk.events(database, mari.conversation_id)[-1].body == {"name": "Arved", "by": "Jaan", "team": True}
    be_here(database, kadri)
    offers.go_on(database)
    assert turn(database, mari.conversation_id) == kadri.id


def test_there_must_be_such_a_team(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    with pytest.raises(NotFound):
        passing.pass_to_team(database, mari.conversation_id, jaan, "olematu")
    assert stands(database, mari.conversation_id) == ("live", jaan.id)


def test_how_work_is_shared_is_set_and_bad_numbers_are_refused(database: Database, team: str, jaan: Holder) -> None:
    sharing.set_capacity(database, jaan.id, 3, by=None)
    sharing.set_accept_seconds(database, team, 45, by=jaan.id)
    with database.read() as session:
        assert (session.get_one(AgentRow, jaan.id).capacity, session.get_one(TeamRow, team).accept_seconds) == (3, 45)
    sharing.set_capacity(database, jaan.id, None, by=None)
    for number in (-1, 101):
        with pytest.raises(Unreadable):
            sharing.set_capacity(database, jaan.id, number, by=None)
    with pytest.raises(Unreadable):
        sharing.set_accept_seconds(database, team, 1, by=None)
    with pytest.raises(NotFound):
        sharing.set_capacity(database, "olematu", 3, by=None)
    with pytest.raises(NotFound):
        sharing.set_accept_seconds(database, "olematu", 30, by=None)
