"""Accounts, log-ins and who is here now."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table, new_id, now


class Role(StrEnum):
    """What a person is here; what each may do stands in `handoff.accounts.permissions`."""

    AGENT = "agent"
    EDITOR = "editor"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Availability(StrEnum):
    """Chosen by the agent; away comes by itself when the browser is gone."""

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"


class AgentRow(Table):
    """One person of the company."""

    __tablename__ = "agent"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(100))  # what customers see
    role: Mapped[str] = mapped_column(String(12), default=Role.AGENT.value)
    email: Mapped[str | None] = mapped_column(String(320), unique=True)  # in small letters; an OpenID provider may vouch for it
    subject: Mapped[str | None] = mapped_column(String(500), unique=True)  # who an OpenID provider says it is: issuer, space, subject
    password_hash: Mapped[str] = mapped_column(String(200))  # empty: no password opens this account
    totp_secret: Mapped[str | None] = mapped_column(String(300))  # encrypted; None: no second step
    totp_pending: Mapped[str | None] = mapped_column(String(300))  # encrypted; shown to the person, not confirmed yet
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")  # of the last code taken: none is taken twice
    language: Mapped[str | None] = mapped_column(String(2))  # chosen for our pages; None: the browser's cookie decides
    theme: Mapped[str | None] = mapped_column(String(5))  # handoff.accounts.own.Theme; None: the browser remembers by itself
    active: Mapped[bool] = mapped_column(default=True)
    availability: Mapped[str] = mapped_column(String(10), default=Availability.AWAY.value)
    seen_at: Mapped[datetime | None]  # last sign of the browser
    capacity: Mapped[int | None]  # conversations at once; None is no limit
    created_at: Mapped[datetime] = mapped_column(default=now)


class LoginRow(Table):
    """One logged-in browser, or one that still owes the second step. Only a hash of the cookie's token is kept."""

    __tablename__ = "login"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime] = mapped_column(default=now)
    waits_for: Mapped[str | None] = mapped_column(String(10))  # handoff.accounts.logins.Step; None: the person is in
    way: Mapped[str] = mapped_column(String(10), default="password", server_default="password")  # handoff.accounts.logins.Way
    address: Mapped[str | None] = mapped_column(String(45))
    device: Mapped[str | None] = mapped_column(String(400))  # what the browser calls itself


class RecoveryCodeRow(Table):
    """Opens the second step once, when the phone is lost. Only a hash is kept."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime | None]


class InvitationRow(Table):
    """A link with which a person chooses a password, once. Only a hash of the token in it is kept."""

    __tablename__ = "invitation"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class TeamRow(Table):
    """People who share a kind of work."""

    __tablename__ = "team"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    accept_seconds: Mapped[int | None]  # its conversations are given out one by one, with so long to accept; None: anybody takes them
    walled: Mapped[bool] = mapped_column(default=False, server_default=false())  # only its people and supervisors look into its conversations
    created_at: Mapped[datetime] = mapped_column(default=now)


class TeamMemberRow(Table):
    """Somebody belongs to a team."""

    __tablename__ = "team_member"

    team_id: Mapped[str] = mapped_column(String(40), ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True, index=True)


class AuditRow(Table):
    """Who did what, without the data itself. Written by `handoff.accounts.trail` only, which chains each row to the one before."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now)
    agent_id: Mapped[str | None] = mapped_column(String(40))
    act: Mapped[str] = mapped_column(String(60))
    target: Mapped[str | None] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(45))  # of the browser, for log-ins
    previous: Mapped[str] = mapped_column(String(64), default="", server_default="")  # the hash of the row before
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")

    __table_args__ = (Index("ix_audit_at", "at"), Index("ix_audit_target", "target", "agent_id"))


class AuditHeadRow(Table):
    """The newest row of the trail. Whoever writes locks it, so numbers and hashes never fork, and a cut-off end shows."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class LoginTryRow(Table):
    """One wrong try, or that somebody came in (`handoff.accounts.attempts`). Of addresses and log-ins stand numbers that only the house's key makes."""

    __tablename__ = "login_try"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    place: Mapped[int] = mapped_column(BigInteger, index=True)  # from where
    name: Mapped[int] = mapped_column(BigInteger, index=True)  # at which log-in
    person: Mapped[int] = mapped_column(BigInteger, index=True)  # both together
    came_in: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now, index=True)
