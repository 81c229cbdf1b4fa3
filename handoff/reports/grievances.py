"""What complaints are about, for those who make and sell: each topic and answer, and each product, with how many complaints came, now and before. Columns
only: no word of a customer is read, and what was erased stays counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from handoff.conversations.fact_tables import ComplaintFactRow
from handoff.reports.intervals import rises
from handoff.reports.wanted import Wanted

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


@dataclass(frozen=True)
class OfProduct:
    """One product that people complained about; "" is those of which nobody has said which it was."""

    product: str
    now: int
    before: int

    @property
    def rising(self) -> bool:
        return bool(self.product) and rises(self.now, self.before)


def grievances(session: Session, of: Wanted) -> list[Grievance]:
    """All matters with a complaint in the period: what rises first, then the most frequent."""
    by = (func.coalesce(ComplaintFactRow.topic, ""), func.coalesce(ComplaintFactRow.entry_id, ""))
    now, before = _counted(session, of, by), _counted(session, of.before, by)
    found = [Grievance(topic, entry, many, before.get((topic, entry), 0)) for (topic, entry), many in now.items()]
    return sorted(found, key=lambda one: (not one.rising, -one.now, one.topic, one.entry_id))


def products(session: Session, of: Wanted) -> list[OfProduct]:
    """All products with a complaint in the period, in the same order; those without a name come last."""
    by = (func.coalesce(ComplaintFactRow.product, ""),)
    now, before = _counted(session, of, by), _counted(session, of.before, by)
    found = [OfProduct(name, many, before.get((name,), 0)) for (name,), many in now.items()]
    return sorted(found, key=lambda one: (not one.product, not one.rising, -one.now, one.product))


def _counted(session: Session, of: Wanted, by: Sequence[ColumnElement[str]]) -> dict[tuple[Any, ...], int]:
    rows = session.execute(select(*by, func.count()).where(*of.of(ComplaintFactRow)).group_by(*by))
    return {tuple(which): many for *which, many in rows}
