"""How work is shared: how much one person takes at once, whether a team's conversations are given out one by one, and who else sees them."""

from __future__ import annotations

from handoff.accounts import trail
from handoff.accounts.tables import AgentRow
from handoff.accounts.teams import locked_team
from handoff.database import Database
from handoff.errors import NotFound, Unreadable

MOST_AT_ONCE = 100
SECONDS = range(10, 601)  # to accept: less is a blink, more is a wait


def set_capacity(database: Database, agent_id: str, capacity: int | None, *, by: str | None) -> None:
    """This person takes so many conversations at once; None is no limit. Raises `NotFound`, `Unreadable` for a number outside 0–100."""
    if capacity is not None and not 0 <= capacity <= MOST_AT_ONCE:
        raise Unreadable(f"A person takes between 0 and {MOST_AT_ONCE} conversations at once.", code="bad_capacity", field="capacity")
    with database.write() as session:
        row = session.get(AgentRow, agent_id, with_for_update=True)
        if row is None:
            raise NotFound("There is no such account.")
        if row.capacity != capacity:
            row.capacity = capacity
            trail.write_down(session, by, "changed_capacity", agent_id)


def set_accept_seconds(database: Database, team_id: str, seconds: int | None, *, by: str | None) -> None:
    """The team's conversations are given out, with so many seconds to accept; None: anybody takes them. Raises `NotFound`, `Unreadable`."""
    if seconds is not None and seconds not in SECONDS:
        raise Unreadable(f"The time to accept is between {SECONDS[0]} and {SECONDS[-1]} seconds.", code="bad_seconds", field="seconds")
    with database.write() as session:
        row = locked_team(session, team_id)
        if row.accept_seconds != seconds:
            row.accept_seconds = seconds
            trail.write_down(session, by, "changed_giving_out", team_id)


def set_walled(database: Database, team_id: str, walled: bool, *, by: str | None) -> None:
    """Only the team's people and supervisors look into its conversations from now on, or everybody who answers. Raises `NotFound`."""
    with database.write() as session:
        row = locked_team(session, team_id)
        if row.walled != walled:
            row.walled = walled
            trail.write_down(session, by, "walled_team" if walled else "unwalled_team", team_id)
