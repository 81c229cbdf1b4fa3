"""The rows of messengers: who writes there, which conversations are theirs, and which messages have been taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from handoff.conversations.tables import CONVERSATION
from handoff.database import Table, new_id, now
from handoff.sealed import SealedText


class ChannelSenderRow(Table):
    """Somebody at a messenger. Found by a mark that only the house's key makes of their id there; the address itself is sealed."""

    __tablename__ = "channel_sender"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(20))
    mark: Mapped[int] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(SealedText("channel_sender.address"))
    sender: Mapped[str | None] = mapped_column(SealedText("channel_sender.sender"))  # that id, so that a newer key can mark it; None before it was kept
    heard_at: Mapped[datetime] = mapped_column(default=now)
    blocked_at: Mapped[datetime | None]  # they want nothing more from us there; None again when they write

    __table_args__ = (UniqueConstraint("channel", "mark", name="uq_channel_sender_mark"),)


class ChannelTalkRow(Table):
    """A conversation that is held at a messenger, and with whom. It goes with the conversation's words."""

    __tablename__ = "channel_talk"

    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), primary_key=True)
    sender_id: Mapped[str] = mapped_column(String(40), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)


class ChannelMessageRow(Table):
    """A message of a messenger that has been taken, by a hash of its id there: however often it comes, it stays with the conversation it came to first.
    It outlives an erasure, so that a repeat brings nothing back."""

    __tablename__ = "channel_message"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(default=now, index=True)
