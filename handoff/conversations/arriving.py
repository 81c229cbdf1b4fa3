"""A letter that has come becomes a message of its conversation: once, whoever takes it and how often. The same transaction says how far the box is read.

Its files are on the shelf before, and leave it again where the letter was known already: whoever is killed between leaves bytes that nobody can ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.understanding import Language
from handoff.conversations import codes, matters, parcels, store, verification
from handoff.conversations.attachments import FIELDS, Attachments
from handoff.conversations.events import Kind
from handoff.conversations.handoffs import NOBODY
from handoff.conversations.links import Links
from handoff.conversations.mail_tables import IN, OUT, MailBoxRow, MailRow, MailThreadRow
from handoff.conversations.matters import Tells
from handoff.conversations.posting import LETTERS
from handoff.conversations.shelf import Stored
from handoff.conversations.states import State
from handoff.conversations.store import ERASED
from handoff.conversations.tables import AttachmentRow, ConversationRow, EventRow
from handoff.database import Database, now
from handoff.errors import Unreadable

Nature = Literal["person", "auto", "bounce", "own"]  # who wrote: somebody, a machine for somebody, a mail server about a letter of ours, we ourselves
AUTO_TAG = "automaatkiri"  # on tickets that a machine wrote: nobody waits for an answer there


@dataclass(frozen=True)
class Folded:
    """A part of a letter that is there but not in the way: what it quotes, a signature, the rest of a long one."""

    kind: Literal["quote", "signature", "more"]
    text: str


@dataclass(frozen=True)
class Came:
    """A file that came with a letter."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class LeftOut:
    """A file that stays in the box: its name, and why (codes as `Shelf.put` raises, or `letter_too_large`)."""

    name: str
    why: str


@dataclass(frozen=True)
class Arrived:
    """A letter as it was read. `answers` are Message-IDs of letters that it names, the nearest first; `words` the random ones in the addresses it came to;
    `of_bounce` why a letter of ours will not arrive. `cut`: it is so large that only its beginning was read."""

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    language: Language
    nature: Nature = "person"
    answers: Sequence[str] = ()
    words: Sequence[str] = ()
    folded: Sequence[Folded] = ()
    files: Sequence[Came] = ()
    left_out: Sequence[LeftOut] = ()
    of_bounce: str = ""
    cut: bool = False


@dataclass(frozen=True)
class Taken:
    """What became of a letter: its conversation, if any, whether that is new, and whether the letter may be marked as seen."""

    conversation_id: str | None
    new: bool = False
    done: bool = True


@dataclass(frozen=True)
class _Opened:
    """A letter with its files laid on the shelf; `tried` is the code it brings, if one is awaited."""

    letter: Arrived
    box: str
    mark: str
    stored: Sequence[Stored]
    left_out: Sequence[LeftOut]
    tried: codes.Attempt | None


class Arrivals:
    """Takes letters in. `bot_looks`: the bot owes new ones a look."""

    def __init__(self, database: Database, attachments: Attachments, made: Links, tells: Tells, *, bot_looks: bool = False) -> None:
        self._database, self._attachments, self._made, self._tells, self._bot_looks = database, attachments, made, tells, bot_looks

    def take(self, letter: Arrived, *, box: str, number: int) -> Taken:
        """Keep it, and that the box is read up to this number. The same letter again changes nothing."""
        tried = self._code_in(letter)
        stored, left_out = self._put_files(letter)
        opened = _Opened(letter, box, parcels.hashed(letter.message_id), stored, [*letter.left_out, *left_out], tried)
        taken, kept = Taken(None), False
        try:
            with self._database.write() as session:
                place = box_row(session, box)
                place.last = max(place.last, number)
                taken, kept = self._keep(session, opened)
                place.taken += kept
        except IntegrityError:  # two processes raced on PostgreSQL: the other one has it
            taken, kept = Taken(None), False
        finally:
            if not kept:
                self._attachments.shelf.drop([one.id for one in stored])
        return taken

    def _keep(self, session: Session, opened: _Opened) -> tuple[Taken, bool]:
        """What came of it, and whether it is a message now."""
        letter = opened.letter
        if letter.nature == "own" or _known(session, opened):
            return Taken(None), False
        if letter.nature == "bounce":
            return self._note_bounce(session, opened), False
        row = _conversation(session, letter)
        if row is not None and letter.nature == "auto":
            _append_auto(session, row, letter)
            _keep_row(session, row, opened)
            return Taken(row.id), False
        is_new = row is None
        row = row or _open(session, letter)
        event = _append(session, row, opened, is_new=is_new)
        mail = _keep_row(session, row, opened, event)
        if letter.nature == "person" and row.email:
            self._tell(session, row, mail, opened, is_new=is_new)
        return Taken(row.id, new=is_new), True

    def _tell(self, session: Session, row: ConversationRow, mail: MailRow, opened: _Opened, *, is_new: bool) -> None:
        """What its writer is told by letter, and what the bot owes."""
        if is_new and self._bot_looks and opened.letter.text:
            mail.answer_due_at = now()  # the bot answers, or says that it has come
        elif is_new:
            matters.receive(session, row, self._made, self._tells)
        if opened.left_out:
            matters.tell_left_out(session, row, self._tells, [one.name for one in opened.left_out], key=f"left-out:{mail.id}")

    def _note_bounce(self, session: Session, opened: _Opened) -> Taken:
        """A letter of ours did not arrive. One that we do not know stays in the box as it is: it is about somebody else's letter."""
        letter = opened.letter
        marks = [parcels.hashed(one) for one in letter.answers]
        ours = select(MailRow).where(MailRow.direction == OUT, MailRow.mark.in_(marks)).order_by(MailRow.at.desc()).limit(1)
        mail = session.scalar(ours)
        if mail is None:
            return Taken(None, done=False)
        row = store.conversation(session, mail.conversation_id, lock=True)
        session.refresh(mail, with_for_update=True)
        _keep_row(session, row, opened)
        if letter.of_bounce and mail.failed_at is None:
            mail.failed_at = now()
            parcels.note_failed(session, row, mail, letter.of_bounce)
        return Taken(row.id)

    def _put_files(self, letter: Arrived) -> tuple[list[Stored], list[LeftOut]]:
        """What may be kept onto the shelf, by the same rules as in the chat; the rest is named."""
        stored: list[Stored] = []
        left_out: list[LeftOut] = []
        allowed, shelf = self._attachments.allowed, self._attachments.shelf
        weight = 0
        for file in letter.files:
            try:
                if len(file.content) > allowed.size:
                    raise Unreadable("too large", code="file_too_large", field="file")
                if len(stored) >= allowed.count or weight + len(file.content) > allowed.total:
                    raise Unreadable("too many", code="file_count", field="file")
                one = shelf.put(shelf.lay(file.content), name=file.name, allowed=allowed.types)
            except Unreadable as error:
                left_out.append(LeftOut(file.name, error.code))
                continue
            stored.append(one)
            weight += one.size
        return stored, left_out

    def _code_in(self, letter: Arrived) -> codes.Attempt | None:
        """Whether it is the code that is awaited: that is covered before it is kept."""
        if letter.nature != "person":
            return None
        with self._database.read() as session:
            row = _conversation(session, letter, lock=False)
        return codes.attempt(self._database, row.id, letter.text) if row is not None else None


def box_row(session: Session, box: str) -> MailBoxRow:
    """How far the box has been read, locked; made where there is none."""
    row = session.scalar(select(MailBoxRow).where(MailBoxRow.id == box).with_for_update())
    if row is None:
        row = MailBoxRow(id=box, last=0, taken=0)
        session.add(row)
        session.flush()
    return row


def _known(session: Session, opened: _Opened) -> bool:
    """Taken before, or one of ours."""
    same = or_(MailRow.box == opened.box, MailRow.direction == OUT)
    return session.scalar(select(MailRow.id).where(MailRow.mark == opened.mark, same).limit(1)) is not None


def _conversation(session: Session, letter: Arrived, *, lock: bool = True) -> ConversationRow | None:
    """Which one it goes on with: the one whose word its address has, else that of the nearest letter it names."""
    words = [parcels.hashed(word) for word in letter.words]
    found = session.scalar(select(MailThreadRow.conversation_id).where(MailThreadRow.word_hash.in_(words)).limit(1)) if words else None
    marks = [parcels.hashed(one) for one in letter.answers]
    if found is None and marks:
        named = {mail.mark: mail.conversation_id for mail in session.scalars(select(MailRow).where(MailRow.mark.in_(marks)))}
        found = next((named[mark] for mark in marks if mark in named), None)
    if found is None:
        return None
    row = store.conversation(session, found, lock=lock)
    return None if row.secret_hash == ERASED else row


def _open(session: Session, letter: Arrived) -> ConversationRow:
    row = ConversationRow(
        secret_hash=NOBODY,
        state=State.TICKET.value,
        channel=LETTERS,
        language=letter.language,
        reason="contact_left",
        name=letter.sender_name or None,
        email=letter.sender or None,
        tags=[AUTO_TAG] if letter.nature == "auto" else [],
        last_number=0,
    )
    session.add(row)
    session.flush()
    parcels.thread_of(session, row, subject=letter.subject)
    return row


def _append(session: Session, row: ConversationRow, opened: _Opened, *, is_new: bool) -> EventRow:
    """The message, with its files; what was closed or put off is open again."""
    letter, tried = opened.letter, opened.tried
    if not is_new:
        matters.come_back(session, row)
    row.email = row.email or letter.sender or None  # it was forgotten since, and is given anew
    stranger = letter.sender and row.email and letter.sender.casefold() != row.email.casefold()
    if stranger:
        verification.doubt(session, row)
    verdict = codes.judge(session, row, tried) if tried and not stranger else None
    parts: dict[str, Any] = {
        "subject": letter.subject,
        "folded": [{"kind": one.kind, "text": one.text} for one in letter.folded],
        "files": [{name: value for name in FIELDS if (value := getattr(file, name)) is not None} for file in opened.stored],
        "left_out": [{"name": one.name, "why": one.why} for one in opened.left_out],
        "from": letter.sender if stranger else "",
        "cut": letter.cut,
    }
    body = {"text": tried.text if tried else letter.text, "mail": True} | {name: value for name, value in parts.items() if value}
    event = store.append(session, row, Kind.MESSAGE, actor="customer", client_id=f"mail-{opened.mark[:40]}", body=body)
    session.add_all(
        AttachmentRow(conversation_id=row.id, event_id=event.id, actor="customer", at=event.at, **{name: getattr(file, name) for name in FIELDS})
        for file in opened.stored
    )
    if verdict:
        codes.tell(session, row, verdict)
    return event


def _append_auto(session: Session, row: ConversationRow, letter: Arrived) -> None:
    """An absence assistant wrote: the agent sees it, nothing is opened and nobody owes an answer."""
    store.append(session, row, Kind.AUTO_REPLIED, actor="system", body={"text": letter.text})


def _keep_row(session: Session, row: ConversationRow, opened: _Opened, event: EventRow | None = None) -> MailRow:
    parcels.thread_of(session, row, subject=opened.letter.subject)
    named = {"box": opened.box, "mark": opened.mark, "message_id": opened.letter.message_id}
    mail = MailRow(conversation_id=row.id, event_id=event.id if event else None, direction=IN, **named)
    session.add(mail)
    session.flush()
    return mail
