"""What readers of the help page say of an answer: counts by day and language, and a few words where they wish.

Nobody is known. Who presses ten times counts once a day: what is known of the sender is hashed with a salt of the day, and both are deleted the
day after.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select

from handoff.database import Database, locked, now
from handoff.entries.tables import EntryAliasRow, HelpCommentRow, HelpMarkRow, HelpRatingRow, HelpSaltRow

LONGEST = 1_000  # characters of a comment
MOST_COMMENTS = 20


@dataclass(frozen=True)
class Said:
    """How many an answer helped, and how many not."""

    helpful: int = 0
    unhelpful: int = 0


@dataclass(frozen=True)
class Comment:
    """Words about an answer."""

    entry_id: str
    language: str
    helpful: bool
    text: str
    at: datetime


def rate(database: Database, entry_id: str, language: str, *, helpful: bool, sender: str, today: date) -> None:
    """Count it. `sender` is whatever tells senders apart; the same one counts once a day for an entry in a language, with what was said last."""
    with database.write() as session:
        salt = locked(session, HelpSaltRow, today, day=today, salt=secrets.token_urlsafe(32)).salt
        mark = hmac.new(salt.encode(), f"{entry_id}\0{language}\0{sender}".encode(), hashlib.sha256).hexdigest()
        before = locked(session, HelpMarkRow, mark, mark=mark, day=today, helpful=None)
        if before.helpful is helpful:
            return
        key = (entry_id, language, today)
        counts = locked(session, HelpRatingRow, key, entry_id=entry_id, language=language, day=today, helpful=0, unhelpful=0)
        counts.helpful = max(0, counts.helpful + (1 if helpful else -(before.helpful is True)))
        counts.unhelpful = max(0, counts.unhelpful + (-(before.helpful is False) if helpful else 1))
        before.helpful = helpful


def comment(database: Database, entry_id: str, language: str, *, helpful: bool, text: str) -> None:
    """Keep a reader's words; personal data in them has been masked before."""
    with database.write() as session:
        session.add(HelpCommentRow(entry_id=entry_id, language=language, helpful=helpful, text=text[:LONGEST]))


def rated(database: Database, since: date) -> dict[str, Said]:
    """By entry, under the id that it has now; one that nobody rated is left out."""
    sums = select(HelpRatingRow.entry_id, func.sum(HelpRatingRow.helpful), func.sum(HelpRatingRow.unhelpful)).where(HelpRatingRow.day >= since)
    found: dict[str, Said] = {}
    with database.read() as session:
        moved = {alias.id: alias.entry_id for alias in session.scalars(select(EntryAliasRow))}
        for entry_id, up, down in session.execute(sums.group_by(HelpRatingRow.entry_id)):
            present = moved.get(entry_id, entry_id)
            before = found.get(present, Said())
            found[present] = Said(before.helpful + int(up), before.unhelpful + int(down))
    return found


def comments(database: Database, entry_id: str) -> list[Comment]:
    """The latest words about an entry, newest first."""
    with database.read() as session:
        old = session.scalars(select(EntryAliasRow.id).where(EntryAliasRow.entry_id == entry_id)).all()
        query = select(HelpCommentRow).where(HelpCommentRow.entry_id.in_([entry_id, *old])).order_by(HelpCommentRow.at.desc(), HelpCommentRow.id.desc())
        return [Comment(row.entry_id, row.language, row.helpful, row.text, row.at) for row in session.scalars(query.limit(MOST_COMMENTS))]


def forget(database: Database, *, today: date, keep_days: int) -> None:
    """Delete the marks and salts of days before today, and comments that have been kept for as long as conversations are."""
    with database.write() as session:
        session.execute(delete(HelpMarkRow).where(HelpMarkRow.day < today))
        session.execute(delete(HelpSaltRow).where(HelpSaltRow.day < today))
        session.execute(delete(HelpCommentRow).where(HelpCommentRow.at < now() - timedelta(days=keep_days)))
