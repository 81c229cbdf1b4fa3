"""Entries and their revisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table, now


class EntryRow(Table):
    """The present form of an entry. `content` is what `data/faq` holds: question, answer, examples, translations, tags."""

    __tablename__ = "entry"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    topic: Mapped[str] = mapped_column(String(80), default="")
    status: Mapped[str] = mapped_column(String(12), default="draft")  # draft, published, archived
    revision: Mapped[int] = mapped_column(default=1)  # of this entry; a save must name the one it began from
    content: Mapped[dict[str, Any]]
    published: Mapped[dict[str, Any] | None]  # the content that is answered from; a draft change does not touch it
    conversation_id: Mapped[str | None] = mapped_column(String(40))  # the talk it was saved from
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[str | None] = mapped_column(String(40))


class EntryRevisionRow(Table):
    """Every form an entry has had."""

    __tablename__ = "entry_revision"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry_id: Mapped[str] = mapped_column(String(120), ForeignKey("entry.id", ondelete="CASCADE"))
    revision: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (UniqueConstraint("entry_id", "revision"),)


class HintAsideRow(Table):
    """A hint of this rule about this entry is not to be shown: an editor said that it is meant so."""

    __tablename__ = "hint_aside"

    entry_id: Mapped[str] = mapped_column(String(120), ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(40), primary_key=True)
    by: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(default=now)


class CatalogueRow(Table):
    """One row: the number that grows with every published change. Workers compare it and follow."""

    __tablename__ = "catalogue"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
