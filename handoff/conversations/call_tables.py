"""The row of a call that was promised."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.database import Table, new_id, now


class Step(StrEnum):
    """Where a call stands."""

    OPEN = "open"
    DONE = "done"
    UNREACHED = "unreached"
    WRONG = "wrong"  # the number is somebody else's, or nobody's
    CANCELLED = "cancelled"  # by the customer


class CallRow(Table):
    """One call. The number stands in the conversation's row."""

    __tablename__ = "phone_call"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey("conversation.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(9), default=Step.OPEN.value)
    tries: Mapped[int] = mapped_column(default=0)  # that nobody answered
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_phone_call_conversation_id", "conversation_id"),
        Index("ix_phone_call_open", "starts", sqlite_where=text("step = 'open'"), postgresql_where=text("step = 'open'")),
    )


def open_call(session: Session, conversation_id: str) -> CallRow | None:
    """The call that a conversation waits for."""
    return session.scalar(select(CallRow).where(CallRow.conversation_id == conversation_id, CallRow.step == Step.OPEN.value))
