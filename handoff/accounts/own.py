"""What people set for themselves: the name that customers see, the language and the colours of our pages."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import update

from bot.understanding import Language
from handoff.accounts import codes, logins, passwords, staff, trail
from handoff.accounts.tables import AgentRow
from handoff.database import Database
from handoff.errors import NotFound, Unreadable

Theme = Literal["auto", "light", "dark"]  # auto: as the system says


def rename(database: Database, agent_id: str, name: str) -> None:
    """What customers read from now on. Raises `Unreadable`."""
    tidy = staff.tidy_name(name)
    with database.write() as session:
        row = session.get(AgentRow, agent_id, with_for_update=True)
        if row is not None and row.name != tidy:
            row.name = tidy
            trail.write_down(session, agent_id, "changed_person", agent_id)


def prefer_language(database: Database, agent_id: str, language: Language) -> None:
    """The language of our pages, in any browser the person logs in with."""
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == agent_id).values(language=language))


def prefer_theme(database: Database, agent_id: str, theme: Theme) -> None:
    """Light, dark, or as the system says, in any browser the person logs in with."""
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == agent_id).values(theme=theme))


def check_password(database: Database, agent_id: str, password: str) -> None:
    """Raise `Unreadable` (field `old`) unless it is the person's password: asked before what a thief of the cookie would do first."""
    with database.read() as session:
        row = session.get(AgentRow, agent_id)
    if not passwords.fits(row.password_hash if row else None, password):
        raise Unreadable("This is not the present password.", code="wrong_password", field="old")


def has_password(database: Database, agent_id: str) -> bool:
    """Whether the person can log in with one; who comes by OpenID alone can't."""
    with database.read() as session:
        row = session.get(AgentRow, agent_id)
        return bool(row and row.password_hash)


def turn_off_code(database: Database, agent_id: str, *, token: str) -> None:
    """No second step any more; every other log-in than the one with `token` ends. Raises `NotFound`."""
    with database.write() as session:
        if not codes.turn_off(session, agent_id):
            raise NotFound("There is no second step to turn off.")
        logins.end_all(session, agent_id, but=token)
        trail.write_down(session, agent_id, "turned_off_code")
