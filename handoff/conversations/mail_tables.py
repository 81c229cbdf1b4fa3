"""The rows of letters: which one belongs to which conversation, how a reply finds it, and how far a box has been read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from handoff.conversations.tables import CONVERSATION
from handoff.database import Table, new_id, now
from handoff.sealed import SealedText

IN, OUT = "in", "out"


class MailThreadRow(Table):
    """A conversation that goes on by letter: what it is about, and the random word in the address that a reply comes back to."""

    __tablename__ = "mail_thread"

    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str] = mapped_column(SealedText("mail_thread.subject"), default="")
    word_hash: Mapped[str] = mapped_column(String(64), unique=True)
    word: Mapped[str] = mapped_column(SealedText("mail_thread.word"))


class MailRow(Table):
    """One letter, come or sent. `mark` is the hash of its Message-ID: the same letter of the same box is one row, and so one message."""

    __tablename__ = "mail"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)  # of a letter of ours: its outbox row's
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    event_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("event.id", ondelete="CASCADE"), index=True)
    direction: Mapped[str] = mapped_column(String(3))
    box: Mapped[str] = mapped_column(String(200), default="")  # that it was read from; empty for what we send
    mark: Mapped[str] = mapped_column(String(64), index=True)
    message_id: Mapped[str] = mapped_column(SealedText("mail.message_id"))
    first: Mapped[int] = mapped_column(default=0)  # numbers of the messages that a letter of ours carries
    upto: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    answer_due_at: Mapped[datetime | None] = mapped_column(index=True)  # the bot owes it a look

    __table_args__ = (UniqueConstraint("box", "mark", name="uq_mail_box_mark"),)


class MailBoxRow(Table):
    """A box that is read, by one process at a time, and how far."""

    __tablename__ = "mail_box"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    validity: Mapped[int | None] = mapped_column(BigInteger)  # the box's own generation of numbers (UIDVALIDITY)
    last: Mapped[int] = mapped_column(BigInteger, default=0)  # number (UID) of the newest letter that was taken
    taken: Mapped[int] = mapped_column(default=0)
    held_by: Mapped[str | None] = mapped_column(String(40))
    held_until: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # when it was last looked through to its end
    failing_since: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(300))
