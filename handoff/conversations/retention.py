"""How long each kind of data is kept, and the job that takes away what is over: in batches, each a transaction of its own.

A conversation goes as a whole (`erasure`). Of one that is closed, its contacts, files and the bot's memory may go sooner, and of any the words of ratings
and the examples of missing answers; what is held (`holding`) keeps everything. The trail is cut off at its old end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, update

from handoff.accounts import trail
from handoff.conversations.erasure import erase
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.gap_tables import GapQuestionRow
from handoff.conversations.holding import Held, not_held
from handoff.conversations.shelf import Shelf
from handoff.conversations.states import State
from handoff.conversations.store import ERASED
from handoff.conversations.tables import AttachmentRow, ConversationRow, DecisionRow, EventRow, RatingRow, TrackerEventRow
from handoff.database import Database, now
from handoff.outbox import OutboxRow
from handoff.settings import Settings

BATCH = 200
CONTACTS = ("name", "email", "phone", "identity", "orders", "page", "device", "verified_what")


@dataclass(frozen=True)
class Days:
    """For how many days each kind is kept: of conversations since their last change, of deliveries since they ended. 0: as long as the conversation."""

    conversation: int
    contact: int = 0
    attachment: int = 0
    tracker: int = 0
    rating: int = 0
    survey: int = 0
    gap: int = 0
    outbox: int = 0
    audit: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Days:
        return cls(
            settings.keep_days,
            contact=settings.keep_contact_days,
            attachment=settings.keep_attachment_days,
            tracker=settings.keep_tracker_days,
            rating=settings.keep_rating_days,
            survey=settings.keep_rating_days,
            gap=settings.keep_gap_days,
            outbox=settings.keep_outbox_days,
            audit=settings.audit_keep_days,
        )


def due(database: Database, days: Days) -> dict[str, int]:
    """How much of each kind the job would take away now."""
    with database.read() as session:
        counts = {kind: session.scalar(select(func.count()).select_from(query.subquery())) or 0 for kind, query in _due(days).items()}
        return counts | ({"audit": trail.older(session, days.audit)} if days.audit else {})


def forget(database: Database, shelf: Shelf, days: Days) -> dict[str, int]:
    """Take away what is over; gives how much of each kind. What comes due or is held meanwhile is looked at anew in each batch."""
    gone = {kind: sum(_TAKE_AWAY[kind](database, shelf, ids) for ids in _batches(database, query)) for kind, query in _due(days).items()}
    gone |= {"audit": trail.cut(database, days.audit)} if days.audit else {}
    told = " ".join(f"{kind} {count}" for kind, count in gone.items() if count)
    if told:
        with database.write() as session:
            trail.write_down(session, None, "retention", told)
    return gone


def _due(days: Days) -> Mapping[str, Select[Any]]:
    """The ids of what is over, by kind; the conversation first, for the rest goes with it."""
    moment = now()
    before = {kind: moment - timedelta(days=count) for kind, count in asdict(days).items() if (count and kind != "audit") or kind == "conversation"}
    kinds: dict[str, Callable[[datetime], Select[Any]]] = {
        "conversation": lambda time: select(ConversationRow.id).where(ConversationRow.changed_at < time, *_whole()),
        "contact": lambda time: _closed(select(ConversationRow.id), time).where(or_(*(getattr(ConversationRow, name).is_not(None) for name in CONTACTS))),
        "attachment": lambda time: _closed(select(AttachmentRow.id).join(ConversationRow, ConversationRow.id == AttachmentRow.conversation_id), time),
        "tracker": lambda time: _closed(select(ConversationRow.id), time).where(ConversationRow.id.in_(select(TrackerEventRow.conversation_id))),
        "rating": lambda time: (
            select(RatingRow.id)
            .join(ConversationRow, ConversationRow.id == RatingRow.conversation_id)
            .where(RatingRow.at < time, RatingRow.comment.is_not(None), not_held())
        ),
        "survey": lambda time: (
            select(SurveyRow.id)
            .join(ConversationRow, ConversationRow.id == SurveyRow.conversation_id)
            .where(SurveyRow.asked_at < time, or_(SurveyRow.comment.is_not(None), SurveyRow.follow_note.is_not(None)), not_held())
        ),
        "gap": lambda time: (
            select(GapQuestionRow.message_id)
            .join(ConversationRow, ConversationRow.id == GapQuestionRow.conversation_id)
            .where(GapQuestionRow.at < time, not_held())
        ),
        "outbox": lambda time: select(OutboxRow.id).where(or_(OutboxRow.delivered_at < time, OutboxRow.dead_at < time)),
    }
    return {kind: kinds[kind](time) for kind, time in before.items()}


def _whole() -> tuple[Any, ...]:
    return (ConversationRow.secret_hash != ERASED, not_held())


def _closed(query: Select[Any], before: datetime) -> Select[Any]:
    return query.where(ConversationRow.state == State.CLOSED.value, ConversationRow.changed_at < before, *_whole())


def _batches(database: Database, query: Select[Any]) -> Iterator[Sequence[str]]:
    """Ids, some at a time, until there are no new ones."""
    seen: set[str] = set()
    while True:
        with database.read() as session:
            ids = [one for one in session.scalars(query.limit(BATCH + len(seen))) if one not in seen]
        if not ids:
            return
        seen.update(ids)
        yield ids


def _conversations(database: Database, shelf: Shelf, ids: Sequence[str]) -> int:
    gone = 0
    for conversation_id in ids:
        try:
            erase(database, shelf, conversation_id)
        except Held:  # since we looked
            continue
        gone += 1
    return gone


def _contacts(database: Database, _shelf: Shelf, ids: Sequence[str]) -> int:
    with database.write() as session:
        rows = session.scalars(select(ConversationRow).where(ConversationRow.id.in_(ids), not_held()).with_for_update()).all()
        for row in rows:
            for name in CONTACTS:
                setattr(row, name, None)
            row.verified_how = row.verified_by = row.verified_at = None
        return len(rows)


def _attachments(database: Database, shelf: Shelf, ids: Sequence[str]) -> int:
    with database.write() as session:
        free = select(AttachmentRow.id).join(ConversationRow, ConversationRow.id == AttachmentRow.conversation_id).where(AttachmentRow.id.in_(ids), not_held())
        found = session.scalars(free).all()
        messages = select(EventRow).join(AttachmentRow, AttachmentRow.event_id == EventRow.id).where(AttachmentRow.id.in_(found))
        for message in session.scalars(messages).all():
            message.body = {**message.body, "files": [_only_named(file) for file in message.body.get("files", ())]}
        session.execute(delete(AttachmentRow).where(AttachmentRow.id.in_(found)))
    shelf.drop(found)
    return len(found)


def _only_named(file: Mapping[str, Any]) -> dict[str, Any]:
    """A file that is gone has a name in the talk, and no size of a picture that a page would draw."""
    return {name: value for name, value in file.items() if name not in ("width", "height")}


def _trackers(database: Database, _shelf: Shelf, ids: Sequence[str]) -> int:
    with database.write() as session:
        free = session.scalars(select(ConversationRow.id).where(ConversationRow.id.in_(ids), not_held()).with_for_update()).all()
        session.execute(delete(TrackerEventRow).where(TrackerEventRow.conversation_id.in_(free)))
        session.execute(update(DecisionRow).where(DecisionRow.conversation_id.in_(free)).values(reading={"candidates": [], "why": "", "entities": []}))
        return len(free)


def _ratings(database: Database, _shelf: Shelf, ids: Sequence[str]) -> int:
    with database.write() as session:
        session.execute(update(RatingRow).where(RatingRow.id.in_(ids)).values(comment=None))
    return len(ids)


def _surveys(database: Database, _shelf: Shelf, ids: Sequence[str]) -> int:
    with database.write() as session:
        session.execute(update(SurveyRow).where(SurveyRow.id.in_(ids)).values(comment=None, follow_note=None))
    return len(ids)


def _gap_examples(database: Database, _shelf: Shelf, ids: Sequence[str]) -> int:
    with database.write() as session:
        session.execute(delete(GapQuestionRow).where(GapQuestionRow.message_id.in_(ids)))
    return len(ids)


def _deliveries(database: Database, _shelf: Shelf, ids: Sequence[str]) -> int:
    with database.write() as session:
        session.execute(delete(OutboxRow).where(OutboxRow.id.in_(ids)))
    return len(ids)


_TAKE_AWAY: Mapping[str, Callable[[Database, Shelf, Sequence[str]], int]] = {
    "conversation": _conversations,
    "contact": _contacts,
    "attachment": _attachments,
    "tracker": _trackers,
    "rating": _ratings,
    "survey": _surveys,
    "gap": _gap_examples,
    "outbox": _deliveries,
}
