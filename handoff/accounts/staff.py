"""What those who look after people may do with accounts: see, change, close, open again. Each change is one transaction and one row in the trail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from handoff.accounts import codes, logins, teams, trail
from handoff.accounts.tables import AgentRow, Availability, Role, TeamMemberRow, TeamRow
from handoff.accounts.teams import Team
from handoff.database import Database
from handoff.errors import NotFound, Unreadable

LONGEST = 100  # characters of a name or a log-in
LONGEST_SUBJECT = 255  # as OpenID Connect has it
SPACE = " "  # between issuer and subject; neither may hold one


@dataclass(frozen=True)
class Details:
    """What is known of a person beside how they log in. `subject` is who an OpenID provider says it is, with the issuer before it."""

    name: str
    role: Role
    email: str | None = None
    subject: str | None = None
    teams: Collection[str] = field(default=())


@dataclass(frozen=True)
class Member:
    """One person as the list of people shows them. `invited`: nobody has come in through the invitation yet."""

    id: str
    login: str
    name: str
    role: Role
    email: str | None
    subject: str | None
    active: bool
    invited: bool
    has_code: bool
    seen_at: datetime | None
    teams: Sequence[Team]
    capacity: int | None  # conversations at once; None: no limit


def everyone(database: Database) -> list[Member]:
    """All accounts: open ones first, each by name."""
    with database.read() as session:
        rows = session.scalars(select(AgentRow).order_by(AgentRow.active.desc(), AgentRow.name, AgentRow.login)).all()
        return _members(session, rows)


def member(database: Database, agent_id: str) -> Member:
    """One of them. Raises `NotFound`."""
    with database.read() as session:
        return _members(session, [_account(session, agent_id)])[0]


def names(database: Database) -> dict[str, str]:
    """What everybody is called, by id."""
    with database.read() as session:
        return {row.id: row.name for row in session.scalars(select(AgentRow))}


def by_login(database: Database, login: str) -> str:
    """The id behind a log-in. Raises `NotFound`."""
    with database.read() as session:
        found = session.scalar(select(AgentRow.id).where(AgentRow.login == login))
    if found is None:
        raise NotFound(f"There is no account {login!r}.")
    return found


def change(database: Database, agent_id: str, details: Details, *, by: str | None) -> None:
    """Give somebody another name, role, address or teams. Raises `Unreadable` naming the field, `NotFound`.

    Whoever gets another role logs in again, everywhere: a cookie that was copied before can do no more than it could.
    """
    tidy = checked(details)
    with database.write() as session:
        admins, row = _admins(session), _account(session, agent_id)
        if row.role == Role.ADMIN and tidy.role is not Role.ADMIN:
            _check_not_last_admin(row, admins, "role")
        _check_free(session, tidy, but=agent_id)
        if row.role != tidy.role:
            trail.write_down(session, by, "changed_role", f"{agent_id} {row.role} {tidy.role.value}")
            row.role = tidy.role.value
            logins.end_all(session, agent_id)
        if (row.name, row.email, row.subject) != (tidy.name, tidy.email, tidy.subject):
            row.name, row.email, row.subject = tidy.name, tidy.email, tidy.subject
            trail.write_down(session, by, "changed_person", agent_id)
        if teams.put(session, agent_id, tidy.teams):
            trail.write_down(session, by, "changed_teams", agent_id)


def set_role(database: Database, agent_id: str, role: Role, *, by: str | None) -> None:
    """Change the role alone. Raises as `change` does."""
    now_is = member(database, agent_id)
    wanted = Details(now_is.name, role, now_is.email, now_is.subject, [team.id for team in now_is.teams])
    change(database, agent_id, wanted, by=by)


def close(session: Session, agent_id: str, *, by: str | None) -> AgentRow:
    """Close an account and end its log-ins, in the caller's transaction (`handoff.conversations.leaving` lets go what the person has).

    Raises `NotFound`, and `Unreadable` for the last admin.
    """
    admins, row = _admins(session), _account(session, agent_id)
    if row.active:
        if row.role == Role.ADMIN:
            _check_not_last_admin(row, admins, "active")
        row.active, row.availability = False, Availability.AWAY.value
        trail.write_down(session, by, "closed_person", agent_id)
    logins.end_all(session, agent_id)
    return row


def reopen(database: Database, agent_id: str, *, by: str | None) -> None:
    """The person may log in again, as before. Raises `NotFound`."""
    with database.write() as session:
        row = _account(session, agent_id)
        if not row.active:
            row.active = True
            trail.write_down(session, by, "reopened_person", agent_id)


def reset_code(database: Database, agent_id: str, *, by: str | None) -> None:
    """Turn the person's second step off, as when the phone is lost, and end the log-ins. Raises `NotFound`."""
    with database.write() as session:
        _account(session, agent_id)
        if codes.turn_off(session, agent_id):
            logins.end_all(session, agent_id)
            trail.write_down(session, by, "reset_code", agent_id)


def checked(details: Details) -> Details:
    """The details, tidied. Raises `Unreadable` naming the field and what is to mend."""
    subject = details.subject.strip() if details.subject else None
    if subject and (len(subject.rpartition(SPACE)[2]) > LONGEST_SUBJECT or not subject.isprintable() or subject.count(SPACE) != 1):
        raise Unreadable("The OpenID subject is one word of up to 255 characters.", code="bad_subject", field="subject")
    return Details(tidy_name(details.name), details.role, _email(details.email), subject or None, tuple(details.teams))


def tidy_name(name: str) -> str:
    """A name as customers will read it. Raises `Unreadable`."""
    tidy = " ".join(name.split())
    if not tidy or not tidy.isprintable():
        raise Unreadable("The person needs a name.", code="no_name", field="name")
    if len(tidy) > LONGEST:
        raise Unreadable(f"The name has {len(tidy)} characters; up to {LONGEST} fit.", code="long_name", field="name")
    return tidy


def add(session: Session, login: str, tidy: Details) -> AgentRow:
    """A new account without a password, in the caller's transaction. Raises `Unreadable` for a log-in, address or subject that is taken."""
    name = login.strip()
    if not name or len(name) > LONGEST or not name.isprintable() or SPACE in name:
        raise Unreadable("A log-in is one word of up to 100 characters.", code="bad_login", field="login")
    if session.scalar(select(AgentRow.id).where(func.lower(AgentRow.login) == name.lower())) is not None:
        raise Unreadable(f"The login {name!r} is taken.", code="login_taken", field="login")
    _check_free(session, tidy, but=None)
    row = AgentRow(login=name, name=tidy.name, role=tidy.role.value, email=tidy.email, subject=tidy.subject, password_hash="")
    session.add(row)
    try:
        session.flush()
    except IntegrityError:  # two make it at once on PostgreSQL
        raise Unreadable(f"The login {name!r} is taken.", code="login_taken", field="login") from None
    teams.put(session, row.id, tidy.teams)
    return row


def _account(session: Session, agent_id: str) -> AgentRow:
    row = session.get(AgentRow, agent_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such account.")
    return row


def _admins(session: Session) -> Sequence[AgentRow]:
    """Locked, and before anybody else is: of two admins who demote each other one is refused."""
    return session.scalars(select(AgentRow).where(AgentRow.role == Role.ADMIN.value, AgentRow.active).order_by(AgentRow.id).with_for_update()).all()


def _check_not_last_admin(row: AgentRow, admins: Sequence[AgentRow], field_name: str) -> None:
    """Somebody must be able to look after accounts."""
    if row.active and not any(other.id != row.id and not _invited(other) for other in admins):
        raise Unreadable("There must be one admin. Make somebody else admin first.", code="last_admin", field=field_name)


def _check_free(session: Session, details: Details, *, but: str | None) -> None:
    for name, value in (("email", details.email), ("subject", details.subject)):
        taken = select(AgentRow.id).where(getattr(AgentRow, name) == value, AgentRow.id != (but or ""))
        if value and session.scalar(taken) is not None:
            raise Unreadable(f"Another account has this {name}.", code=f"{name}_taken", field=name)


def _email(written: str | None) -> str | None:
    if not written or not written.strip():
        return None
    try:
        return validate_email(written.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise Unreadable("This is no e-mail address.", code="bad_email", field="email") from None


def _invited(row: AgentRow) -> bool:
    return not row.password_hash and row.seen_at is None


def _members(session: Session, rows: Sequence[AgentRow]) -> list[Member]:
    of: dict[str, list[Team]] = {row.id: [] for row in rows}
    belongs = select(TeamMemberRow.agent_id, TeamRow.id, TeamRow.name, TeamRow.accept_seconds).join(TeamRow, TeamRow.id == TeamMemberRow.team_id)
    for agent_id, *team in session.execute(belongs.where(TeamMemberRow.agent_id.in_(of)).order_by(TeamRow.name)):
        of[agent_id].append(Team(*team))
    return [
        Member(
            id=row.id,
            login=row.login,
            name=row.name,
            role=Role(row.role),
            email=row.email,
            subject=row.subject,
            active=row.active,
            invited=_invited(row),
            has_code=row.totp_secret is not None,
            seen_at=row.seen_at,
            teams=of[row.id],
            capacity=row.capacity,
        )
        for row in rows
    ]
