"""Where agents judge the bot: each answer that one of them took over from the FAQ, against what the bot had thought best for the customer's question.

The same answer says that the bot was right, another one corrects it. Who writes freely has said nothing of the bot.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handoff.conversations.fact_tables import PickFactRow
from handoff.entries.rows import present_ids
from handoff.reports.intervals import Estimate, share
from handoff.reports.wanted import Wanted


def judged(session: Session, of: Wanted, part: Any) -> dict[Any, Counter[bool]]:
    """By the value of `part` (a column of the picks that is called so): how many of the bot's guesses agents took over, and how many they corrected.
    Renamed and merged entries are one."""
    moved, found = present_ids(session), dict[Any, Counter[bool]]()
    query = select(part, PickFactRow.entry_id, PickFactRow.picked, func.count().label("many")).where(*of.of(PickFactRow))
    for name, thought, picked, many in session.execute(query.group_by("part", PickFactRow.entry_id, PickFactRow.picked)):
        found.setdefault(name, Counter())[moved.get(picked, picked) == moved.get(thought or "", thought)] += many
    return found


def agreed(session: Session, of: Wanted) -> Estimate:
    """The share of the judged guesses with which the agent agreed."""
    found = sum(judged(session, of, PickFactRow.picked.label("part")).values(), Counter[bool]())
    return share(found[True], found.total())
