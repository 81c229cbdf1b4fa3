"""Letters that the bot may answer by itself: owed a look in the transaction in which they came, looked at by one process, answered or left to people once.

Only the first letter of somebody gets there; what they answer to the bot, a person reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.understanding import Language, Reading
from handoff.conversations import matters, store
from handoff.conversations.events import Kind
from handoff.conversations.links import Links
from handoff.conversations.mail_tables import MailRow
from handoff.conversations.matters import Tells
from handoff.conversations.posting import BY_LETTER
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.turns import decision_row
from handoff.database import Database, now

CLAIMED = timedelta(seconds=60)  # one look; whoever is killed meanwhile is followed after it
PATIENCE = timedelta(minutes=10)  # that a bot may be away; then people have the letter alone
LONGEST = 1_500  # characters of a letter that the bot answers: in a longer one it would answer a part
OUTCOME = "answered_by_bot"


@dataclass(frozen=True)
class Due:
    """A letter that waits for the bot's look. `answerable`: it is of the kind that the bot may answer."""

    mail_id: str
    conversation_id: str
    text: str
    language: Language
    answerable: bool
    since: timedelta


def claim(database: Database) -> Due | None:
    """The letter that has waited longest, for one look; None when none waits."""
    with database.write() as session:
        waits = select(MailRow).where(MailRow.answer_due_at <= now()).order_by(MailRow.answer_due_at).limit(1)
        mail = session.scalar(waits.with_for_update(skip_locked=True))
        if mail is None:
            return None
        mail.answer_due_at = now() + CLAIMED
        row, event = session.get_one(ConversationRow, mail.conversation_id), session.get(EventRow, mail.event_id)
        body = event.body if event else {}
        plain = not any(body.get(name) for name in ("files", "left_out", "cut")) and not any(part["kind"] == "more" for part in body.get("folded", ()))
        text = "\n".join(part for part in (str(body.get("subject", "")), str(body.get("text", ""))) if part)
        answerable = plain and len(text) <= LONGEST and row.state == State.TICKET and _is_first(session, row) and not matters.told_enough(session, row)
        return Due(mail.id, row.id, str(body.get("text", "")), cast(Language, row.language), answerable, now() - mail.at)


def answer(database: Database, due: Due, reading: Reading, text: str, *, entry_id: str) -> bool:
    """The bot's answer, its letter and the end of the matter until its customer writes again. False where a person or another look was first."""
    with database.write() as session:
        row, mail = _paid(session, due)
        if mail is None or row.state != State.TICKET or not _is_first(session, row):
            return False
        row.language = reading.language
        session.add(decision_row(mail.event_id or "", row.id, reading))
        body: dict[str, Any] = {"text": text, "language": reading.language, "entry_id": entry_id, "probability": reading.candidates[0].probability}
        store.append(session, row, Kind.MESSAGE, actor="bot", body=body, hidden={BY_LETTER: True})
        store.move(row, State.CLOSED)
        row.outcome = OUTCOME
        store.append(session, row, Kind.CLOSED, actor="system", body={"outcome": OUTCOME})
        return True


def leave(database: Database, due: Due, made: Links, tells: Tells) -> None:
    """People answer it; its writer hears that it has come."""
    with database.write() as session:
        row, mail = _paid(session, due)
        if mail is not None and not _is_answered(session, row):
            matters.receive(session, row, made, tells)


def _paid(session: Session, due: Due) -> tuple[ConversationRow, MailRow | None]:
    """The locked rows, the debt paid; no letter where it was paid before or erased."""
    row = store.conversation(session, due.conversation_id, lock=True)
    mail = session.get_one(MailRow, due.mail_id, with_for_update=True, populate_existing=True)
    was_due, mail.answer_due_at = mail.answer_due_at is not None, None
    return row, mail if was_due else None


def _is_first(session: Session, row: ConversationRow) -> bool:
    """Nobody has said anything but the one letter."""
    said = select(EventRow.id).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value).limit(2)
    return len(session.scalars(said).all()) == 1


def _is_answered(session: Session, row: ConversationRow) -> bool:
    said = (EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "agent")
    return session.scalar(select(EventRow.id).where(*said).limit(1)) is not None
