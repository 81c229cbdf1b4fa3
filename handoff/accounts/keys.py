"""Keys with which other programs act here: each in one person's name, with some of what that person may do. Only hashes are kept.

What a key does stands in the trail as that person's doing; that the key was used, too. A key may never more than its person, sees no more
conversations, and is worth nothing when the account is closed.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from handoff.accounts import trail
from handoff.accounts.logins import hash_of
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.accounts.tables import AgentRow, Availability, Role
from handoff.database import Database, Table, new_id, now
from handoff.errors import NotAllowed, NotFound, NotLoggedIn, Unreadable

PREFIX = "abl_"  # by which a key is known where it was left by mistake
SHOWN = 10  # of its characters, to tell it from others
SAME_USE = timedelta(hours=1)
MOST = 100
LONGEST_NAME = 100


class Scope(StrEnum):
    """What a key may be for."""

    READ = "conversations:read"
    WRITE = "conversations:write"
    ENTRIES_READ = "entries:read"
    ENTRIES_WRITE = "entries:write"
    ENTRIES_PUBLISH = "entries:publish"
    FIGURES = "figures:read"
    WEBHOOKS = "webhooks:manage"


NEEDS: Mapping[Scope, Permission] = {
    Scope.READ: Permission.ANSWER,
    Scope.WRITE: Permission.ANSWER,
    Scope.ENTRIES_READ: Permission.EDIT,
    Scope.ENTRIES_WRITE: Permission.EDIT,
    Scope.ENTRIES_PUBLISH: Permission.EDIT,
    Scope.FIGURES: Permission.SEE_REPORTS,
    Scope.WEBHOOKS: Permission.CONNECT,
}


class ApiKeyRow(Table):
    """One key."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    begins: Mapped[str] = mapped_column(String(20))
    scopes: Mapped[list[str]]
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Caller:
    """Who asks: the key, what it is for, and the person in whose name."""

    key_id: str
    scopes: frozenset[str]
    person: Person

    def check(self, scope: Scope) -> None:
        """Raise `NotAllowed` unless the key has the scope and its person's role includes it."""
        if scope not in self.scopes:
            raise NotAllowed(f"This key is not for {scope.value}.")
        if not self.person.may(NEEDS[scope]):
            raise NotAllowed("The role of this key's person does not include this.")


@dataclass(frozen=True)
class Wish:
    """What a key is to be. `days`: so long it lasts; None: until it is revoked."""

    name: str
    agent_id: str
    scopes: Collection[str]
    days: int | None = None


def make(database: Database, wish: Wish, *, by: str | None) -> tuple[str, str]:
    """Make a key; gives its id and the key itself, which nobody is told again. Raises `Unreadable`."""
    name, token = " ".join(wish.name.split()), PREFIX + secrets.token_urlsafe(32)
    _check(name, wish)
    with database.write() as session:
        agent = session.get(AgentRow, wish.agent_id)
        if agent is None or not agent.active:
            raise Unreadable("Choose somebody whose account is open.", code="no_person", field="agent_id")
        if len(session.scalars(select(ApiKeyRow.id).where(ApiKeyRow.revoked_at.is_(None))).all()) >= MOST:
            raise Unreadable(f"There are {MOST} keys already.", code="too_many_keys", field="name")
        scopes = [scope.value for scope in Scope if scope in wish.scopes]
        ends = now() + timedelta(days=wish.days) if wish.days else None
        row = ApiKeyRow(name=name, token_hash=hash_of(token), begins=token[:SHOWN], scopes=scopes, agent_id=agent.id, ends_at=ends)
        session.add(row)
        session.flush()
        trail.write_down(session, by, "made_key", row.id)
        return row.id, token


def all_keys(database: Database) -> list[tuple[ApiKeyRow, str]]:
    """Every key with the name of its person, the revoked ones last, then the newest first."""
    with database.read() as session:
        query = select(ApiKeyRow, AgentRow.name).join(AgentRow, AgentRow.id == ApiKeyRow.agent_id)
        found = session.execute(query.order_by(ApiKeyRow.revoked_at.is_not(None), ApiKeyRow.made_at.desc())).all()
        return [(row, name) for row, name in found]


def revoke(database: Database, key_id: str, *, by: str | None) -> None:
    """The key opens nothing from now on. Raises `NotFound`."""
    with database.write() as session:
        row = session.get(ApiKeyRow, key_id, with_for_update=True)
        if row is None:
            raise NotFound("There is no such key.")
        if row.revoked_at is None:
            row.revoked_at = now()
            trail.write_down(session, by, "revoked_key", key_id)


def whose(database: Database, token: str) -> Caller:
    """Who comes with this key. Raises `NotLoggedIn`, the same for a key that never was, is over or was revoked."""
    moment = now()
    with database.read() as session:
        row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.token_hash == hash_of(token))) if token.startswith(PREFIX) else None
        agent = session.get(AgentRow, row.agent_id) if row else None
    if row is None or agent is None or not agent.active or row.revoked_at or (row.ends_at and row.ends_at < moment):
        raise NotLoggedIn("Send a valid key as a bearer token; an admin makes them at /connections/keys.")
    if row.used_at is None or moment - row.used_at > SAME_USE:
        with database.write() as session:
            session.get_one(ApiKeyRow, row.id, with_for_update=True).used_at = moment
            trail.write_down(session, agent.id, "used_key", row.id)
    person = Person(agent.id, agent.name, agent.login, Role(agent.role), "", Availability(agent.availability), agent.language)
    return Caller(row.id, frozenset(row.scopes), person)


def _check(name: str, wish: Wish) -> None:
    if not name or len(name) > LONGEST_NAME:
        raise Unreadable(f"The key needs a name of up to {LONGEST_NAME} characters.", code="bad_name", field="name")
    if not wish.scopes or not set(wish.scopes) <= set(Scope):
        raise Unreadable(f"Choose what the key is for: {', '.join(Scope)}.", code="bad_scopes", field="scopes")
    if wish.days is not None and not 1 <= wish.days <= 3650:
        raise Unreadable("A key lasts between a day and ten years.", code="bad_days", field="days")
