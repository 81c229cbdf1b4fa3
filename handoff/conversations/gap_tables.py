"""Questions that were not answered, and the groups of those that ask the same. No text stands here: it is read where it was said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table, new_id, now
from handoff.sealed import SealedBytes

DISMISSED = "dismissed"
UNTOLD = ""  # the form of a group of which nothing says any more where it lies


class GapRow(Table):
    """Questions that ask the same, of which the answers know nothing yet. What stays of a group when its questions are erased says nothing of anybody."""

    __tablename__ = "gap"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(String(10), default="open", index=True)  # open, dismissed, answered
    form: Mapped[str] = mapped_column(String(40))  # of sketches: those of another form can't be compared
    mean: Mapped[bytes] = mapped_column(SealedBytes("gap.mean"))  # where its questions lie, for new ones that ask the same
    middle_id: Mapped[str | None] = mapped_column(String(40))  # the message that says best what all ask, while there is one
    entry_id: Mapped[str | None] = mapped_column(String(120))  # the entry that an editor has given it, or that answers it
    reason: Mapped[str | None] = mapped_column(String(20))  # why it was dismissed, where somebody said so
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[str | None] = mapped_column(String(40))  # id of an account; None for what came by itself
    nearest_id: Mapped[str | None] = mapped_column(String(120))  # the entry that was likeliest when it was last asked
    nearest_chance: Mapped[float | None]
    nearest_action: Mapped[str | None] = mapped_column(String(12))  # what a customer gets now
    asked_revision: Mapped[int] = mapped_column(default=-1)  # of all entries, when that was
    asked_size: Mapped[int] = mapped_column(default=0)

    def empty(self) -> None:
        """Forget where its questions lie: one of them is gone. The others say it anew."""
        self.form, self.mean = UNTOLD, b""


class GapQuestionRow(Table):
    """One message that was not answered well. It goes with its conversation."""

    __tablename__ = "gap_question"

    message_id: Mapped[str] = mapped_column(String(40), ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    gap_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("gap.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(String(2))
    cause: Mapped[str] = mapped_column(String(10))  # handoff.conversations.unanswered.Cause
    form: Mapped[str | None] = mapped_column(String(40))  # of the sketch; None: not read yet
    sketch: Mapped[bytes | None] = mapped_column(SealedBytes("gap_question.sketch"))  # None, although read: it asks nothing


class GapLookRow(Table):
    """One row: how far the looking has come, and who is at it."""

    __tablename__ = "gap_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    claimed_until: Mapped[datetime | None]
    looked_to: Mapped[datetime | None]  # what changed before has been seen
    looked_at: Mapped[datetime | None]  # when it was last done
    wanted_at: Mapped[datetime | None]  # an editor asked for a look
    revision: Mapped[int] = mapped_column(default=-1)  # of the entries, then
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
