"""A talk that only the bot had comes to no end: whoever has their answer simply goes. After a while of silence it is taken to be over.

Nothing is closed by that, since who comes back just goes on: the state stays, nobody reads that anything has ended, and figures keep their own longer pause.
Only the question how it was is asked then (`surveys`), and only where the bot's last turn was an answer; a thank-you after it changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.understanding import Turn
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, EventRow, OwedReplyRow
from handoff.database import Database, now
from handoff.putting import change

AFTER = "quiet_after"  # what a session knows the operator's choice as
CHAT = "web"
TOO_LATE = timedelta(hours=12)  # the house was down meanwhile: who is asked now about this morning wonders why


def keep_after(database: Database, after: timedelta) -> None:
    """From now on a silence of so long ends a talk with the bot; of no length, none does."""
    database.about[AFTER] = after


def follow(session: Session, row: ConversationRow, turn: Turn, *, failed: bool) -> None:
    """The bot has spoken: an answer begins the silence that ends the talk, small talk begins it anew, everything else waits for the customer. The row must be
    locked."""
    after: timedelta | None = session.info.get(AFTER)
    if not after or row.state != State.BOT or row.channel != CHAT:
        return
    action = turn.reading.action if turn.reading else None
    answered = action in (None, "answer") and any(reply.entry_id for reply in turn.replies)
    goes_on = row.survey_at is not None and action in (None, "smalltalk")
    due = now() + after if not failed and (answered or goes_on) else None
    if due != row.survey_at:
        change(session, row, survey_at=due)


def is_over(session: Session, row: ConversationRow) -> bool:
    """Whether the silence that was waited for has come true: nobody wrote since and nothing is owed. Looked at too early, it is put off. The row must be
    locked."""
    after: timedelta | None = session.info.get(AFTER)
    said_at = _bot_spoke_last(session, row)
    row.survey_at = said_at + after if after and said_at is not None else None
    if after is None or row.survey_at is None or row.survey_at > now():
        return False
    if now() - row.survey_at > TOO_LATE:
        row.survey_at = None
        return False
    return True


def _bot_spoke_last(session: Session, row: ConversationRow) -> datetime | None:
    """When, if nobody has spoken since and nothing is owed."""
    said = select(EventRow.actor, EventRow.at).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value)
    last = session.execute(said.order_by(EventRow.number.desc()).limit(1)).first()
    owed = exists().where(OwedReplyRow.conversation_id == row.id, OwedReplyRow.paid_at.is_(None))
    return last.at if last is not None and last.actor == "bot" and not session.scalar(select(owed)) else None
