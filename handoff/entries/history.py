"""Every form an entry has had, with the name of whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from handoff.accounts.tables import AgentRow
from handoff.database import Database
from handoff.entries.tables import EntryRevisionRow
from handoff.errors import NotFound


@dataclass(frozen=True)
class Revision:
    """One form of an entry. `by` is a name; None for an import at the start or an account that is gone."""

    revision: int
    status: str
    content: dict[str, Any]
    at: datetime
    by: str | None
    act: str | None = None  # one of `handoff.entries.rows.Act`; None before there were such words
    note: str | None = None


def revisions(database: Database, entry_id: str) -> list[Revision]:
    """All forms, newest first; empty for an unknown entry."""
    query = select(EntryRevisionRow, AgentRow.name).outerjoin(AgentRow, AgentRow.id == EntryRevisionRow.by)
    with database.read() as session:
        rows = session.execute(query.where(EntryRevisionRow.entry_id == entry_id).order_by(EntryRevisionRow.revision.desc()))
        return [Revision(row.revision, row.status, row.content, row.at, name, row.act, row.note) for row, name in rows]


def revision(database: Database, entry_id: str, number: int) -> dict[str, Any]:
    """The content that the entry had then. Raises `NotFound`."""
    with database.read() as session:
        row = session.scalar(select(EntryRevisionRow).where(EntryRevisionRow.entry_id == entry_id, EntryRevisionRow.revision == number))
    if row is None:
        raise NotFound(f"The entry {entry_id!r} has no revision {number}.")
    return row.content
