"""Accounts, log-ins and who is here now."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table, new_id, now


class Role(StrEnum):
    """What a person may do. Agents answer, editors write entries, supervisors do both and see figures, admins also make accounts."""

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
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    availability: Mapped[str] = mapped_column(String(10), default=Availability.AWAY.value)
    seen_at: Mapped[datetime | None]  # last sign of the browser
    created_at: Mapped[datetime] = mapped_column(default=now)


class LoginRow(Table):
    """One logged-in browser. Only a hash of the cookie's token is kept."""

    __tablename__ = "login"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime] = mapped_column(default=now)


class AuditRow(Table):
    """Who did what, without the data itself."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now)
    agent_id: Mapped[str | None] = mapped_column(String(40))
    act: Mapped[str] = mapped_column(String(60))
    target: Mapped[str | None] = mapped_column(String(200))
