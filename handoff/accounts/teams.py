"""Teams: named groups of people, for lists and for giving out work."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.accounts.tables import AgentRow, TeamMemberRow, TeamRow
from handoff.database import Database
from handoff.errors import NotFound, Unreadable

LONGEST_NAME = 100


@dataclass(frozen=True)
class Team:
    """A team by its id, as people call it. `accept_seconds`: its conversations are given out, with so long to accept; `walled`: nobody else looks into them."""

    id: str
    name: str
    accept_seconds: int | None = None
    walled: bool = False


def teams(database: Database) -> list[Team]:
    """All teams, by name."""
    with database.read() as session:
        return [Team(row.id, row.name, row.accept_seconds, row.walled) for row in session.scalars(select(TeamRow).order_by(TeamRow.name))]


def teams_of(database: Database, agent_id: str) -> list[Team]:
    """The teams that somebody belongs to, by name."""
    with database.read() as session:
        query = select(TeamRow).join(TeamMemberRow, TeamMemberRow.team_id == TeamRow.id).where(TeamMemberRow.agent_id == agent_id)
        return [Team(row.id, row.name, row.accept_seconds, row.walled) for row in session.scalars(query.order_by(TeamRow.name))]


def members(database: Database, team_id: str) -> list[str]:
    """Ids of the people in a team whose accounts are open, by name."""
    with database.read() as session:
        query = select(AgentRow.id).join(TeamMemberRow, TeamMemberRow.agent_id == AgentRow.id).where(TeamMemberRow.team_id == team_id, AgentRow.active)
        return list(session.scalars(query.order_by(AgentRow.name)))


def make(database: Database, name: str, *, by: str | None) -> str:
    """Make a team and give its id. Raises `Unreadable` for a name that is empty, too long or taken."""
    tidy = _tidy(name)
    try:
        with database.write() as session:
            _check_free(session, tidy, but=None)
            row = TeamRow(name=tidy)
            session.add(row)
            session.flush()
            trail.write_down(session, by, "made_team", row.id)
            return row.id
    except IntegrityError:  # two made it at once on PostgreSQL
        raise _taken(tidy) from None


def rename(database: Database, team_id: str, name: str, *, by: str | None) -> None:
    """Call it something else. Raises as `make` does, and `NotFound`."""
    tidy = _tidy(name)
    try:
        with database.write() as session:
            row = locked_team(session, team_id)
            _check_free(session, tidy, but=team_id)
            if row.name != tidy:
                row.name = tidy
                trail.write_down(session, by, "renamed_team", team_id)
    except IntegrityError:  # another got the name at once on PostgreSQL
        raise _taken(tidy) from None


def remove(database: Database, team_id: str, *, by: str | None) -> None:
    """The team is no more; its people stay. Raises `NotFound`."""
    with database.write() as session:
        row = locked_team(session, team_id)
        session.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id == team_id))
        session.delete(row)
        trail.write_down(session, by, "removed_team", team_id)


def put(session: Session, agent_id: str, team_ids: Collection[str]) -> bool:
    """Somebody belongs to exactly these teams, in the caller's transaction; teams that are gone are left out. True when that is news."""
    known = set(session.scalars(select(TeamRow.id).where(TeamRow.id.in_(team_ids))))
    present = set(session.scalars(select(TeamMemberRow.team_id).where(TeamMemberRow.agent_id == agent_id)))
    if known == present:
        return False
    session.execute(delete(TeamMemberRow).where(TeamMemberRow.agent_id == agent_id, TeamMemberRow.team_id.in_(present - known)))
    session.add_all(TeamMemberRow(team_id=team_id, agent_id=agent_id) for team_id in sorted(known - present))
    return True


def locked_team(session: Session, team_id: str) -> TeamRow:
    """The team, for a change in this transaction. Raises `NotFound`."""
    row = session.get(TeamRow, team_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such team.")
    return row


def _tidy(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise Unreadable("The team needs a name.", code="no_name", field="name")
    if len(tidy) > LONGEST_NAME:
        raise Unreadable(f"The name has {len(tidy)} characters; up to {LONGEST_NAME} fit.", code="long_name", field="name")
    return tidy


def _check_free(session: Session, name: str, *, but: str | None) -> None:
    if any(row.name.casefold() == name.casefold() for row in session.scalars(select(TeamRow)) if row.id != but):
        raise _taken(name)


def _taken(name: str) -> Unreadable:
    return Unreadable(f"There is a team {name!r} already.", code="team_taken", field="name")
