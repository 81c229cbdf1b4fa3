"""Accounts: made, logged in, logged out, seen. Passwords are kept as argon2 hashes, cookies as SHA-256 of a random token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update

from handoff.accounts.tables import AgentRow, AuditRow, Availability, LoginRow, Role
from handoff.database import Database, now
from handoff.errors import NotFound, NotLoggedIn, Unreadable

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
PRESENT = timedelta(seconds=60)  # a desk in the browser gives a sign at least every 20 s
SHORTEST_PASSWORD = 10

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_hex(16))  # an unknown login takes as long to refuse as a wrong password


@dataclass(frozen=True)
class Person:
    """Who is logged in, for the length of one request."""

    id: str
    name: str
    login: str
    role: Role
    csrf_token: str
    availability: Availability

    @property
    def answers(self) -> bool:
        return self.role is not Role.EDITOR

    @property
    def edits(self) -> bool:
        return self.role is not Role.AGENT

    @property
    def supervises(self) -> bool:
        return self.role in (Role.SUPERVISOR, Role.ADMIN)


def create(database: Database, *, login: str, name: str, password: str, role: Role) -> str:
    """Make an account and give its id. Raises `Unreadable` for a login that is taken or a password that is too short."""
    _check_length(password)
    with database.write() as session:
        if session.scalar(select(AgentRow.id).where(AgentRow.login == login)) is not None:
            raise Unreadable(f"The login {login!r} is taken.", code="login_taken", field="login")
        row = AgentRow(login=login, name=name, password_hash=_hasher.hash(password), role=role.value)
        session.add(row)
        session.flush()
        return row.id


def set_password(database: Database, *, login: str, password: str) -> None:
    """Give an account a new password and end its log-ins. Raises `NotFound` for an unknown login, `Unreadable` for a password that is too short."""
    _check_length(password)
    with database.write() as session:
        row = session.scalar(select(AgentRow).where(AgentRow.login == login))
        if row is None:
            raise NotFound(f"There is no account {login!r}.")
        row.password_hash = _hasher.hash(password)
        session.execute(delete(LoginRow).where(LoginRow.agent_id == row.id))


def count(database: Database) -> int:
    """How many accounts there are."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AgentRow)) or 0


def log_in(database: Database, *, login: str, password: str) -> str:
    """Check the password and give a new cookie token. Raises `NotLoggedIn`, the same for a wrong login and a wrong password."""
    with database.read() as session:
        row = session.scalar(select(AgentRow).where(AgentRow.login == login, AgentRow.active))
    try:
        _hasher.verify(row.password_hash if row else _nobody, password)
    except (VerificationError, InvalidHashError):
        raise NotLoggedIn("The login or the password is not right.") from None
    if row is None:
        raise NotLoggedIn("The login or the password is not right.")
    token = secrets.token_urlsafe(32)
    with database.write() as session:
        session.add(LoginRow(token_hash=_hash(token), agent_id=row.id, csrf_token=secrets.token_urlsafe(24)))
        session.execute(update(AgentRow).where(AgentRow.id == row.id).values(availability=Availability.AVAILABLE.value, seen_at=now()))
        session.add(AuditRow(agent_id=row.id, act="logged_in"))
    return token


def log_out(database: Database, token: str) -> None:
    """End this browser's log-in; the cookie is worth nothing from now."""
    with database.write() as session:
        login = session.get(LoginRow, _hash(token))
        if login is not None:
            session.execute(update(AgentRow).where(AgentRow.id == login.agent_id).values(availability=Availability.AWAY.value))
            session.add(AuditRow(agent_id=login.agent_id, act="logged_out"))
            session.delete(login)


def whose(database: Database, token: str | None) -> Person:
    """The person behind a cookie. Raises `NotLoggedIn` for none, an unknown one, or one idle or old beyond its limits."""
    moment = now()
    with database.read() as session:
        login = session.get(LoginRow, _hash(token)) if token else None
        agent = session.get(AgentRow, login.agent_id) if login else None
    if login is None or agent is None or not agent.active or moment - login.used_at > IDLE or moment - login.created_at > LONGEST:
        raise NotLoggedIn("Please log in.")
    if moment - login.used_at > timedelta(minutes=5):
        with database.write() as session:
            session.execute(update(LoginRow).where(LoginRow.token_hash == login.token_hash).values(used_at=moment))
    return Person(agent.id, agent.name, agent.login, Role(agent.role), login.csrf_token, Availability(agent.availability))


def set_availability(database: Database, agent_id: str, availability: Availability) -> None:
    """The agent says whether conversations may come."""
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == agent_id).values(availability=availability.value, seen_at=now()))


def seen(database: Database, agent_id: str) -> None:
    """The agent's desk is open in a browser now."""
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == agent_id).values(seen_at=now()))


def available_agents(database: Database, moment: datetime | None = None) -> int:
    """How many people could take a conversation now: available by their own word and their desk open."""
    since = (moment or now()) - PRESENT
    with database.read() as session:
        query = select(func.count()).select_from(AgentRow).where(AgentRow.active, AgentRow.role != Role.EDITOR.value)
        return session.scalar(query.where(AgentRow.availability == Availability.AVAILABLE.value, AgentRow.seen_at >= since)) or 0


def audit(database: Database, agent_id: str | None, act: str, target: str | None = None) -> None:
    """Write down who did what, without the data itself."""
    with database.write() as session:
        session.add(AuditRow(agent_id=agent_id, act=act, target=target))


def forget_old_logins(database: Database) -> int:
    """Delete log-ins past their limit; gives how many."""
    with database.write() as session:
        gone = session.execute(delete(LoginRow).where((LoginRow.used_at < now() - IDLE) | (LoginRow.created_at < now() - LONGEST)))
        return int(gone.rowcount)  # type: ignore[attr-defined]


def _check_length(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise Unreadable(f"The password needs at least {SHORTEST_PASSWORD} characters.", code="short_password", field="password")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
