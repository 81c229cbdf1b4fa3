"""How boxes of letters stand: who reads them, how far, whether they can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from handoff.conversations.arriving import box_row
from handoff.conversations.mail_tables import MailBoxRow
from handoff.database import Database, now

HELD = timedelta(seconds=90)  # one process reads a box; when it is gone, the next one may after this time


def claim(database: Database, box: str, by: str) -> MailBoxRow | None:
    """Read on for a while; None where another process does. The row says how far it is."""
    with database.write() as session:
        row = box_row(session, box)
        if row.held_by != by and row.held_until is not None and row.held_until > now():
            return None
        row.held_by, row.held_until = by, now() + HELD
        return row


def release(database: Database, box: str, by: str) -> None:
    """Another process may read on at once."""
    with database.write() as session:
        row = box_row(session, box)
        if row.held_by == by:
            row.held_by = row.held_until = None


def note_read(database: Database, box: str, *, validity: int, upto: int) -> None:
    """It was looked through to its end."""
    with database.write() as session:
        row = box_row(session, box)
        row.last = upto if row.validity != validity else max(row.last, upto)
        row.validity, row.read_at = validity, now()
        row.failing_since = row.problem = None


def note_problem(database: Database, box: str, problem: str) -> None:
    """It can't be read now."""
    with database.write() as session:
        row = box_row(session, box)
        row.failing_since, row.problem = row.failing_since or now(), problem[:300]


def standing(database: Database) -> Sequence[MailBoxRow]:
    """All boxes that were ever read."""
    with database.read() as session:
        return session.scalars(select(MailBoxRow).order_by(MailBoxRow.id)).all()
