"""Fills the shapes of the desk's page from what is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from handoff.console.marks import verification_of
from handoff.console.shapes import Decision, Details, Earlier, Handoff, Hold, LastWords, Line, Opened, Owed, Rating, Reminder, Standing
from handoff.conversations import events
from handoff.conversations.queue import Item, Whole
from handoff.conversations.tables import ConversationRow
from handoff.conversations.typists import CUSTOMER, Typist
from handoff.database import now

Guest = Callable[[str], str]
"""Four signs → the name of somebody who has not told theirs, in the reader's language."""


def line(item: Item, guest: Guest) -> Line:
    return Line(**_line(item, guest))


def opened(whole: Whole, before: Sequence[Item], guest: Guest, explained: Callable[[str], str], *, supervises: bool) -> Opened:
    row, handoff = whole.item.row, whole.handoff
    details = {name: getattr(row, name) for name in Details.model_fields if name not in Line.model_fields and name != "gone"}
    details |= {"orders": row.open_orders, "gone": whole.item.gone}
    return Opened(
        conversation=Details(**_line(whole.item, guest), **details),
        events=[events.for_agent(event, supervises=supervises) for event in whole.events],
        earlier=[_earlier(item) for item in before],
        handoff=Handoff(**{name: getattr(handoff, name) for name in Handoff.model_fields}) if handoff else None,
        decisions=[
            Decision(
                number=number,
                action=decision.action,
                intent=decision.intent,
                confidence=decision.confidence,
                language=decision.language,
                why=explained(decision.reading.get("why", "")),
                candidates=decision.reading.get("candidates", []),
                entities=decision.reading.get("entities", []),
            )
            for decision, number in whole.decisions
        ],
        ratings=[Rating(number=number, entry_id=rating.entry_id, helpful=rating.helpful) for rating, number in whole.ratings],
    )


def standing(item: Item) -> Standing:
    row = item.row
    seen = {"seen_by_customer": row.seen_by_customer, "seen_by_agent": row.seen_by_agent}
    return Standing(**_stands(item), **seen, email=row.email, phone=row.phone, orders=row.open_orders, gone=item.gone)


def typing(typists: Sequence[Typist]) -> dict[str, Any]:
    """Who writes now: whether the customer does, and the names of colleagues."""
    return {"customer": CUSTOMER in typists, "names": [typist.name for typist in typists if typist != CUSTOMER]}


def _line(item: Item, guest: Guest) -> dict[str, Any]:
    row = item.row
    return _stands(item) | {
        "id": row.id,
        "channel": row.channel,
        "name": row.name or guest(hashlib.sha256(row.id.encode()).hexdigest()[:4].upper()),
        "last": _last(item),
        "waiting_since": row.waiting_since,
        "waiting_seconds": int((now() - row.waiting_since).total_seconds()) if row.waiting_since else None,
        "changed_at": row.changed_at,
        "reason": row.reason,
        "language": row.language,
        "unread": item.unread,
        "page": row.page,
        "outcome": row.outcome,
        "called": item.called,
        "reminder": Reminder(due_at=item.reminder.due_at, about=item.reminder.about) if item.reminder else None,
    }


def _stands(item: Item) -> dict[str, Any]:
    row = item.row
    return _owed(row) | {
        "state": row.state,
        "holder": item.holder,
        "holder_id": row.agent_id if item.holder else None,
        "promised_until": item.promised_until,
        "late_at": row.late_at,
        "left_at": row.left_at,
        "tags": row.tags,
        "snoozed_until": row.snoozed_until,
        "offered": item.offered,
        "offered_to": row.offered_to,
        "offered_until": row.offered_until,
        "verification": verification_of(item),
        "stage": row.stage,
        "stage_at": row.stage_at,
        "again_at": row.again_at,
        "hold": _hold(item),
    }


def _hold(item: Item) -> Hold | None:
    row = item.row
    return Hold(at=row.held_at, by=item.keeper or "", why=row.held_why or "", wished=row.wished_gone_at is not None) if row.held_at else None


def _earlier(item: Item) -> Earlier:
    row = item.row
    return Earlier(id=row.id, state=row.state, began=row.created_at, outcome=row.outcome, holder=item.holder, last=_last(item))


def _owed(row: ConversationRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Owed.model_fields}


def _last(item: Item) -> LastWords | None:
    return LastWords(text=events.words_of(item.last), at=item.last.at) if item.last else None
