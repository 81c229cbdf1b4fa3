"""The trail: who saw and did what. Rows are only ever added, each with the hash of the one before, so a row that was changed or taken out shows.

Of customers it holds ids and nothing else. What is older than the operator keeps is cut off at the old end, and the cut is written down with the
hash it ends in, so that a cut of anybody else's shows too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from handoff.accounts.tables import AuditHeadRow, AuditRow
from handoff.database import Database, changed, locked, now

HEAD = 1  # the one row of the head's table
OPENED = "opened_conversation"
REFUSED = "refused_role"
CUT = "cut_trail"
SAME_READING = timedelta(hours=1)
TARGET_LENGTH = 200  # of the column
BATCH = 1_000  # rows that a check holds at once


@dataclass(frozen=True)
class Wanted:
    """Which rows: everything that is None matches all. `since` is included, `until` is not."""

    agent_id: str | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Checked:
    """What a check found: how many rows fit together, and the number of the first that does not (None: all do)."""

    rows: int
    broken_at: int | None


def write_down(session: Session, agent_id: str | None, act: str, target: str | None = None, *, address: str | None = None) -> None:
    """Add a row, in the caller's transaction. `agent_id` is None for what the house or the command line did."""
    head = locked(session, AuditHeadRow, HEAD, id=HEAD, number=0, hash="")
    row = AuditRow(id=head.number + 1, at=now(), agent_id=agent_id, act=act, target=target, address=address, previous=head.hash)
    row.hash = chained(row)
    head.number, head.hash = row.id, row.hash
    session.add(row)
    session.flush()


def saw(database: Database, agent_id: str, conversation_id: str) -> None:
    """The person has a conversation before them: one row an hour, however often the page asks."""
    _once_an_hour(database, agent_id, OPENED, conversation_id)


def refused(database: Database, agent_id: str, what: str) -> None:
    """The person's role does not include `what` (a route): one row an hour, however often they try."""
    _once_an_hour(database, agent_id, REFUSED, what[:TARGET_LENGTH])


def _once_an_hour(database: Database, agent_id: str, act: str, target: str) -> None:
    before = select(AuditRow.id).where(AuditRow.target == target, AuditRow.agent_id == agent_id, AuditRow.act == act)
    recent = before.where(AuditRow.at > now() - SAME_READING).limit(1)
    with database.read() as session:
        if session.scalar(recent) is not None:
            return
    with database.write() as session:
        if session.scalar(recent) is None:
            write_down(session, agent_id, act, target)


def rows(database: Database, wanted: Wanted, *, before: int | None = None, limit: int = 100) -> Sequence[AuditRow]:
    """The newest rows first; `before` is the number of the last row of the page before."""
    query = _matching(wanted).order_by(AuditRow.id.desc()).limit(limit)
    with database.read() as session:
        return session.scalars(query.where(AuditRow.id < before) if before is not None else query).all()


def acts(database: Database) -> list[str]:
    """Every kind of act that was ever written down."""
    with database.read() as session:
        return sorted(session.scalars(select(AuditRow.act).distinct()))


def check(database: Database) -> Checked:
    """Read the whole trail and see whether every row is there as it was written."""
    with database.read() as session:
        previous, number, count = None, 0, 0
        while batch := session.scalars(select(AuditRow).where(AuditRow.id > number).order_by(AuditRow.id).limit(BATCH)).all():
            for row in batch:
                begins_well = previous is not None or row.previous == "" or _cut_here(session, row)
                if not begins_well or (previous is not None and (row.previous != previous or row.id != number + 1)) or row.hash != chained(row):
                    return Checked(count, row.id)
                previous, number, count = row.hash, row.id, count + 1
            session.expunge_all()
        head = session.get(AuditHeadRow, HEAD)
    whole = (head.number, head.hash) == (number, previous) if head and head.number else not count
    return Checked(count, None if whole else number + 1)


def cut(database: Database, days: int) -> int:
    """Forget what is older than `days`, and write down that it was; gives how many rows."""
    with database.write() as session:
        last = session.scalar(select(AuditRow).where(AuditRow.at < now() - timedelta(days=days)).order_by(AuditRow.id.desc()).limit(1))
        if last is None:
            return 0
        end = f"{last.id} {last.hash}"
        gone = changed(session, delete(AuditRow).where(AuditRow.id <= last.id))
        write_down(session, None, CUT, end)
        return gone


def older(session: Session, days: int) -> int:
    """How many rows `cut` would forget."""
    return session.scalar(select(func.count(AuditRow.id)).where(AuditRow.at < now() - timedelta(days=days))) or 0


def chained(row: AuditRow) -> str:
    """The hash of a row with everything that it says and the hash of the one before."""
    said = [row.previous, row.id, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.agent_id, row.act, row.target, row.address]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _cut_here(session: Session, row: AuditRow) -> bool:
    """Whether the house itself has cut off everything before this row."""
    return session.scalar(select(AuditRow.id).where(AuditRow.act == CUT, AuditRow.target == f"{row.id - 1} {row.previous}")) is not None


def _matching(wanted: Wanted) -> Select[tuple[AuditRow]]:
    query = select(AuditRow)
    if wanted.agent_id is not None:
        query = query.where(AuditRow.agent_id == wanted.agent_id)
    if wanted.act is not None:
        query = query.where(AuditRow.act == wanted.act)
    if wanted.since is not None:
        query = query.where(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditRow.at < wanted.until)
    return query
