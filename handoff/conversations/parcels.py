"""What one letter carries, put together when it goes out: the words that its reader has not got yet, and the thread it belongs to.

What was packed once stays one letter: its row is kept before it is sent, so whoever sends it again after a crash sends the same Message-ID.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.links import Links
from handoff.conversations.mail_tables import IN, OUT, MailRow, MailThreadRow
from handoff.conversations.posting import BY_LETTER, CALLS, LETTERS, is_posted, reads_letters
from handoff.conversations.states import State
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database, now
from handoff.mail import Thread

WORD_BYTES = 15  # of the random word in an address, 120 bits
LONGEST_THREAD = 12  # letters that a letter names before it
HEAVIEST = 15_000_000  # bytes of files in one letter; many mail servers take 25 MB, and files grow by a third on their way
LONGEST_QUOTE = 1_500


@dataclass(frozen=True)
class Said:
    """Words that go by letter, and the files that go with them: id, name, media type."""

    text: str
    name: str
    by_bot: bool
    files: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Parcel:
    """All that is needed to write a letter. `quoted`: what it answers, where that came from the same address. `from_chat`: its reader left the chat;
    `token`: of the page where the matter stands."""

    row: ConversationRow
    subject: str
    said: Sequence[Said]
    quoted: str
    from_chat: bool
    token: str
    thread: Thread


def pack(database: Database, letter_id: str, conversation_id: str, number: int, *, domain: str, made: Links) -> Parcel | None:
    """The letter for message `number` and what was said after it. None when there is nothing left to send: it was read in the chat, taken back, erased, or
    went with another letter."""
    with database.write() as session:
        row = session.scalar(select(ConversationRow).where(ConversationRow.id == conversation_id).with_for_update())
        if row is None or row.secret_hash == ERASED or not row.email:
            return None
        mail = session.get(MailRow, letter_id)
        if mail is None:
            events = _unsent(session, row, number)
            if not events:
                return None
            mail = _letter(session, row, letter_id, domain)
            mail.event_id, mail.first, mail.upto = events[0].id, events[0].number, events[-1].number
        said = [event for event in _messages(session, row.id, mail.first, mail.upto) if is_posted(event)]
        if not said:
            return None
        thread_row = thread_of(session, row)
        quoted, thread = _asked(session, row, mail.first), _thread(session, mail)
        from_chat = not reads_letters(session, row, mail.first)
        return Parcel(row, thread_row.subject, [_said(event) for event in said], quoted, from_chat, made.of(row), thread)


def begin(database: Database, letter_id: str, conversation_id: str, *, domain: str) -> Thread | None:
    """The place in the conversation's thread of a letter that is written already, such as a notice. None where there is no conversation any more."""
    with database.write() as session:
        row = session.scalar(select(ConversationRow).where(ConversationRow.id == conversation_id).with_for_update())
        if row is None or row.secret_hash == ERASED:
            return None
        mail = session.get(MailRow, letter_id) or _letter(session, row, letter_id, domain)
        thread_of(session, row)
        return _thread(session, mail)


def sent(database: Database, letter_id: str) -> None:
    """A mail server has taken it."""
    with database.write() as session:
        mail = session.get(MailRow, letter_id)
        if mail is not None:
            mail.sent_at = mail.sent_at or now()


def fail(database: Database, letter_id: str, why: str) -> str | None:
    """It will not arrive: the desk sees it at the message, once, and what was closed with it waits for a person again. Gives the conversation, or None
    when it was known."""
    with database.write() as session:
        mail = session.get(MailRow, letter_id)
        if mail is None:
            return None
        row = store.conversation(session, mail.conversation_id, lock=True)
        session.refresh(mail, with_for_update=True)
        if mail.failed_at is not None:
            return None
        mail.failed_at = now()
        return note_failed(session, row, mail, why)


def note_failed(session: Session, row: ConversationRow, mail: MailRow, why: str) -> str:
    """Say at the message that it did not arrive. The row must be locked."""
    if mail.upto and row.state == State.CLOSED and row.channel in (LETTERS, CALLS) and row.outcome != "spam":
        store.move(row, State.TICKET)
        row.outcome = row.closed_at = None
        store.append(session, row, Kind.REOPENED, actor="system")
    store.append(session, row, Kind.BOUNCED, actor="system", body={"number": mail.first, "upto": mail.upto, "why": why})
    return row.id


def thread_of(session: Session, row: ConversationRow, *, subject: str = "") -> MailThreadRow:
    """The conversation's thread; made where there is none. The row must be locked."""
    thread = session.get(MailThreadRow, row.id)
    if thread is None:
        word = secrets.token_hex(WORD_BYTES)
        thread = MailThreadRow(conversation_id=row.id, subject=subject, word_hash=hashed(word), word=word)
        session.add(thread)
        session.flush()
    return thread


def hashed(word: str) -> str:
    """As what a word or a Message-ID is looked for."""
    return hashlib.sha256(word.encode()).hexdigest()


def _letter(session: Session, row: ConversationRow, letter_id: str, domain: str) -> MailRow:
    message_id = f"<{letter_id}@{domain}>"
    mail = MailRow(id=letter_id, conversation_id=row.id, direction=OUT, mark=hashed(message_id), message_id=message_id)
    session.add(mail)
    session.flush()
    return mail


def _unsent(session: Session, row: ConversationRow, number: int) -> list[EventRow]:
    """From this message on, as much as one letter can carry; none when it is known to its reader."""
    covered = session.scalar(select(func.max(MailRow.upto)).where(MailRow.conversation_id == row.id, MailRow.direction == OUT)) or 0
    if number <= covered or (number <= row.seen_by_customer and not reads_letters(session, row, number)):
        return []
    taken: list[EventRow] = []
    weight = 0
    for event in filter(is_posted, _messages(session, row.id, number, row.last_number)):
        weight += sum(file["size"] for file in event.body.get("files", ()))
        if taken and weight > HEAVIEST:
            break  # its own debt is still there and carries the rest
        taken.append(event)
    return taken


def _messages(session: Session, conversation_id: str, first: int, upto: int) -> Sequence[EventRow]:
    said = (EventRow.conversation_id == conversation_id, EventRow.kind == Kind.MESSAGE.value, EventRow.number.between(first, upto))
    return session.scalars(select(EventRow).where(*said).order_by(EventRow.number).limit(store.PAGE)).all()


def _said(event: EventRow) -> Said:
    files = [(file["id"], file["name"], file["type"]) for file in event.body.get("files", ())]
    return Said(event.body["text"], str(event.body.get("name", "")), bool(event.hidden.get(BY_LETTER)), files)


def _asked(session: Session, row: ConversationRow, first: int) -> str:
    """The newest words of the customer before it, where they came by letter from the address that it goes to."""
    asked = (EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "customer", EventRow.number < first)
    event = session.scalar(select(EventRow).where(*asked).order_by(EventRow.number.desc()).limit(1))
    if event is None or not (event.body.get("mail") or row.channel == LETTERS) or event.body.get("from"):
        return ""
    text = str(event.body["text"])
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"


def _thread(session: Session, mail: MailRow) -> Thread:
    """The letters before it, oldest first, and which of them it answers."""
    before = select(MailRow).where(MailRow.conversation_id == mail.conversation_id, MailRow.id != mail.id, MailRow.at <= mail.at)
    known = session.scalars(before.order_by(MailRow.at.desc()).limit(LONGEST_THREAD)).all()[::-1]
    came = [one for one in known if one.direction == IN]
    answers: Any = (came or known)[-1:]
    word = session.get(MailThreadRow, mail.conversation_id)
    return Thread(
        message_id=mail.message_id,
        in_reply_to=answers[0].message_id if answers else "",
        references=tuple(one.message_id for one in known),
        word=word.word if word else "",
    )
