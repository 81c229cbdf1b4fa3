"""What complaints are about, for those who make and sell: each topic and answer with how many complaints came, now and before. Calls by their reason, columns
only: no word of a customer is read, and what was erased stays counted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handoff.conversations.fact_tables import CallFactRow
from handoff.reports.intervals import rises
from handoff.reports.wanted import Wanted

REASON = "complaint"
Matter = tuple[str, str]  # topic and entry; "" where the conversation was about none that we know


@dataclass(frozen=True)
class Grievance:
    """One matter that people complained about."""

    topic: str
    entry_id: str
    now: int
    before: int

    @property
    def rising(self) -> bool:
        return rises(self.now, self.before)


def grievances(session: Session, of: Wanted) -> list[Grievance]:
    """All matters with a complaint in the period: what rises first, then the most frequent."""
    now, before = _counted(session, of), _counted(session, of.before)
    found = [Grievance(*matter, many, before.get(matter, 0)) for matter, many in now.items()]
    return sorted(found, key=lambda one: (not one.rising, -one.now, one.topic, one.entry_id))


def _counted(session: Session, of: Wanted) -> dict[Matter, int]:
    query = select(CallFactRow.topic, CallFactRow.entry_id, func.count()).where(*of.of(CallFactRow), CallFactRow.reason == REASON)
    rows = session.execute(query.group_by(CallFactRow.topic, CallFactRow.entry_id))
    return {(topic or "", entry_id or ""): many for topic, entry_id, many in rows}
