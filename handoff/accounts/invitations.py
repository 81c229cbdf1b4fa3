"""Links with which people choose their password: the first one, and a new one when it is forgotten. Each opens once, within 72 hours."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from handoff.accounts import logins, passwords, staff, trail
from handoff.accounts.logins import hash_of
from handoff.accounts.staff import Details
from handoff.accounts.tables import AgentRow, InvitationRow
from handoff.database import Database, changed, now
from handoff.errors import NotFound, Unreadable

VALID = timedelta(hours=72)


@dataclass(frozen=True)
class Invited:
    """Whose link it is, and until when it opens."""

    login: str
    name: str
    until: datetime


def invite(database: Database, login: str, details: Details, *, by: str | None) -> tuple[str, str]:
    """Make an account that waits for its owner; gives its id and the token of the link. Raises `Unreadable` naming the field."""
    tidy = staff.checked(details)
    with database.write() as session:
        row = staff.add(session, login, tidy)
        trail.write_down(session, by, "invited_person", row.id)
        return row.id, _new_link(session, row.id)


def renew(database: Database, agent_id: str, *, by: str | None) -> str:
    """A new link; the old password, links and log-ins are worth nothing from now. Raises `NotFound`, also for a closed account."""
    with database.write() as session:
        row = session.get(AgentRow, agent_id, with_for_update=True)
        if row is None or not row.active:
            raise NotFound("There is no such account.")
        row.password_hash = ""
        logins.end_all(session, agent_id)
        trail.write_down(session, by, "reset_password", agent_id)
        return _new_link(session, agent_id)


def whose(database: Database, token: str) -> Invited:
    """Whose link it is. Raises `NotFound` for one that is used, old, replaced or guessed: they all look the same."""
    with database.read() as session:
        return _open_link(session, token)


def accept(database: Database, token: str, password: str) -> str:
    """The person has chosen a password; gives their log-in. Of two who use a link at once one gets in.

    Raises `NotFound` as `whose` does, and `Unreadable` for a password that is too short, which leaves the link open.
    """
    chosen_by = whose(database, token)
    password_hash = passwords.hashed(password, about=(chosen_by.login, chosen_by.name))
    with database.write() as session:
        invited = _open_link(session, token)
        unused = update(InvitationRow).where(InvitationRow.token_hash == hash_of(token), InvitationRow.used_at.is_(None))
        row = session.scalar(select(AgentRow).where(AgentRow.login == invited.login))
        if changed(session, unused.values(used_at=now())) != 1 or row is None:
            raise _no_link()
        row.password_hash = password_hash
        trail.write_down(session, row.id, "chose_password")
        return row.login


def change_password(database: Database, agent_id: str, *, old: str, new: str, token: str) -> None:
    """The person's own change; every other log-in than the one with `token` ends.

    Raises `Unreadable`: field `old` (`wrong_password`), or `password` for a new one that is too short or the same.
    """
    with database.read() as session:
        row = session.get_one(AgentRow, agent_id)
    if not passwords.fits(row.password_hash, old):
        raise Unreadable("This is not the present password.", code="wrong_password", field="old")
    if old == new:
        raise Unreadable("The new password is the old one.", code="same_password", field="password")
    password_hash = passwords.hashed(new, about=(row.login, row.name))
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == agent_id).values(password_hash=password_hash))
        logins.end_all(session, agent_id, but=token)
        trail.write_down(session, agent_id, "changed_password")


def _new_link(session: Session, agent_id: str) -> str:
    token = secrets.token_urlsafe(32)
    session.execute(delete(InvitationRow).where(InvitationRow.agent_id == agent_id))
    session.add(InvitationRow(token_hash=hash_of(token), agent_id=agent_id))
    return token


def _open_link(session: Session, token: str) -> Invited:
    link = session.get(InvitationRow, hash_of(token))
    row = session.get(AgentRow, link.agent_id) if link else None
    if link is None or row is None or not row.active or link.used_at is not None or now() >= link.created_at + VALID:
        raise _no_link()
    return Invited(row.login, row.name, link.created_at + VALID)


def _no_link() -> NotFound:
    return NotFound("This link has been used or is too old. Ask for a new one.")
