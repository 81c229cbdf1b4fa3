"""What a team promises itself: how soon customers get a first answer, the next ones and a solution, in working time.

The house's working hours are told to the database once (`keep_hours`), so that the transaction that moves a conversation also sets its due time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.accounts.tables import TeamRow
from handoff.conversations.tables import SlaPolicyRow
from handoff.database import Database, changed
from handoff.errors import NotFound, Unreadable

EVERYBODY = "default"  # whose policy holds where a team has none of its own
SOON = 0.8  # of the time is over: it comes near
LONGEST_MINUTES = 92 * 24 * 60
HOURS = "working hours"


class Goal(StrEnum):
    """What is to be done by a time."""

    FIRST = "first"
    NEXT = "next"
    SOLUTION = "solution"


@dataclass(frozen=True)
class Policy:
    """How many minutes of working time each thing may take; None: nothing is promised. `letter` is for what is answered later, by e-mail or phone."""

    active: bool
    first: int | None
    next: int | None
    letter: int | None
    solution: int | None
    stops_when_snoozed: bool
    stops_for_customer: bool

    def time_for(self, goal: Goal, *, in_chat: bool) -> timedelta | None:
        """How long it may take; None where nothing is promised."""
        answer = {Goal.FIRST: self.first, Goal.NEXT: self.next}.get(goal) if in_chat else self.letter
        minutes = self.solution if goal is Goal.SOLUTION else answer
        return timedelta(minutes=minutes) if self.active and minutes is not None else None


# On from the first day: a customer in the chat looks at the window, so somebody who has just set the house up wants to see whose turn it is. The times
# are those that a small team keeps on an ordinary day, so that red means something. A solution depends on the trade: nobody's promise until it is made.
DEFAULT = Policy(active=True, first=5, next=10, letter=8 * 60, solution=None, stops_when_snoozed=True, stops_for_customer=True)


class WorkingTime(Protocol):
    """Counts working time; `handoff.schedule.Hours` does."""

    def after(self, moment: datetime, work: timedelta) -> datetime: ...

    def between(self, since: datetime, until: datetime) -> timedelta: ...


class AroundTheClock:
    """Nobody has told any hours: all time counts."""

    def after(self, moment: datetime, work: timedelta) -> datetime:
        return moment + work

    def between(self, since: datetime, until: datetime) -> timedelta:
        return max(until - since, timedelta())


def keep_hours(database: Database, hours: WorkingTime) -> None:
    """From now on due times are set by these working hours."""
    database.about[HOURS] = hours


def hours_of(session: Session) -> WorkingTime:
    """The house's working hours."""
    return cast(WorkingTime, session.info.get(HOURS, AroundTheClock()))


def policy_for(session: Session, team_id: str | None) -> Policy:
    """The team's own policy, else everybody's."""
    row = session.get(SlaPolicyRow, team_id) if team_id else None
    row = row or session.get(SlaPolicyRow, EVERYBODY)
    return _policy(row) if row else DEFAULT


def policies(database: Database) -> Mapping[str, Policy]:
    """Everybody's policy and those that teams have of their own, by team id."""
    with database.read() as session:
        return {EVERYBODY: DEFAULT} | {row.id: _policy(row) for row in session.scalars(select(SlaPolicyRow))}


def save(database: Database, whose: str, policy: Policy, *, by: str | None) -> None:
    """Set the policy of a team, or of `EVERYBODY`. It holds for what begins from now on.

    Raises `Unreadable` (code `bad_minutes`) for a number outside 1 … `LONGEST_MINUTES`, and `NotFound` for no team.
    """
    for name in ("first", "next", "letter", "solution"):
        minutes = getattr(policy, name)
        if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
            raise Unreadable(f"{name} takes between 1 and {LONGEST_MINUTES} minutes, or is empty.", code="bad_minutes", field=name)
    with database.write() as session:
        if whose != EVERYBODY and session.get(TeamRow, whose) is None:
            raise NotFound("There is no such team.")
        row = session.get(SlaPolicyRow, whose)
        if (_policy(row) if row else DEFAULT if whose == EVERYBODY else None) == policy:
            return
        if row is None:
            row = SlaPolicyRow(id=whose, team_id=None if whose == EVERYBODY else whose)
            session.add(row)
        row.active, row.stops_when_snoozed, row.stops_for_customer = policy.active, policy.stops_when_snoozed, policy.stops_for_customer
        row.first_minutes, row.next_minutes, row.letter_minutes, row.solution_minutes = policy.first, policy.next, policy.letter, policy.solution
        told = " ".join(f"{name}={value}" for name, value in asdict(policy).items())
        trail.write_down(session, by, "changed_sla", f"{whose} {told}")


def remove(database: Database, team_id: str, *, by: str | None) -> None:
    """The team has no policy of its own any more: everybody's holds."""
    with database.write() as session:
        if changed(session, delete(SlaPolicyRow).where(SlaPolicyRow.id == team_id, SlaPolicyRow.id != EVERYBODY)):
            trail.write_down(session, by, "removed_sla", team_id)


def _policy(row: SlaPolicyRow) -> Policy:
    return Policy(
        active=row.active,
        first=row.first_minutes,
        next=row.next_minutes,
        letter=row.letter_minutes,
        solution=row.solution_minutes,
        stops_when_snoozed=row.stops_when_snoozed,
        stops_for_customer=row.stops_for_customer,
    )
