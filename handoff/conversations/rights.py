"""The rights of a person over all their conversations at once: a copy and erasure, for whoever has proved who they are.

Who types an address may mistype it, and then its owner must not read their talk. So a conversation is theirs whom the site's log-in says was in it, and
the address's owner's where the address has proved itself in that very conversation: the site has signed it, a code from its mailbox was typed there, or
a letter came from it. Those in which it was only typed are told as a number; a person of ours looks at them (`ask_for_a_look`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from bot.understanding import Language
from handoff.accounts import trail
from handoff.contract import Reason
from handoff.conversations import codes, erasure, finding, store, verification
from handoff.conversations.events import Kind
from handoff.conversations.holding import Held
from handoff.conversations.mail_tables import IN, MailRow
from handoff.conversations.shelf import Shelf
from handoff.conversations.states import State
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow, EventRow, VerificationCodeRow
from handoff.conversations.tickets import open_ticket
from handoff.conversations.verification import How
from handoff.database import Database, new_id, now
from handoff.errors import NotFound

FORMAT = "abiline-person/1"
CAUSE = "rights:"  # begins the cause of a code that the page of one's data asked for: it proves a mailbox, and nothing of the talk it hangs on


@dataclass(frozen=True)
class Who:
    """Somebody who has proved an e-mail address, or who they are at the site (its own id of them), or both."""

    email: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Talks:
    """Ids of a person's conversations, newest first, and of those in which somebody only typed their address."""

    theirs: Sequence[str] = ()
    typed: Sequence[str] = ()


@dataclass(frozen=True)
class Named:
    """Somebody of a name. `key` is what they are found by: an e-mail, a phone, the site's id, or, where none is `known`, the id of a conversation."""

    name: str
    key: str
    known: bool
    last_at: datetime


@dataclass(frozen=True)
class Gone:
    """What came of an erasure: its receipt, how many conversations went and how many have to be kept for now."""

    receipt: str
    erased: int
    held: int


def found(database: Database, fact: finding.Fact, value: str) -> Sequence[ConversationRow]:
    """What is held of whoever has this e-mail, phone or log-in at the site, newest first, whoever has typed it: for a supervisor, who decides.
    In place of a log-in stands the id of one conversation, too."""
    with database.read() as session:
        which = finding.same(session, fact, value) | ((ConversationRow.id == value) if fact == "identity" else false())
        query = select(ConversationRow).where(which, ConversationRow.secret_hash != ERASED)
        return session.scalars(query.order_by(ConversationRow.created_at.desc(), ConversationRow.id)).all()


def named(database: Database, name: str) -> Sequence[Named]:
    """People of this name, or one that begins so, who was here last first. Two of one name are two as soon as their contacts differ."""
    people: dict[str, Named] = {}
    with database.read() as session:
        query = select(ConversationRow).where(finding.has(session, name), ConversationRow.secret_hash != ERASED)
        for row in session.scalars(query.order_by(ConversationRow.created_at.desc(), ConversationRow.id)):
            if finding.is_named(row.name, name):
                key = row.email or row.phone or row.identity or row.id
                people.setdefault(key, Named(row.name or "", key, known=key != row.id, last_at=row.created_at))
    return list(people.values())


def talks(database: Database, who: Who) -> Talks:
    """What there is of somebody who has proved who they are."""
    with database.read() as session:
        mine = finding.same(session, "identity", who.subject) if who.subject else false()
        typed: ColumnElement[bool] = false()
        if who.email:
            same = finding.same(session, "email", who.email)
            nobody_else = or_(ConversationRow.identity.is_(None), ConversationRow.email_signed.is_(True), _by_code(session, who.email))
            mine = or_(mine, and_(same, nobody_else, proved(session, who.email)))
            typed = and_(same, ConversationRow.identity.is_(None), ~proved(session, who.email))
        return Talks(_ids(session, mine), _ids(session, typed))


def proved(session: Session, email: str) -> ColumnElement[bool]:
    """Whether this address, which a conversation has, is that of who was in it: it has answered there, not only been typed."""
    answered = func.coalesce(ConversationRow.verified_how, "").in_((How.CODE.value, How.ADDRESS.value))  # lost as soon as another is typed
    return or_(ConversationRow.email_signed.is_(True), answered, _by_code(session, email), _by_letter())


def looked(database: Database, count: int, *, by: str) -> None:
    """Somebody of ours has looked what is held of a person."""
    with database.write() as session:
        trail.write_down(session, by, "looked_up_person", f"{count} conversations")


def ask_for_a_look(database: Database, email: str, text: str, language: Language) -> str | None:
    """The owner of the address asks a person of ours to look at the conversations in which it was only typed; gives the ticket. None: one waits already."""
    with database.read() as session:
        waits = ConversationRow.reason == Reason.PERSONAL_DATA.value
        asked = select(ConversationRow.id).where(finding.same(session, "email", email), waits, ConversationRow.state != State.CLOSED.value)
        if session.scalar(asked.limit(1)) is not None:
            return None
    conversation_id = open_ticket(database, channel="email", text=text, language=language, email=email, reason=Reason.PERSONAL_DATA.value)
    with database.write() as session:
        verification.keep(session, store.conversation(session, conversation_id, lock=True), How.ADDRESS)
    return conversation_id


def export(database: Database, ids: Sequence[str], *, by: str | None = None) -> dict[str, Any]:
    """Everything we hold in these conversations, as JSON-able data. That it was given is written down, what it was is not."""
    copies = [erasure.export(database, conversation_id) for conversation_id in ids]
    with database.write() as session:
        trail.write_down(session, by, "exported_person", f"{len(copies)} conversations")
    return {"format": FORMAT, "made_at": now().isoformat(), "conversations": copies}


def erase(database: Database, shelf: Shelf, ids: Sequence[str], *, by: str | None = None, why: str = "asked on the page") -> Gone:
    """Erase these conversations, each in a transaction of its own; what is held stays and its wish is kept."""
    erased = held = 0
    for conversation_id in ids:
        try:
            erasure.erase(database, shelf, conversation_id)
            erased += 1
        except Held:
            held += 1
        except NotFound:  # erased by somebody else meanwhile
            continue
    receipt = new_id()
    with database.write() as session:
        trail.write_down(session, by, "erased_person", f"receipt {receipt}, {erased} conversations, {held} held, {why}")
    return Gone(receipt, erased, held)


def _by_code(session: Session, email: str) -> ColumnElement[bool]:
    """Whether a code that was sent to the address was typed in the conversation itself."""
    code = exists().where(VerificationCodeRow.conversation_id == ConversationRow.id, VerificationCodeRow.right.is_(True))
    return code.where(VerificationCodeRow.address_hash.in_(codes.hashes(session, email)), ~VerificationCodeRow.cause.startswith(CAUSE))


def _by_letter() -> ColumnElement[bool]:
    """Whether a letter came in the conversation, and no other contact was typed after it."""
    typed_since = exists().where(EventRow.conversation_id == MailRow.conversation_id, EventRow.kind == Kind.CONTACT_LEFT.value, EventRow.at > MailRow.at)
    return exists().where(MailRow.conversation_id == ConversationRow.id, MailRow.direction == IN, ~typed_since)


def _ids(session: Session, which: ColumnElement[bool]) -> Sequence[str]:
    query = select(ConversationRow.id).where(which, ConversationRow.secret_hash != ERASED)
    return session.scalars(query.order_by(ConversationRow.created_at.desc(), ConversationRow.id)).all()
