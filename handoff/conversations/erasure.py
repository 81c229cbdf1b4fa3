"""The rights of the person in the conversation: a copy of everything (Art. 15 and 20 GDPR) and erasure (Art. 17).

Erasure keeps the conversation's row as a closed, empty shell and its events as numbered facts without words, so that
what was counted stays counted: when something happened, of which kind, and which entry was answered. Nothing that is
left says who it was or what they wrote, and the visitor's secret opens nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.conversations import channel_debts, complaints, products, store, surveys
from handoff.conversations.call_tables import CallRow
from handoff.conversations.elsewhere import DeskTalkRow
from handoff.conversations.events import Kind, for_customer
from handoff.conversations.feedback_tables import ReviewNoteRow, ReviewRow, SurveyRow
from handoff.conversations.forgotten import Forgotten
from handoff.conversations.gap_tables import DISMISSED, GapQuestionRow, GapRow
from handoff.conversations.holding import Held
from handoff.conversations.mail_tables import OUT, MailRow, MailThreadRow
from handoff.conversations.outcomes import PICKED
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
    ReminderRow,
    TrackerEventRow,
    VerificationCodeRow,
)
from handoff.database import Database, new_id, now
from handoff.entries.tables import EntryRevisionRow, EntryRow
from handoff.outbox import OutboxRow

FORMAT = "abiline-conversation/1"
LOG = "erasures"  # what a session knows the list of erasures as
SPOKEN = (Kind.MESSAGE.value, Kind.NOTE.value)  # readers expect a text in these
COUNTED = ("entry_id", "reason", "outcome")  # facts about us, not about the person
GONE = (  # nothing of these is kept
    *(OwedReplyRow, TrackerEventRow, HandoffRow, AttachmentRow, VerificationCodeRow, ReminderRow, GapQuestionRow, MailThreadRow, DeskTalkRow),
    CallRow,
)
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
        surveys = session.scalars(select(SurveyRow).filter_by(**of_it))
        sent_codes = session.scalars(select(VerificationCodeRow).filter_by(**of_it).order_by(VerificationCodeRow.sent_at))
        files = session.scalars(select(AttachmentRow).filter_by(**of_it).order_by(AttachmentRow.at, AttachmentRow.id))
        letters = session.scalars(select(MailRow).filter_by(**of_it).order_by(MailRow.at)).all()
        promised_calls = session.scalars(select(CallRow).filter_by(**of_it).order_by(CallRow.asked_at))
        thread = session.get(MailThreadRow, conversation_id)
        reader = channel_debts.reader_of(session, conversation_id)
        return {
            "format": FORMAT,
            "made_at": now().isoformat(),
            "conversation": _about(row),
            "events": [view for view in map(for_customer, events) if view is not None],
            "understood_as": [_columns(one, "at", "action", "intent", "confidence", "entry_id", "probability", "language", "reading") for one in decisions],
            "handed_over": [_columns(one, "requested_at", "reason", "answered_at", "request") for one in handoffs],
            "promised": [_columns(one, "given_at", "promised_until", "ended_at", "kept") for one in promises],
            "codes": [_columns(one, "sent_at", "on_file", "ended_at", "right") for one in sent_codes],
            "letters": [_columns(one, "at", "direction", "message_id", "sent_at", "failed_at") for one in letters],
            "letters_about": thread.subject if thread else None,
            "at_messenger": {"address": reader.address, "heard_at": reader.heard_at.isoformat()} if reader else None,
            "files": [_columns(one, *FILE_FIELDS) for one in files],
            "ratings": [_columns(one, "at", "entry_id", "helpful", "score", "comment") for one in ratings],
            "asked_how_it_was": [_columns(one, "asked_at", "at", "kind", "score", "comment", "language") for one in surveys],
            "calls": [_columns(one, "asked_at", "starts", "ends", "step", "tries", "ended_at") for one in promised_calls],
            "not_included": NOT_INCLUDED,
        }


def keep_log(database: Database, path: Path) -> None:
    """From now on what is erased is written down in this file, which outlives a restore of the database."""
    database.about[LOG] = Forgotten(path)


def erase(database: Database, shelf: Shelf, conversation_id: str, *, even_held: bool = False) -> Receipt:
    """Take everything personal out of the conversation, in one transaction, and then its files off the disk. Raises `NotFound`, and `Held` for what
    a supervisor keeps (but `even_held`): that it was asked for is kept, and done when it is let go.

    An answer that the bot is still thinking about finds its debt gone and is dropped.
    """
    receipt = Receipt(new_id(), now())
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        is_held = row.held_at is not None and not even_held
        files = _refuse(session, row) if is_held else _erase(session, row, receipt)
    if is_held:
        raise Held("This conversation has to be kept for now.")
    shelf.drop(files)  # killed here, the sweep goes on: no row names them any more
    database.tidy()
    return receipt


def _refuse(session: Session, row: ConversationRow) -> Sequence[str]:
    row.wished_gone_at = row.wished_gone_at or now()
    trail.write_down(session, None, "refused_erasure", row.id)
    return ()


def _erase(session: Session, row: ConversationRow, receipt: Receipt) -> Sequence[str]:
    """Everything personal goes, in the caller's transaction; gives the ids of its files."""
    _forget_deliveries(session, row.id)
    files = session.scalars(select(AttachmentRow.id).where(AttachmentRow.conversation_id == row.id)).all()
    _forget_where_it_lay(session, row.id)
    for table in GONE:
        session.execute(delete(table).where(table.conversation_id == row.id))
    channel_debts.forget(session, row.id)
    _empty_events(session, row.id)
    _forget_letters(session, row.id)
    session.execute(update(DecisionRow).where(DecisionRow.conversation_id == row.id).values(reading={"candidates": [], "why": "", "entities": []}))
    session.execute(update(RatingRow).where(RatingRow.conversation_id == row.id).values(comment=None))
    _empty_feedback(session, row.id)
    _unlink_entries(session, row.id)
    _close_empty(session, row)
    trail.write_down(session, None, "erased_conversation", f"{row.id} receipt {receipt.id}")
    if log := session.info.get(LOG):
        log.add(row.id)  # before the commit: an older backup must not bring back what only a crash kept out of the list
    return files


def _about(row: ConversationRow) -> dict[str, Any]:
    named = ("id", "state", "channel", "language", "name", "email", "phone", "identity", "consent", "page", "device", "tags", "product", "reason", "outcome")
    known = ("stage", "stage_at", "follow_up", "identified_at", "verified_how", "verified_what", "verified_at")
    return _columns(row, *named, *known, "consented_at", "created_at", "changed_at", "claimed_at", "closed_at") | {"orders": row.open_orders}


def _columns(row: object, *names: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _empty_events(session: Session, conversation_id: str) -> None:
    for event in session.scalars(select(EventRow).where(EventRow.conversation_id == conversation_id)):
        kept = {name: event.body[name] for name in COUNTED if name in event.body}
        if str(event.body.get("tag", "")).casefold() == complaints.TAG:
            kept["tag"] = complaints.TAG  # ours, and counted; any other may name the person
        event.body = kept | ({"text": ""} if event.kind in SPOKEN else {})
        event.hidden, event.client_id = _counted_of(event.hidden), None


def _counted_of(hidden: dict[str, Any]) -> dict[str, Any]:
    """Which entry an agent took over, and that a message was about the question how it was, no longer with which score: figures tell these apart."""
    picked = {PICKED: hidden[PICKED]} if PICKED in hidden else {}
    return picked | ({"payload": surveys.ASIDE} if surveys.is_aside(hidden.get("payload")) else {})


def _empty_feedback(session: Session, conversation_id: str) -> None:
    """Scores and marks stay, they are counted; what anybody wrote beside them goes."""
    session.execute(update(SurveyRow).where(SurveyRow.conversation_id == conversation_id).values(comment=None, follow_note=None, awaits=None))
    reviews = ReviewRow.conversation_id == conversation_id
    session.execute(delete(ReviewNoteRow).where(ReviewNoteRow.review_id.in_(select(ReviewRow.id).where(reviews))))
    session.execute(update(ReviewRow).where(reviews).values(words=None, reply=None))


def _forget_deliveries(session: Session, conversation_id: str) -> None:
    """Payloads of this conversation in the outbox: what is not delivered yet never will be."""
    handoffs = select(HandoffRow.id).where(HandoffRow.conversation_id == conversation_id)
    keys = [f"handoff:{handoff_id}" for handoff_id in session.scalars(handoffs)]
    its_own = or_(OutboxRow.key.in_(keys), OutboxRow.payload["conversation_id"].as_string() == conversation_id)
    for delivery in session.scalars(select(OutboxRow).where(its_own)):
        delivery.payload, delivery.last_error = {}, None
        if delivery.delivered_at is None:
            delivery.dead_at, delivery.last_error = now(), ERASED


def _forget_where_it_lay(session: Session, conversation_id: str) -> None:
    """What groups of unanswered questions know of this conversation's: the next look tells anew from the others where each lies. One that was dismissed
    and has no other keeps numbers, which say nothing of anybody, so that it stays away. A look that is about to move these questions waits for us."""
    its_own = GapQuestionRow.conversation_id == conversation_id
    gap_ids = {one for one in session.scalars(select(GapQuestionRow.gap_id).where(its_own).with_for_update()) if one is not None}
    others = set(session.scalars(select(GapQuestionRow.gap_id).where(GapQuestionRow.gap_id.in_(gap_ids), ~its_own)))
    for gap in session.scalars(select(GapRow).where(GapRow.id.in_(gap_ids)).order_by(GapRow.id).with_for_update(key_share=True)):
        if gap.state != DISMISSED or gap.id in others:
            gap.empty()


def _forget_letters(session: Session, conversation_id: str) -> None:
    """Of those that came stays only that they were taken, as a hash: a box that is read anew must not bring them back."""
    its_own = MailRow.conversation_id == conversation_id
    session.execute(delete(MailRow).where(its_own, MailRow.direction == OUT))
    session.execute(update(MailRow).where(its_own).values(message_id="", event_id=None, answer_due_at=None))


def _unlink_entries(session: Session, conversation_id: str) -> None:
    """A draft that was made of the talk goes; what an editor has published since stays, without the link and the forms that it had before."""
    for entry in session.scalars(select(EntryRow).where(EntryRow.conversation_id == conversation_id)):
        if entry.published is None:
            session.delete(entry)
            continue
        its_own = EntryRevisionRow.entry_id == entry.id
        first = session.scalar(select(func.min(EntryRevisionRow.revision)).where(its_own, EntryRevisionRow.status == "published"))
        session.execute(delete(EntryRevisionRow).where(its_own, EntryRevisionRow.revision < (first or entry.revision)))
        entry.conversation_id = None


def _close_empty(session: Session, row: ConversationRow) -> None:
    """Not a move of the talk, so not in the table of moves: from any state there is nothing left to go on with."""
    row.name = row.email = row.phone = row.identity = row.orders = row.page = row.device = row.verified_how = row.verified_what = None
    row.stage = row.stage_at = row.link_hash = row.link_sealed = row.follow_up_at = row.survey_at = row.again_at = None
    row.product = row.product if row.product and products.is_shared(session, row) else None  # counted; what only this one was called may name the person
    row.held_at = row.held_by = row.held_why = row.wished_gone_at = None
    row.tags, row.secret_hash = [], ERASED
    row.state, row.outcome = State.CLOSED.value, ERASED
    row.waiting_since = row.customer_at = row.left_at = row.late_at = None
    row.closed_at = row.closed_at or now()
    store.append(session, row, Kind.CLOSED, actor="customer", body={"outcome": ERASED})
