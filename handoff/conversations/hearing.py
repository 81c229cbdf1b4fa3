"""What came by a messenger becomes a message of its conversation, once, however often it comes and whoever is killed in between.

First its conversation is settled, in one transaction with the message's mark; then it is said there as any customer says something. A repeat finds the
mark and says it again in the same conversation, where its id makes it the same message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.understanding import Language, Reply
from handoff.conversations import channel_debts, finding, saying, service, store
from handoff.conversations.channel_debts import FETCH, SAY
from handoff.conversations.channel_tables import ChannelMessageRow, ChannelSenderRow, ChannelTalkRow
from handoff.conversations.events import Kind
from handoff.conversations.states import State, bot_may_answer
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow
from handoff.conversations.words import LONGEST
from handoff.database import Database, now
from handoff.errors import NotFound, Unreadable

AT_MESSENGER = "messenger"  # a secret hash that no secret has: who writes there is known by the messenger
SENDER = "sender"  # purpose of the marks by which senders are found


@dataclass(frozen=True)
class Press:
    """A tap on a button: which one of which event."""

    conversation_id: str
    number: int
    button: int


@dataclass(frozen=True)
class Heard:
    """One thing that somebody did at a messenger. `id` is unique there; `sender` is who it was, `address` where an answer goes.

    `aside` names what has no words (sticker, voice, …) and is answered as such; `files` are what to fetch, as the messenger describes them;
    `receipt` is sent back at once, as it stands. `begins`: they have just opened the talk.
    """

    channel: str
    id: str
    sender: str
    address: str
    text: str = ""
    name: str | None = None
    language: Language = "et"
    press: Press | None = None
    aside: str | None = None
    begins: bool = False
    files: Sequence[Mapping[str, Any]] = ()
    receipt: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """What the house says of itself: its first words, the answer to what has no words, and as what that stands in the log."""

    greeting: Callable[[Language], str]
    aside: Callable[[Language, str], Reply]
    noted: Callable[[Language, str], str]


@dataclass(frozen=True)
class Taken:
    """What came of it: its conversation, and whether the bot owes an answer there."""

    conversation_id: str
    owed: bool = False


def take(database: Database, heard: Heard, words: Words) -> Taken | None:
    """Keep it. None where its conversation is erased: then nothing is kept."""
    try:
        conversation_id, is_new = _place(database, heard, words)
    except IntegrityError:  # two came at the same moment on PostgreSQL: the other one has begun the talk
        conversation_id, is_new = _place(database, heard, words)
    try:
        return Taken(conversation_id, owed=_say(database, conversation_id, heard, words, is_new=is_new))
    except NotFound:
        return None


def block(database: Database, channel: str, sender: str) -> str | None:
    """They have shut us out, so nothing reaches them any more: gives the conversation that tells the agent, if there is one."""
    with database.write() as session:
        row = _sender(session, channel, sender)
        if row is None or row.blocked_at is not None:
            return None
        row.blocked_at = now()
        talk = _present(session, row)
    if talk is not None:
        fail(database, talk.id, number=0, why="channel_blocked", key=f"blocked:{row.blocked_at.isoformat()}")
    return talk.id if talk else None


def fail(database: Database, conversation_id: str, *, number: int, why: str, key: str, blocked: bool = False) -> None:
    """Say at the message that it will not arrive, once for each `key`; `blocked`: they have shut us out."""
    client_id = f"failed-{_hash(key)[:48]}"
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.secret_hash == ERASED or store.sent_before(session, row.id, client_id):
            return
        store.append(session, row, Kind.BOUNCED, actor="system", client_id=client_id, body={"number": number, "upto": number, "why": why})
        talk = session.get(ChannelTalkRow, row.id)
        sender = session.get(ChannelSenderRow, talk.sender_id) if talk and blocked else None
        if sender is not None:
            sender.blocked_at = sender.blocked_at or now()


def tell(database: Database, conversation_id: str, reply: Callable[[Language], Reply], *, key: str) -> None:
    """The house says something about what was sent, once for each `key`, whoever has the conversation."""
    with database.write() as session:
        row = store.customers(session, conversation_id)
        if store.sent_before(session, row.id, client_id := f"told-{_hash(key)[:48]}"):
            return
        said = saying.append_reply(session, row, reply(store.spoken_language(session, row)))
        said.client_id = client_id


def forget_marks(database: Database, *, days: int = 30) -> None:
    """No messenger brings anything again after so many days."""
    with database.write() as session:
        session.execute(delete(ChannelMessageRow).where(ChannelMessageRow.at < now() - timedelta(days=days)))


def _place(database: Database, heard: Heard, words: Words) -> tuple[str, bool]:
    """The conversation that this belongs to, begun where there is none, and whether it was."""
    mark = _hash(f"{heard.channel}:{heard.id}")
    with database.write() as session:
        known = session.get(ChannelMessageRow, mark)
        if known is not None:
            return known.conversation_id, heard.begins
        sender = _sender(session, heard.channel, heard.sender) or _new_sender(session, heard)
        sender.heard_at, sender.blocked_at, sender.address, sender.sender = now(), None, heard.address, heard.sender
        renew_mark(session, sender)
        row = _pressed(session, sender, heard.press) or _present(session, sender)
        is_new = row is None
        row = row or _open(session, sender, heard, words)
        session.add(ChannelMessageRow(mark=mark, conversation_id=row.id))
        if heard.receipt:
            channel_debts.owe(session, heard.channel, row.id, SAY, key=f"receipt:{mark}", told={"receipt": dict(heard.receipt)})
        for number, file in enumerate(heard.files):
            told = {"file": dict(file), "client_id": f"{heard.channel}-{_hash(f'{mark}:{number}')[:40]}"}
            channel_debts.owe(session, heard.channel, row.id, FETCH, key=f"{FETCH}:{mark}:{number}", told=told)
        return row.id, is_new


def _say(database: Database, conversation_id: str, heard: Heard, words: Words, *, is_new: bool) -> bool:
    """True when the bot owes an answer."""
    client_id = f"{heard.channel}-{_hash(heard.id)[:40]}"
    what = _aside(heard, is_new=is_new)
    if what is None:
        try:
            if (chosen := heard.press) is not None:
                return service.choose(database, conversation_id, client_id=client_id, number=chosen.number, button=chosen.button).owed
            return bool(heard.text) and service.say(database, conversation_id, client_id=client_id, text=heard.text[:LONGEST]).owed
        except Unreadable:  # a button of long ago, or nothing in it can be read
            what = "hello" if heard.press else "other"
            heard = replace(heard, text="")
    if what:
        with database.write() as session:
            row = store.customers(session, conversation_id)
            if not store.sent_before(session, row.id, client_id):
                language = store.spoken_language(session, row)
                text = heard.text or ("" if what == "hello" else words.noted(language, what))
                _put_aside(session, row, text, words.aside(language, what), client_id)
    return False


def _aside(heard: Heard, *, is_new: bool) -> str | None:
    """What is answered without the bot; empty where the greeting has said it all, None for words."""
    if heard.press is None and heard.begins:
        return "" if is_new else "hello"
    return heard.aside


def _put_aside(session: Session, row: ConversationRow, text: str, reply: Reply, client_id: str) -> None:
    """Keep what has no words for the agent, and answer it while the bot has the conversation."""
    service.wake(session, row)
    if text:
        store.append(session, row, Kind.MESSAGE, actor="customer", client_id=client_id, body={"text": text[:LONGEST]})
    if bot_may_answer(State(row.state), row.channel) and reply.text:
        said = saying.append_reply(session, row, reply)
        said.client_id = None if text else client_id


def _sender(session: Session, channel: str, sender: str) -> ChannelSenderRow | None:
    marks = finding.vault_in(session).marks(SENDER, f"{channel}:{sender}")
    return session.scalar(select(ChannelSenderRow).where(ChannelSenderRow.channel == channel, ChannelSenderRow.mark.in_(marks)).with_for_update())


def renew_mark(session: Session, row: ChannelSenderRow) -> bool:
    """Mark a sender with the newest key, so that they are found when the older are gone. False when it was so before, or their id is not known."""
    vault = finding.vault_in(session)
    known = row.sender or row.address  # of rows from before it was kept, the address is the id at most messengers
    marks = vault.marks(SENDER, f"{row.channel}:{known}")
    if row.mark == marks[0] or row.mark not in marks:
        return False
    if session.scalar(select(ChannelSenderRow.id).where(ChannelSenderRow.channel == row.channel, ChannelSenderRow.mark == marks[0])) is not None:
        return False  # somebody has been taken for new meanwhile
    row.mark = marks[0]
    return True


def _new_sender(session: Session, heard: Heard) -> ChannelSenderRow:
    mark = finding.vault_in(session).mark(SENDER, f"{heard.channel}:{heard.sender}")
    row = ChannelSenderRow(channel=heard.channel, mark=mark, address=heard.address, sender=heard.sender)
    session.add(row)
    session.flush()
    return row


def _present(session: Session, sender: ChannelSenderRow) -> ConversationRow | None:
    """The sender's conversation that is not closed."""
    theirs = select(ConversationRow).join(ChannelTalkRow, ChannelTalkRow.conversation_id == ConversationRow.id).where(ChannelTalkRow.sender_id == sender.id)
    return session.scalar(theirs.where(ConversationRow.state != State.CLOSED.value).order_by(ConversationRow.created_at.desc()).limit(1))


def _pressed(session: Session, sender: ChannelSenderRow, press: Press | None) -> ConversationRow | None:
    """The conversation of the button, where it is the sender's own."""
    talk = session.get(ChannelTalkRow, press.conversation_id) if press else None
    return session.get(ConversationRow, talk.conversation_id) if talk is not None and talk.sender_id == sender.id else None


def _open(session: Session, sender: ChannelSenderRow, heard: Heard, words: Words) -> ConversationRow:
    """A new conversation: the first words say that it is a machine, and where the privacy notice stands."""
    row = ConversationRow(secret_hash=AT_MESSENGER, channel=heard.channel, language=heard.language, name=heard.name, tags=[], last_number=0)
    session.add(row)
    session.flush()
    session.add(ChannelTalkRow(conversation_id=row.id, sender_id=sender.id))
    session.flush()
    store.append(session, row, Kind.MESSAGE, actor="bot", body={"text": words.greeting(heard.language), "language": heard.language})
    return row


def _hash(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
