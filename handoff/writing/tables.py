"""Rows of reply templates and of words that an agent wants left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table, new_id, now


class ReplyTemplateRow(Table):
    """Words kept ready. With `owner_id` they are one agent's, with `team_id` a team's, with neither everybody's."""

    __tablename__ = "reply_template"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(100))
    shortcut: Mapped[str] = mapped_column(String(30), default="")
    texts: Mapped[dict[str, Any]]  # language → words
    tags: Mapped[list[str]] = mapped_column(default=list)
    owner_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    team_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("team.id", ondelete="CASCADE"), index=True)
    needs_identity: Mapped[bool | None]  # for verified customers only
    uses: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[str | None] = mapped_column(String(40))
    removed_at: Mapped[datetime | None]  # rows stay, so that a house that wants no starter templates does not get them again


class KnownWordRow(Table):
    """A word that an agent has told the proofreader to pass over; in small letters."""

    __tablename__ = "known_word"

    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
