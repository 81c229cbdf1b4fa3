"""Where agents judge the bot: each answer that one of them took over from the FAQ, against what the bot had thought best for the customer's question.

The same answer says that the bot was right, another one corrects it. Who writes freely has said nothing of the bot.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from handoff.conversations.fact_tables import TalkFactRow
from handoff.conversations.outcomes import PICKED
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow
from handoff.entries.rows import present_ids
from handoff.reports.intervals import Estimate, share
from handoff.reports.wanted import Wanted, ends

AGENT, THOUGHT = EventRow.agent_id, DecisionRow.entry_id  # by whom a pick was made, and the entry that the bot had thought best


def judged(session: Session, of: Wanted, zone: ZoneInfo, part: Any) -> Iterator[tuple[datetime, Any, bool]]:
    """Each of the bot's guesses that an agent judged in the period: when, the value of `part` (a column of the pick, of the guess or of the conversation's
    facts), and whether the pick was the guess. Of several picks after one guess the last counts; renamed and merged entries are one."""
    pick, question, earlier, read = EventRow, aliased(EventRow), aliased(EventRow), aliased(DecisionRow)
    newest = (
        select(func.max(earlier.number))
        .join(read, read.message_id == earlier.id)
        .where(earlier.conversation_id == pick.conversation_id, earlier.number < pick.number)
        .correlate(pick)
        .scalar_subquery()
    )
    picked, (since, until) = pick.hidden[PICKED].as_string(), ends(of, zone)
    query = (
        select(pick.at, part, picked, DecisionRow.message_id, DecisionRow.entry_id)
        .select_from(TalkFactRow)
        .join(ConversationRow, ConversationRow.id == TalkFactRow.conversation_id)
        .join(pick, pick.conversation_id == TalkFactRow.conversation_id)
        .join(question, (question.conversation_id == pick.conversation_id) & (question.number == newest))
        .join(DecisionRow, DecisionRow.message_id == question.id)
        .where(TalkFactRow.agent_id.is_not(None), ConversationRow.changed_at >= since, *of.of(TalkFactRow)[2:])  # only these may have a pick of the period
        .where(pick.kind == "message", pick.actor == "agent", pick.at >= since, pick.at < until, picked.is_not(None))
        .order_by(pick.conversation_id, pick.number)
    )
    moved, last = present_ids(session), {}
    for at, name, chosen, message_id, thought in session.execute(query.where(DecisionRow.probability.is_not(None))):
        last[message_id] = (at, name, moved.get(chosen, chosen) == moved.get(thought or "", thought))
    return iter(last.values())


def agreed(session: Session, of: Wanted, zone: ZoneInfo) -> Estimate:
    """The share of the judged guesses with which the agent agreed."""
    found = [right for _at, _part, right in judged(session, of, zone, TalkFactRow.conversation_id)]
    return share(sum(found), len(found))
