"""Accounts: made, logged in, logged out, seen. Cookies are kept as SHA-256 of a random token, passwords as argon2 hashes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from handoff.accounts import logins, passwords, trail
from handoff.accounts.logins import Browser, Limits, Step, Way, hash_of
from handoff.accounts.permissions import MAY, Permission, roles_with
from handoff.accounts.tables import AgentRow, Availability, LoginRow, Role
from handoff.database import Database, now
from handoff.errors import NotFound, NotLoggedIn, Unreadable

PRESENT = timedelta(seconds=60)  # a desk in the browser gives a sign at least every 20 s
NEW_FOR = timedelta(days=14)
REFUSED = "The login or the password is not right."


@dataclass(frozen=True)
class Person:
    """Who is logged in, for the length of one request."""

    id: str
    name: str
    login: str
    role: Role
    csrf_token: str
    availability: Availability
    language: str | None = None  # chosen for our pages
    theme: str | None = None  # light, dark or auto; None: the browser remembers by itself
    is_new: bool = False  # here for less than `NEW_FOR`

    def may(self, permission: Permission) -> bool:
        """Whether the person's role includes it."""
        return permission in MAY[self.role]

    @property
    def answers(self) -> bool:
        return self.may(Permission.ANSWER)

    @property
    def edits(self) -> bool:
        return self.may(Permission.EDIT)

    @property
    def supervises(self) -> bool:
        return self.may(Permission.SEE_REPORTS)


def create(database: Database, *, login: str, name: str, password: str, role: Role) -> str:
    """Make an account and give its id. Raises `Unreadable` for a login that is taken or a password that is too short."""
    password_hash = passwords.hashed(password, about=(login, name))
    with database.write() as session:
        if session.scalar(select(AgentRow.id).where(AgentRow.login == login)) is not None:
            raise Unreadable(f"The login {login!r} is taken.", code="login_taken", field="login")
        row = AgentRow(login=login, name=name, password_hash=password_hash, role=role.value)
        session.add(row)
        session.flush()
        trail.write_down(session, None, "made_person", row.id)
        return row.id


def set_password(database: Database, *, login: str, password: str) -> None:
    """Give an account a new password and end its log-ins. Raises `NotFound` for an unknown login, `Unreadable` for a password that is too short."""
    password_hash = passwords.hashed(password, about=(login,))
    with database.write() as session:
        row = session.scalar(select(AgentRow).where(AgentRow.login == login))
        if row is None:
            raise NotFound(f"There is no account {login!r}.")
        row.password_hash = password_hash
        logins.end_all(session, row.id)
        trail.write_down(session, None, "reset_password", row.id)


def count(database: Database) -> int:
    """How many accounts there are."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AgentRow)) or 0


def log_in(database: Database, *, login: str, password: str, coded: Collection[Role] = (), browser: Browser | None = None) -> str:
    """Check the password and give a new cookie token. Raises `NotLoggedIn`, the same for a wrong login and a wrong password.

    Whoever has a second step, or one of the roles `coded` that ask for it, is not in yet: `step_of` says what the token waits for.
    """
    browser = browser or Browser()
    with database.read() as session:
        row = session.scalar(select(AgentRow).where(AgentRow.login == login, AgentRow.active))
    if not passwords.fits(row.password_hash if row else None, password) or row is None:
        with database.write() as session:
            trail.write_down(session, row.id if row else None, "failed_login", address=browser.address)
        raise NotLoggedIn(REFUSED)
    step = Step.CODE if row.totp_secret else Step.ENROL if Role(row.role) in coded else None
    with database.write() as session:
        return logins.begin(session, row.id, way=Way.PASSWORD, browser=browser, waits_for=step)


def step_of(database: Database, token: str) -> Step | None:
    """What a log-in still waits for; None when the person is in."""
    with database.read() as session:
        waits_for = session.scalar(select(LoginRow.waits_for).where(LoginRow.token_hash == hash_of(token)))
    return Step(waits_for) if waits_for else None


def log_out(database: Database, token: str) -> None:
    """End this browser's log-in; the cookie is worth nothing from now."""
    with database.write() as session:
        login = session.get(LoginRow, hash_of(token), with_for_update=True)
        if login is not None:
            session.execute(update(AgentRow).where(AgentRow.id == login.agent_id).values(availability=Availability.AWAY.value))
            trail.write_down(session, login.agent_id, "logged_out")
            session.delete(login)


def whose(database: Database, token: str | None) -> Person:
    """The person behind a cookie. Raises `NotLoggedIn` for none, an unknown one, or one idle or old beyond its limits."""
    moment = now()
    with database.read() as session:
        login = session.get(LoginRow, hash_of(token)) if token else None
        agent = session.get(AgentRow, login.agent_id) if login else None
    if login is None or agent is None or not agent.active or login.waits_for or _over(login, moment, logins.limits(database)):
        raise NotLoggedIn("Please log in.")
    if moment - login.used_at > min(timedelta(minutes=5), logins.limits(database).idle / 4):
        with database.write() as session:
            session.execute(update(LoginRow).where(LoginRow.token_hash == login.token_hash).values(used_at=moment))
    return Person(
        agent.id,
        agent.name,
        agent.login,
        Role(agent.role),
        login.csrf_token,
        Availability(agent.availability),
        agent.language,
        agent.theme,
        is_new=moment - agent.created_at < NEW_FOR,
    )


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
        query = select(func.count()).select_from(AgentRow).where(AgentRow.active, AgentRow.role.in_(roles_with(Permission.ANSWER)))
        return session.scalar(query.where(AgentRow.availability == Availability.AVAILABLE.value, AgentRow.seen_at >= since)) or 0


def audit(database: Database, agent_id: str | None, act: str, target: str | None = None) -> None:
    """Write down who did what, without the data itself."""
    with database.write() as session:
        trail.write_down(session, agent_id, act, target)


def _over(login: LoginRow, moment: datetime, limits: Limits) -> bool:
    return moment - login.used_at > limits.idle or moment - login.created_at > limits.longest
