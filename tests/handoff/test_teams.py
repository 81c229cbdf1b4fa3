"""Teams: who belongs together."""

from __future__ import annotations

import pytest

from handoff.accounts import staff, teams
from handoff.accounts.staff import Details
from handoff.accounts.tables import Role
from handoff.accounts.teams import Team
from handoff.database import Database
from handoff.errors import NotFound, Unreadable

pytestmark = pytest.mark.both_databases


def put(database: Database, agent_id: str, *team_ids: str) -> None:
    with database.write() as session:
        teams.put(session, agent_id, team_ids)


def test_a_team_is_made_and_people_belong_to_it(database: Database, people: dict[str, str]) -> None:
    orders, returns = (teams.make(database, name, by=None) for name in ("Tellimused", "Tagastused"))
    put(database, people["jaan"], orders, returns)
    put(database, people["kadri"], orders)
    assert teams.teams_of(database, people["jaan"]) == [Team(returns, "Tagastused"), Team(orders, "Tellimused")]
    assert teams.members(database, orders) == [people["jaan"], people["kadri"]]
    put(database, people["jaan"], returns)
    assert teams.members(database, orders) == [people["kadri"]]


def test_whose_account_is_closed_is_no_member(database: Database, people: dict[str, str]) -> None:
    team = teams.make(database, "Tellimused", by=None)
    put(database, people["jaan"], team)
    with database.write() as session:
        staff.close(session, people["jaan"], by=None)
    assert teams.members(database, team) == []


@pytest.mark.parametrize(
    ("name", "code"), [("", "no_name"), ("  ", "no_name"), ("x" * 101, "long_name"), ("tellimused", "team_taken"), (" TELLIMUSED ", "team_taken")]
)
def test_a_name_that_can_not_be_used_is_refused(database: Database, name: str, code: str) -> None:
    teams.make(database, "Tellimused", by=None)
    with pytest.raises(Unreadable) as refusal:
        teams.make(database, name, by=None)
    assert (refusal.value.code, refusal.value.field) == (code, "name")
    assert len(teams.teams(database)) == 1


def test_a_team_is_renamed_but_not_to_anothers_name(database: Database) -> None:
    team = teams.make(database, "Tellimused", by=None)
    teams.make(database, "Tagastused", by=None)
    teams.rename(database, team, "TELLIMUSED", by=None)
    assert [one.name for one in teams.teams(database)] == ["TELLIMUSED", "Tagastused"]
    with pytest.raises(Unreadable):
        teams.rename(database, team, "tagastused", by=None)


def test_a_team_is_removed_and_its_people_stay(database: Database, people: dict[str, str]) -> None:
    team = teams.make(database, "Tellimused", by=None)
    put(database, people["jaan"], team)
    teams.remove(database, team, by=None)
    assert (teams.teams_of(database, people["jaan"]), teams.teams(database)) == ([], [])
    assert staff.member(database, people["jaan"]).active


def test_a_team_that_is_gone_can_neither_be_renamed_nor_removed_nor_joined(database: Database, people: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        teams.rename(database, "arvatud", "Uus", by=None)
    with pytest.raises(NotFound):
        teams.remove(database, "arvatud", by=None)
    staff.change(database, people["jaan"], Details("Jaan", Role.AGENT, teams=["arvatud"]), by=None)
    assert teams.teams_of(database, people["jaan"]) == []
