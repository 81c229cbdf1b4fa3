"""Entries and their revisions, who writes in them now, ids that they once had, and what readers of the help page say of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from handoff.database import Table, now
from handoff.placing import NAMED_BY
from handoff.sealed import SealedJson, SealedText


class EntryRow(Table):
    """The present form of an entry. `content` is what `data/faq` holds, as `bot.plain` writes it."""

    __tablename__ = "entry"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    topic: Mapped[str] = mapped_column(String(80), default="")
    status: Mapped[str] = mapped_column(String(12), default="draft")  # draft, published, archived
    revision: Mapped[int] = mapped_column(default=1)  # of this entry; a save must name the one it began from
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("entry.content"))  # sealed: a draft may have been made of somebody's talk
    # the content that is answered from; a draft change does not touch it. None is no value at all: JSON's own null would count as one
    published: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    conversation_id: Mapped[str | None] = mapped_column(String(40))  # the talk it was saved from
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[str | None] = mapped_column(String(40))
    written_by: Mapped[str | None] = mapped_column(String(40))  # who wrote the words in `content`; None where nobody was asked yet: `changed_by`
    review_at: Mapped[datetime | None]  # since when the words wait for somebody else to look at them; None where they don't
    review_note: Mapped[str | None] = mapped_column(Text)  # why they were sent back last
    merged_into: Mapped[str | None] = mapped_column(String(120))  # of an archived entry: where its wordings went
    published_at: Mapped[datetime | None]  # since when `published` is as it is; None where that was never written down

    @validates("published")
    def _note_when(self, _name: str, content: dict[str, Any] | None) -> dict[str, Any] | None:
        if content != self.published:
            self.published_at = now()
        return content


class EntryRevisionRow(Table):
    """Every form an entry has had."""

    __tablename__ = "entry_revision"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry_id: Mapped[str] = mapped_column(String(120), ForeignKey("entry.id", ondelete="CASCADE"))
    revision: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("entry_revision.content"))
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str | None] = mapped_column(String(40))
    act: Mapped[str | None] = mapped_column(String(20))  # what was done in a word, see `handoff.entries.acts`; None before there were such words
    note: Mapped[str | None] = mapped_column(Text)  # a comment, or the entry that it is about

    __table_args__ = (UniqueConstraint("entry_id", "revision"), {"info": {NAMED_BY: ("entry_id", "revision")}})


class HintAsideRow(Table):
    """A hint of this rule about this entry is not to be shown: an editor said that it is meant so."""

    __tablename__ = "hint_aside"

    entry_id: Mapped[str] = mapped_column(String(120), ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(40), primary_key=True)
    by: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(default=now)


class EntryAliasRow(Table):
    """An id that an entry had before it was renamed or merged: addresses, ratings and decisions of that time name it."""

    __tablename__ = "entry_alias"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(120), index=True)


class EntryPresenceRow(Table):
    """Somebody has the entry open in the editor; a sign of seconds."""

    __tablename__ = "entry_presence"

    entry_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=now, index=True)
    writing: Mapped[bool] = mapped_column(default=False)  # has words there that are not saved


class CatalogueRow(Table):
    """One row: the number that grows with every published change. Workers compare it and follow."""

    __tablename__ = "catalogue"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
    day: Mapped[date | None]  # up to which it was looked at for entries that come and go by the calendar


class HelpRatingRow(Table):
    """How many readers an entry's page helped on a day, and how many not. Who they were is not known."""

    __tablename__ = "help_rating"

    entry_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)  # of the page
    day: Mapped[date] = mapped_column(primary_key=True)
    helpful: Mapped[int] = mapped_column(default=0)
    unhelpful: Mapped[int] = mapped_column(default=0)


class HelpMarkRow(Table):
    """Somebody has rated this entry today: a hash that nobody can lead back once the day's salt is gone, and which goes with it."""

    __tablename__ = "help_mark"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    helpful: Mapped[bool | None]  # what was said last; None before the first word


class HelpSaltRow(Table):
    """What today's marks are made with."""

    __tablename__ = "help_salt"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[str] = mapped_column(SealedText("help_salt.salt"))


class HelpCommentRow(Table):
    """What a reader wrote about an answer, personal data masked."""

    __tablename__ = "help_comment"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry_id: Mapped[str] = mapped_column(String(120), index=True)
    language: Mapped[str] = mapped_column(String(2))
    helpful: Mapped[bool]
    text: Mapped[str] = mapped_column(SealedText("help_comment.text"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)

    __table_args__ = {"info": {NAMED_BY: ("entry_id", "language")}}  # noqa: RUF012  (SQLAlchemy reads it so)
