"""Is a group answered by now? Some of its questions are asked again, and where one entry answers them, the group closes by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from bot.understanding import Reading
from handoff.conversations.gap_tables import GapQuestionRow, GapRow
from handoff.conversations.unanswered import Cause
from handoff.database import Database, now
from handoff.editor.gaps.collecting import sizes
from handoff.entries.tables import EntryRow

MOST = 300  # groups asked again in one look, the largest first
ASKED = 5  # of a group's questions
ENOUGH = 0.6  # of those asked, how many one entry must answer


@dataclass(frozen=True)
class Again:
    """A group to be asked again: its middle and some others. `dissatisfied`: most of them got an answer before, and it did not help."""

    gap_id: str
    size: int
    last_at: datetime
    message_ids: tuple[str, ...]
    dissatisfied: bool
    fresh: frozenset[str]  # entries that were written after the last of the questions


def to_ask_again(database: Database, revision: int) -> list[Again]:
    """Open groups that have grown, or were asked before the entries changed."""
    with database.read() as session:
        held = sizes(session)
        stale = session.execute(select(GapRow.id, GapRow.middle_id, GapRow.asked_size, GapRow.asked_revision).where(GapRow.state == "open"))
        due = [(gap_id, middle) for gap_id, middle, size, asked in stale if held.get(gap_id) and (asked != revision or size != held[gap_id])]
        largest = sorted(due, key=lambda one: (-held[one[0]], one[0]))[:MOST]
        written = {row.id: row.changed_at for row in session.execute(select(EntryRow.id, EntryRow.changed_at).where(EntryRow.published.is_not(None)))}
        found = []
        for gap_id, middle in largest:
            query = select(GapQuestionRow.message_id, GapQuestionRow.cause, GapQuestionRow.at).where(GapQuestionRow.gap_id == gap_id)
            rows = session.execute(query.order_by(or_(GapQuestionRow.message_id == middle).desc(), GapQuestionRow.at.desc()).limit(ASKED)).all()
            last_at = session.scalar(select(func.max(GapQuestionRow.at)).where(GapQuestionRow.gap_id == gap_id)) or now()
            bad = sum(row.cause in (Cause.THUMB, Cause.PERSON) for row in rows)
            fresh = frozenset(entry_id for entry_id, at in written.items() if at > last_at)
            found.append(Again(gap_id, held[gap_id], last_at, tuple(row.message_id for row in rows), bad * 2 > len(rows), fresh))
        return found


def closes(again: Again, readings: Sequence[Reading]) -> str | None:
    """The entry that answers most of what was asked again; None where there is none, or where the questions had an answer and it did not help:
    then only one that was written since counts."""
    answered = Counter(one.candidates[0].entry_id for one in readings if one.action == "answer" and one.candidates)
    if not answered:
        return None
    entry_id, times = answered.most_common(1)[0]
    if again.dissatisfied and entry_id not in again.fresh:
        return None
    return entry_id if times >= ENOUGH * len(readings) else None


def keep_asked(database: Database, again: Again, readings: Sequence[Reading], revision: int, *, closed_by: str | None) -> None:
    """The entry that comes nearest, and what a customer gets now."""
    with database.write() as session:
        row = session.get(GapRow, again.gap_id, with_for_update=True)
        if row is None or row.state != "open":
            return
        best = next((one.candidates[0] for one in readings if one.candidates), None)
        row.nearest_id, row.nearest_chance = (best.entry_id, best.probability) if best else (None, None)
        row.nearest_action = readings[0].action if readings else None
        row.asked_revision, row.asked_size = revision, again.size
        if closed_by is not None:
            row.state, row.entry_id, row.changed_at, row.changed_by = "answered", closed_by, now(), None
