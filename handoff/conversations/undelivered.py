"""Letters that wait or could not be sent, for the operator; what is dead can be sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.conversations.mail_tables import MailRow
from handoff.conversations.store import ERASED
from handoff.database import Database, now
from handoff.outbox import LETTERS, OutboxRow

MOST = 100  # dead letters that are shown


@dataclass(frozen=True)
class Dead:
    """A letter that was given up. `again`: it can still be sent; of others the words are gone already."""

    id: str
    conversation_id: str | None
    since: datetime
    error: str
    again: bool


@dataclass(frozen=True)
class Post:
    """How sending stands: letters that wait, since when the oldest does, and how many went out within a day."""

    waiting: int
    oldest: datetime | None
    sent: int
    problem: str | None
    dead: Sequence[Dead]


def post(database: Database) -> Post:
    """How letters stand now."""
    letters = OutboxRow.kind.in_(LETTERS)
    owed = (letters, OutboxRow.delivered_at.is_(None), OutboxRow.dead_at.is_(None))
    with database.read() as session:
        waiting, oldest = session.execute(select(func.count(), func.min(OutboxRow.made_at)).where(*owed)).one()
        recent = select(func.count()).select_from(OutboxRow).where(letters, OutboxRow.delivered_at > now() - timedelta(days=1))
        stuck = select(OutboxRow.last_error).where(*owed, OutboxRow.last_error.is_not(None)).order_by(OutboxRow.next_at.desc()).limit(1)
        gone = select(OutboxRow).where(letters, OutboxRow.dead_at.is_not(None), OutboxRow.last_error != ERASED).order_by(OutboxRow.dead_at.desc()).limit(MOST)
        dead = [_dead(row) for row in session.scalars(gone)]
        return Post(waiting, oldest, session.scalar(recent) or 0, session.scalar(stuck), dead)


def send_again(database: Database, letter_id: str | None = None, *, by: str | None) -> int:
    """Owe what is dead once more, this letter or all that can be; gives how many. It is the same letter: who got it already is shown it once."""
    wanted = select(OutboxRow).where(OutboxRow.kind.in_(LETTERS), OutboxRow.dead_at.is_not(None), OutboxRow.last_error != ERASED)
    if letter_id is not None:
        wanted = wanted.where(OutboxRow.id == letter_id)
    with database.write() as session:
        rows = [row for row in session.scalars(wanted.with_for_update()).all() if row.payload]
        for row in rows:
            _owe_again(session, row)
        if rows:
            trail.write_down(session, by, "sent_letters_again", str(len(rows)))
        return len(rows)


def _owe_again(session: Session, row: OutboxRow) -> None:
    row.dead_at, row.attempts, row.next_at = None, 0, now()
    mail = session.get(MailRow, row.id)
    if mail is not None:
        mail.failed_at = None


def _dead(row: OutboxRow) -> Dead:
    return Dead(row.id, row.payload.get("conversation_id"), row.dead_at or row.made_at, row.last_error or "", bool(row.payload))
