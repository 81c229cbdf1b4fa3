"""Complaints, and by when the law wants them answered.

A trader answers a consumer's complaint within 15 days of getting it (Consumer Protection Act of Estonia, on complaints to the trader), counted in calendar
days from the day after. A last day that is free would move to the next working day; the earlier one is told, it is right in either case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handoff.contract import Reason
from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow, EventRow, HandoffRow
from handoff.database import Database

ANSWER_DAYS = 15
TAG = "kaebus"  # put on by itself when the bot hands a complaint over, and by agents who see one


@dataclass(frozen=True)
class Complaint:
    """When it came, and the last day to answer it."""

    since: datetime
    due: date


def due(since: datetime, zone: ZoneInfo) -> date:
    """The last day to answer what came at this moment, by the calendar of the house."""
    return since.astimezone(zone).date() + timedelta(days=ANSWER_DAYS)


def complaint(database: Database, conversation_id: str, zone: ZoneInfo) -> Complaint | None:
    """The conversation's complaint, None when there is none. An agent who takes the tag off says that it was none. Raises `NotFound`."""
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        since = _since(session, row) if TAG in map(str.casefold, row.tags) else None
    return Complaint(since, due(since, zone)) if since else None


def _since(session: Session, row: ConversationRow) -> datetime:
    """The first time that somebody saw a complaint in it."""
    asked = session.scalar(select(func.min(HandoffRow.requested_at)).where(HandoffRow.conversation_id == row.id, HandoffRow.reason == Reason.COMPLAINT.value))
    tags = session.scalars(select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.TAGGED.value))
    tagged = [event.at for event in tags if event.body["tag"].casefold() == TAG]
    return min([*([asked] if asked else []), *tagged], default=row.created_at)
