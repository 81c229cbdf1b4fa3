"""The policies of times: everybody's, a team's own, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff.accounts import teams, trail
from handoff.accounts.trail import Wanted
from handoff.conversations import passing, sla
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.sla import DEFAULT, EVERYBODY, Goal, Policy
from handoff.database import Database
from handoff.errors import NotFound, Unreadable
from tests.handoff import talk
from tests.handoff.test_sla import clocks, due, let_pass

pytestmark = pytest.mark.both_databases


def test_a_team_without_its_own_follows_everybodys_again(database: Database) -> None:
    team = teams.make(database, "Arved", by=None)
    sla.save(database, team, replace(DEFAULT, first=60), by=None)
    sla.remove(database, team, by=None)
    assert set(sla.policies(database)) == {EVERYBODY}
    sla.save(database, team, replace(DEFAULT, first=60), by=None)
    teams.remove(database, team, by=None)
    assert set(sla.policies(database)) == {EVERYBODY}, "it goes with the team"


def test_a_change_is_in_the_trail_and_no_change_is_not(database: Database, jaan: Holder) -> None:
    sla.save(database, EVERYBODY, DEFAULT, by=jaan.id)
    sla.save(database, EVERYBODY, replace(DEFAULT, solution=60), by=jaan.id)
    sla.save(database, EVERYBODY, replace(DEFAULT, solution=60), by=jaan.id)
    rows = trail.rows(database, Wanted(act="changed_sla"))
    assert [(row.agent_id, (row.target or "").split(" ")[0]) for row in rows] == [(jaan.id, EVERYBODY)]


@pytest.mark.parametrize("bad", [replace(DEFAULT, first=0), replace(DEFAULT, next=-1), replace(DEFAULT, letter=sla.LONGEST_MINUTES + 1)])
def test_minutes_that_make_no_sense_and_teams_that_are_none_are_refused(database: Database, bad: Policy) -> None:
    with pytest.raises(Unreadable):
        sla.save(database, EVERYBODY, bad, by=None)
    with pytest.raises(NotFound):
        sla.save(database, "olematu", DEFAULT, by=None)
    assert sla.policies(database) == {EVERYBODY: DEFAULT}


def test_goals_fit_their_column() -> None:
    assert all(len(goal.value) <= 10 for goal in Goal)


def test_a_teams_own_promise_counts_from_the_same_beginning(database: Database, mari: Started, jaan: Holder) -> None:
    team = teams.make(database, "Arved", by=None)
    sla.save(database, team, replace(DEFAULT, first=60), by=None)
    talk.go_live(database, mari.conversation_id, jaan)
    let_pass(database, 3)
    passing.pass_to_team(database, mari.conversation_id, jaan, team)
    assert due(database, mari.conversation_id) == ("first", 57)
    assert clocks(database, mari.conversation_id)["first"].team_id == team


def test_a_team_that_promises_nothing_owes_nothing(database: Database, mari: Started, jaan: Holder) -> None:
    team = teams.make(database, "Arved", by=None)
    sla.save(database, team, replace(DEFAULT, active=False), by=None)
    talk.go_live(database, mari.conversation_id, jaan)
    passing.pass_to_team(database, mari.conversation_id, jaan, team)
    assert due(database, mari.conversation_id) == (None, None)
    assert clocks(database, mari.conversation_id)["first"].kept is None


def test_switched_off_no_clock_begins(database: Database, mari: Started, jaan: Holder) -> None:
    sla.save(database, EVERYBODY, replace(DEFAULT, active=False), by=None)
    talk.go_live(database, mari.conversation_id, jaan)
    assert due(database, mari.conversation_id) == (None, None)
