"""What each role may do: the one table. Routes ask for a permission, never for a role."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from handoff.accounts.tables import Role


class Permission(StrEnum):
    """One thing that a person may do."""

    ANSWER = "answer"  # read conversations, take them and answer
    TAKE_OVER = "take_over"  # take a conversation from the colleague who has it
    WRITE_TEMPLATES = "write_templates"  # reply templates for a team or for everybody; one's own need no permission
    HOLD = "hold"  # keep a conversation from being erased
    ERASE = "erase"  # see how much is held of a customer, give a copy of it and erase it
    EDIT = "edit"  # write and publish entries
    SET_TIMES = "set_times"  # how soon teams answer and solve
    SEE_REPORTS = "see_reports"
    REVIEW = "review"  # look after low scores and at colleagues' work
    SEE_PEOPLE = "see_people"
    MANAGE_PEOPLE = "manage_people"  # invite, change roles and teams, close accounts
    SEE_TRAIL = "see_trail"  # who did what
    CONNECT = "connect"  # let other systems hear what happens here, and act


MAY: Mapping[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({Permission.ANSWER}),
    Role.EDITOR: frozenset({Permission.EDIT}),
    Role.SUPERVISOR: frozenset(Permission) - {Permission.MANAGE_PEOPLE, Permission.CONNECT},
    Role.ADMIN: frozenset(Permission),
}


def roles_with(permission: Permission) -> frozenset[Role]:
    """The roles that have it."""
    return frozenset(role for role, has in MAY.items() if permission in has)
