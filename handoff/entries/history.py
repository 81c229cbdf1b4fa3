"""Every form an entry has had, with the name of whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from handoff.accounts.tables import AgentRow
from handoff.database import Database
from handoff.entries.tables import EntryRevisionRow


@dataclass(frozen=True)
class Revision:
    """One form of an entry. `by` is a name; None for an import at the start or an account that is gone."""

    revision: int
    status: str
    content: dict[str, Any]
    at: datetime
    by: str | None


def revisions(database: Database, entry_id: str) -> list[Revision]:
    """All forms, newest first; empty for an unknown entry."""
    query = select(EntryRevisionRow, AgentRow.name).outerjoin(AgentRow, AgentRow.id == EntryRevisionRow.by)
    with database.read() as session:
        rows = session.execute(query.where(EntryRevisionRow.entry_id == entry_id).order_by(EntryRevisionRow.revision.desc()))
        return [Revision(row.revision, row.status, row.content, row.at, name) for row, name in rows]
