"""What customers wrote when they complained, for those who make and sell: the words before the call for a person (or the agent's tag), personal data in them
covered.

Words of a team that keeps its conversations to itself are shown to those who may open them, and never stand in a letter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import shorten

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from handoff.accounts.tables import TeamRow
from handoff.conversations.fact_tables import ComplaintFactRow
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.walls import visible
from handoff.reports.grievances import Grievance, Matter, OfProduct
from handoff.reports.wanted import Wanted

EACH = 3  # examples of one matter
LONGEST = 200  # signs of one
MATTERS = 5
Mask = Callable[[str], str]


def examples(session: Session, of: Wanted, found: Sequence[Grievance], mask: Mask, *, reader: str | None) -> dict[Matter, list[str]]:
    """The newest words of each of the first matters. `reader` is who will read them on a page; None is anybody, by letter. What was erased is not there."""
    told = {}
    for one in found[:MATTERS]:
        topic, entry = func.coalesce(ComplaintFactRow.topic, "") == one.topic, func.coalesce(ComplaintFactRow.entry_id, "") == one.entry_id
        if words := _words(session, (*of.of(ComplaintFactRow), topic, entry), mask, reader):
            told[one.topic, one.entry_id] = words
    return told


def of_products(session: Session, of: Wanted, found: Sequence[OfProduct], mask: Mask, *, reader: str | None) -> dict[str, list[str]]:
    """The same for each of the first products that have a name."""
    told = {}
    for one in [one for one in found if one.product][:MATTERS]:
        if words := _words(session, (*of.of(ComplaintFactRow), ComplaintFactRow.product == one.product), mask, reader):
            told[one.product] = words
    return told


def _words(session: Session, which: Sequence[ColumnElement[bool]], mask: Mask, reader: str | None) -> list[str]:
    call, said, earlier = aliased(EventRow), EventRow, aliased(EventRow)
    before = (earlier.conversation_id == call.conversation_id, earlier.number < call.number, earlier.kind == "message", earlier.actor == "customer")
    last = select(func.max(earlier.number)).where(*before).correlate(call).scalar_subquery()
    query = (
        select(said.body)
        .join(call, (call.conversation_id == said.conversation_id) & (said.number == last))
        .join(ComplaintFactRow, ComplaintFactRow.event_id == call.id)
        .join(ConversationRow, ConversationRow.id == call.conversation_id)
        .where(*which, visible(reader) if reader else _open())
        .order_by(call.at.desc(), call.id)
        .limit(4 * EACH)
    )
    found: list[str] = []
    for body in session.scalars(query):
        words = shorten(mask(str(body.get("text") or "")), LONGEST, placeholder=" …")  # covered first: half a number is not known for one
        if words and words not in found:
            found.append(words)
    return found[:EACH]


def _open() -> ColumnElement[bool]:
    walled = select(TeamRow.id).where(TeamRow.walled)
    return or_(ConversationRow.team_id.is_(None), ConversationRow.team_id.not_in(walled))
