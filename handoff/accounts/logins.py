"""Log-ins: one for each browser, seen and ended by whom they belong to. A cookie's token is kept as a SHA-256 hash only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.accounts.tables import AgentRow, Availability, LoginRow, Role
from handoff.database import Database, changed, now
from handoff.errors import NotFound, NotLoggedIn

LIMITS = "limits of log-ins"
HALFWAY = timedelta(minutes=10)  # from the right password to the second step
NAME_LENGTH = 16  # of the hash: enough to tell log-ins apart, of no use to anybody else


@dataclass(frozen=True)
class Limits:
    """How long a log-in lasts that nobody uses, and any at all."""

    idle: timedelta = timedelta(hours=12)
    longest: timedelta = timedelta(days=7)


class Step(StrEnum):
    """What a log-in still waits for."""

    CODE = "code"  # the code of the person's phone
    ENROL = "enrol"  # the role asks for a second step and the person has none yet


class Way(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105 (the name of a way)
    CODE = "code"  # password and second step
    OPENID = "openid"


@dataclass(frozen=True)
class Browser:
    """From where somebody logs in. `device` is what the browser calls itself."""

    address: str | None = None
    device: str | None = None


@dataclass(frozen=True)
class Halfway:
    """Who has shown the right password and owes the second step."""

    agent_id: str
    login: str
    name: str
    step: Step


@dataclass(frozen=True)
class OpenLogin:
    """A browser in which somebody is logged in. `name` ends it; `here` is the one that asks."""

    name: str
    way: Way
    address: str | None
    device: str | None
    since: datetime
    used_at: datetime
    here: bool


def keep_limits(database: Database, limits: Limits) -> None:
    """Every look at a log-in goes by these from now on; told once, where the house is put together."""
    database.about[LIMITS] = limits


def limits(database: Database) -> Limits:
    """The ones that were told, else the usual ones."""
    told: Limits = database.about.get(LIMITS, Limits())
    return told


def begin(session: Session, agent_id: str, *, way: Way, browser: Browser, waits_for: Step | None = None) -> str:
    """A new log-in, in the caller's transaction; gives the cookie's token. Without a step to wait for the person is in."""
    token = secrets.token_urlsafe(32)
    device = browser.device[:400] if browser.device else None
    row = LoginRow(token_hash=hash_of(token), agent_id=agent_id, csrf_token=secrets.token_urlsafe(24), way=way.value, address=browser.address, device=device)
    row.waits_for = waits_for.value if waits_for else None
    session.add(row)
    if waits_for is None:
        session.execute(update(AgentRow).where(AgentRow.id == agent_id).values(availability=Availability.AVAILABLE.value, seen_at=now()))
        trail.write_down(session, agent_id, "logged_in", None if way is Way.PASSWORD else way.value, address=browser.address)
    return token


def halfway(database: Database, token: str | None) -> Halfway:
    """Who waits at the second step with this token. Raises `NotLoggedIn` for nobody, and ten minutes after the password."""
    with database.read() as session:
        row = session.get(LoginRow, hash_of(token)) if token else None
        agent = session.get(AgentRow, row.agent_id) if row else None
    if row is None or row.waits_for is None or agent is None or not agent.active or now() - row.created_at > HALFWAY:
        raise NotLoggedIn("Please log in.")
    return Halfway(agent.id, agent.login, agent.name, Step(row.waits_for))


def finish(database: Database, token: str) -> str:
    """The second step is done: a new token, and the old one is worth nothing. Raises `NotLoggedIn`."""
    halfway(database, token)
    with database.write() as session:
        row = session.get(LoginRow, hash_of(token), with_for_update=True)
        if row is None:
            raise NotLoggedIn("Please log in.")
        browser, agent_id = Browser(row.address, row.device), row.agent_id
        session.delete(row)
        session.flush()
        return begin(session, agent_id, way=Way.CODE, browser=browser)


def open_logins(database: Database, agent_id: str, *, token: str | None = None) -> list[OpenLogin]:
    """Where somebody is logged in, the last used first. `token` is the cookie of the browser that asks."""
    mine = hash_of(token) if token else ""
    lasts = limits(database)
    query = select(LoginRow).where(LoginRow.agent_id == agent_id, LoginRow.waits_for.is_(None), LoginRow.used_at > now() - lasts.idle)
    with database.read() as session:
        rows = session.scalars(query.where(LoginRow.created_at > now() - lasts.longest).order_by(LoginRow.used_at.desc())).all()
    return [OpenLogin(row.token_hash[:NAME_LENGTH], Way(row.way), row.address, row.device, row.created_at, row.used_at, row.token_hash == mine) for row in rows]


def end_here(database: Database, token: str | None) -> None:
    """Whoever comes in anew in a browser leaves the log-in that was there: its cookie, if somebody has copied it, is worth nothing."""
    if token:
        with database.write() as session:
            session.execute(delete(LoginRow).where(LoginRow.token_hash == hash_of(token)))


def end_one(database: Database, agent_id: str, name: str) -> None:
    """End one log-in of the person's own. Raises `NotFound`, also for somebody else's."""
    own = LoginRow.agent_id == agent_id
    with database.write() as session:
        if len(name) != NAME_LENGTH or not changed(session, delete(LoginRow).where(own, LoginRow.token_hash.startswith(name, autoescape=True))):
            raise NotFound("There is no such log-in.")
        trail.write_down(session, agent_id, "ended_login")


def end_others(database: Database, agent_id: str, token: str) -> int:
    """End every log-in of the person but the one with this token; gives how many."""
    with database.write() as session:
        ended = changed(session, delete(LoginRow).where(LoginRow.agent_id == agent_id, LoginRow.token_hash != hash_of(token)))
        if ended:
            trail.write_down(session, agent_id, "ended_login")
        return ended


def end_all(session: Session, agent_id: str, *, but: str | None = None) -> None:
    """End the person's log-ins, in the caller's transaction; `but` is the token of one that stays."""
    ended = delete(LoginRow).where(LoginRow.agent_id == agent_id)
    session.execute(ended.where(LoginRow.token_hash != hash_of(but)) if but else ended)


def end_weak(database: Database, roles: Collection[Role]) -> int:
    """End log-ins by password alone of people whose role asks for a second step; gives how many."""
    if not roles:
        return 0
    bound = select(AgentRow.id).where(AgentRow.role.in_([role.value for role in roles]))
    with database.write() as session:
        return changed(session, delete(LoginRow).where(LoginRow.way == Way.PASSWORD.value, LoginRow.waits_for.is_(None), LoginRow.agent_id.in_(bound)))


def forget_old(database: Database) -> int:
    """Delete log-ins past their limit; gives how many."""
    lasts = limits(database)
    over = (LoginRow.used_at < now() - lasts.idle) | (LoginRow.created_at < now() - lasts.longest)
    left = LoginRow.waits_for.is_not(None) & (LoginRow.created_at < now() - HALFWAY)
    with database.write() as session:
        return changed(session, delete(LoginRow).where(over | left))


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
