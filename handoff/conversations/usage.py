"""How much each entry is asked for and what customers think of its answer, counted from decisions and ratings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from handoff.conversations.tables import DecisionRow, RatingRow
from handoff.database import Database
from handoff.entries.rows import present_ids

FROM_THE_FAQ = ("answer", "suggest")


@dataclass(frozen=True)
class Usage:
    """Of one entry, in some days. `asked` counts messages for which it was the bot's best candidate and something was shown."""

    asked: int = 0
    helpful: int = 0
    unhelpful: int = 0

    def plus(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(self.asked + other.asked, self.helpful + other.helpful, self.unhelpful + other.unhelpful)


def usage(database: Database, since: datetime) -> dict[str, Usage]:
    """By entry; one that nobody asked for or rated is left out."""
    asked = select(DecisionRow.entry_id, func.count()).where(DecisionRow.at >= since, DecisionRow.action.in_(FROM_THE_FAQ), DecisionRow.entry_id.is_not(None))
    thumbs = func.sum(case((RatingRow.helpful.is_(True), 1), else_=0))
    rated = select(RatingRow.entry_id, thumbs, func.count()).where(RatingRow.at >= since, RatingRow.helpful.is_not(None), RatingRow.entry_id.is_not(None))
    with database.read() as session:
        counts = dict(session.execute(asked.group_by(DecisionRow.entry_id)).tuples().all())
        ratings = {entry_id: (up, of - up) for entry_id, up, of in session.execute(rated.group_by(RatingRow.entry_id))}
        moved = present_ids(session)
    found: dict[str, Usage] = {}
    for entry_id in {*counts, *ratings}:
        now_at = moved.get(str(entry_id), str(entry_id))  # one that was renamed or merged counts where it is now
        found[now_at] = found.get(now_at, Usage()).plus(Usage(counts.get(entry_id, 0), *ratings.get(entry_id, (0, 0))))
    return found


def first_question(database: Database) -> datetime | None:
    """When the bot first read a customer's message; None before that."""
    with database.read() as session:
        return session.scalar(select(func.min(DecisionRow.at)))
