"""The rights of the person in the conversation: a copy of everything (Art. 15 and 20 GDPR) and erasure (Art. 17).

Erasure keeps the conversation's row as a closed, empty shell and its events as numbered facts without words, so that
what was counted stays counted: when something happened, of which kind, and which entry was answered. Nothing that is
left says who it was or what they wrote, and the visitor's secret opens nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.conversations import store
from handoff.conversations.events import Kind, for_customer
from handoff.conversations.shelf import Shelf
from handoff.conversations.states import State
from handoff.conversations.store import ERASED
from handoff.conversations.tables import (
    AttachmentRow,
    ConversationRow,
    DecisionRow,
    EventRow,
    HandoffRow,
    OwedReplyRow,
    PromiseRow,
    RatingRow,
    TrackerEventRow,
    VerificationCodeRow,
)
from handoff.database import Database, new_id, now
from handoff.entries.tables import EntryRevisionRow, EntryRow
from handoff.outbox import OutboxRow

FORMAT = "abiline-conversation/1"
SPOKEN = (Kind.MESSAGE.value, Kind.NOTE.value)  # readers expect a text in these
COUNTED = ("entry_id", "reason", "outcome")  # facts about us, not about the person
FILE_FIELDS = ("id", "at", "actor", "name", "type", "size")
NOT_INCLUDED = "Notes that our people wrote for each other are not in this file; ask us and we look at your request by hand."


@dataclass(frozen=True)
class Receipt:
    """The proof of an erasure: the person may quote the id, we find it in the audit."""

    id: str
    at: datetime


def export(database: Database, conversation_id: str) -> dict[str, Any]:
    """Everything we hold of the conversation that came from or is about the person, as JSON-able data. Raises `NotFound`."""
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        of_it = {"conversation_id": conversation_id}
        events = session.scalars(select(EventRow).filter_by(**of_it).order_by(EventRow.number))
        decisions = session.scalars(select(DecisionRow).filter_by(**of_it).order_by(DecisionRow.at))
        handoffs = session.scalars(select(HandoffRow).filter_by(**of_it).order_by(HandoffRow.requested_at))
        promises = session.scalars(select(PromiseRow).filter_by(**of_it).order_by(PromiseRow.given_at))
        ratings = session.scalars(select(RatingRow).filter_by(**of_it).order_by(RatingRow.at))
        sent_codes = session.scalars(select(VerificationCodeRow).filter_by(**of_it).order_by(VerificationCodeRow.sent_at))
        files = session.scalars(select(AttachmentRow).filter_by(**of_it).order_by(AttachmentRow.at, AttachmentRow.id))
        return {
            "format": FORMAT,
            "made_at": now().isoformat(),
            "conversation": _about(row),
            "events": [view for view in map(for_customer, events) if view is not None],
            "understood_as": [_columns(one, "at", "action", "intent", "confidence", "entry_id", "probability", "language", "reading") for one in decisions],
            "handed_over": [_columns(one, "requested_at", "reason", "answered_at", "request") for one in handoffs],
            "promised": [_columns(one, "given_at", "promised_until", "ended_at", "kept") for one in promises],
            "codes": [_columns(one, "sent_at", "on_file", "ended_at", "right") for one in sent_codes],
            "files": [_columns(one, *FILE_FIELDS) for one in files],
            "ratings": [_columns(one, "at", "entry_id", "helpful", "score", "comment") for one in ratings],
            "not_included": NOT_INCLUDED,
        }


def erase(database: Database, shelf: Shelf, conversation_id: str) -> Receipt:
    """Take everything personal out of the conversation, in one transaction, and then its files off the disk. Raises `NotFound`.

    An answer that the bot is still thinking about finds its debt gone and is dropped.
    """
    receipt = Receipt(new_id(), now())
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        _forget_deliveries(session, row.id)
        files = session.scalars(select(AttachmentRow.id).where(AttachmentRow.conversation_id == row.id)).all()
        for table in (OwedReplyRow, TrackerEventRow, HandoffRow, AttachmentRow, VerificationCodeRow):
            session.execute(delete(table).where(table.conversation_id == row.id))
        _empty_events(session, row.id)
        session.execute(update(DecisionRow).where(DecisionRow.conversation_id == row.id).values(reading={"candidates": [], "why": "", "entities": []}))
        session.execute(update(RatingRow).where(RatingRow.conversation_id == row.id).values(comment=None))
        _unlink_entries(session, row.id)
        _close_empty(session, row)
        trail.write_down(session, None, "erased_conversation", f"{row.id} receipt {receipt.id}")
    shelf.drop(files)  # killed here, the sweep goes on: no row names them any more
    return receipt


def erase_older_than(database: Database, shelf: Shelf, days: int) -> int:
    """Erase what has been silent for longer than `days`; gives how many. Each is a transaction of its own."""
    before = now() - timedelta(days=days)
    with database.read() as session:
        kept = ConversationRow.secret_hash != ERASED
        due = list(session.scalars(select(ConversationRow.id).where(ConversationRow.changed_at < before, kept)))
    for conversation_id in due:
        erase(database, shelf, conversation_id)
    return len(due)


def _about(row: ConversationRow) -> dict[str, Any]:
    named = ("id", "state", "channel", "language", "name", "email", "phone", "identity", "consent", "page", "device", "tags", "reason", "outcome")
    known = ("stage", "stage_at", "follow_up", "identified_at", "verified_how", "verified_what", "verified_at")
    return _columns(row, *named, *known, "consented_at", "created_at", "changed_at", "claimed_at", "closed_at")


def _columns(row: object, *names: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _empty_events(session: Session, conversation_id: str) -> None:
    for event in session.scalars(select(EventRow).where(EventRow.conversation_id == conversation_id)):
        kept = {name: event.body[name] for name in COUNTED if name in event.body}
        event.body = kept | ({"text": ""} if event.kind in SPOKEN else {})
        event.hidden, event.client_id = {}, None


def _forget_deliveries(session: Session, conversation_id: str) -> None:
    """Payloads of this conversation in the outbox: what is not delivered yet never will be."""
    handoffs = select(HandoffRow.id).where(HandoffRow.conversation_id == conversation_id)
    keys = [f"handoff:{handoff_id}" for handoff_id in session.scalars(handoffs)]
    its_own = or_(OutboxRow.key.in_(keys), OutboxRow.payload["conversation_id"].as_string() == conversation_id)
    for delivery in session.scalars(select(OutboxRow).where(its_own)):
        delivery.payload, delivery.last_error = {}, None
        if delivery.delivered_at is None:
            delivery.dead_at, delivery.last_error = now(), ERASED


def _unlink_entries(session: Session, conversation_id: str) -> None:
    """A draft as it was copied from the talk goes; what an editor has made of it since stays, without the link."""
    for entry in session.scalars(select(EntryRow).where(EntryRow.conversation_id == conversation_id)):
        session.execute(delete(EntryRevisionRow).where(EntryRevisionRow.entry_id == entry.id, EntryRevisionRow.revision == 1))
        if entry.revision == 1 and entry.published is None:
            session.delete(entry)
        else:
            entry.conversation_id = None


def _close_empty(session: Session, row: ConversationRow) -> None:
    """Not a move of the talk, so not in the table of moves: from any state there is nothing left to go on with."""
    row.name = row.email = row.phone = row.identity = row.page = row.device = row.verified_how = row.verified_what = None
    row.stage = row.stage_at = row.link_hash = row.link_sealed = row.follow_up_at = row.again_at = None
    row.tags, row.secret_hash = [], ERASED
    row.state, row.outcome = State.CLOSED.value, ERASED
    row.waiting_since = row.customer_at = row.left_at = row.late_at = None
    row.closed_at = row.closed_at or now()
    store.append(session, row, Kind.CLOSED, actor="customer", body={"outcome": ERASED})
