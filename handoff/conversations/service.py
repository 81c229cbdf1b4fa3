"""What a customer may do: start, say, choose, rate, go back. One transaction each."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.understanding import Language
from handoff.conversations import codes, contacts, matters, snoozing, store, surveys, waiting, workload
from handoff.conversations.codes import Attempt
from handoff.conversations.events import Kind
from handoff.conversations.outcomes import CHOOSE
from handoff.conversations.states import State, bot_may_answer
from handoff.conversations.store import Visited
from handoff.conversations.tables import ConversationRow, EventRow, OwedReplyRow, RatingRow
from handoff.conversations.turns import Owed
from handoff.conversations.words import clean
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotFound, Unreadable

ASK_HUMAN = "/ask_human"  # the payload behind „Räägi inimesega“
ANSWERED = ("solved", "not_solved")  # outcomes after which the same person may be asked on
SAME_MATTER = timedelta(hours=24)


@dataclass(frozen=True)
class Started:
    """A new conversation. Only the hash of `secret`, which the visitor's browser holds, is kept. `repeated`: it had begun before."""

    conversation_id: str
    secret: str
    repeated: bool = False


@dataclass(frozen=True)
class Kept:
    """A message that is on disk. `owed` says that the bot owes an answer; `repeated`, that it had been kept before; `taken` is the answer's claim."""

    number: int
    owed: bool
    repeated: bool
    taken: Owed | None = None


Take = Callable[[Session, ConversationRow, EventRow], Owed | None]  # owes an answer and may claim it: `turns.take`


def start(
    database: Database,
    *,
    greeting: str,
    language: Language = "et",
    page: str | None = None,
    device: str | None = None,
    channel: str = "web",
    secret: str | None = None,
    consent: str | None = None,
) -> Started:
    """Begin a conversation whose first event is the bot's greeting (it says that it is a machine).
    `consent` is the version of the privacy notice that the visitor has agreed to.

    A visitor who makes the secret (256 random bits) may ask again when the answer got lost: the same secret is the same
    conversation. Raises `NotFound` when that one has been erased since.
    """
    retry = secret is not None
    secret = secret or secrets.token_urlsafe(32)
    row = ConversationRow(
        id=_id_of(secret), secret_hash=_hash(secret), language=language, page=_short(page, 2_000), device=_short(device, 400), channel=channel, last_number=0
    )
    row.consent, row.consented_at = consent, now() if consent else None
    try:
        with database.write() as session:
            if not (retry and session.get(ConversationRow, row.id) is not None):
                session.add(row)
                session.flush()
                store.append(session, row, Kind.MESSAGE, actor="bot", body={"text": greeting, "language": language})
                return Started(row.id, secret)
    except IntegrityError:  # two tries raced on PostgreSQL: the other one was kept
        pass
    return Started(authorise(database, _id_of(secret), secret).id, secret, repeated=True)


def authorise(database: Database, conversation_id: str, secret: str) -> Visited:
    """The conversation, for whoever holds its secret. A wrong secret and a missing conversation look the same: `NotFound`."""
    with database.look() as connection:
        row = store.visited(connection, conversation_id)
    if not hmac.compare_digest(row.secret_hash if row else _hash(""), _hash(secret)) or row is None:
        raise NotFound("There is no such conversation.")
    return row


def say(
    database: Database,
    conversation_id: str,
    *,
    client_id: str,
    text: str,
    payload: str | None = None,
    page: str | None = None,
    take: Take | None = None,
    foresee: Callable[[str], None] | None = None,
) -> Kept:
    """Keep a customer's message and, while the bot has the conversation, the answer it is owed; who can pay it at once claims it with `take`.
    `foresee` hears the words while they are being kept.

    The same `client_id` again is the same message. `payload` is for callers inside the house only.
    A code that is awaited is taken out of it. Raises `Unreadable` when the text can't be kept.
    """
    words = clean(text)
    tried = codes.attempt(database, conversation_id, words) if payload is None else None
    if foresee is not None and tried is None:
        foresee(words)
    try:
        with database.write() as session:
            return _keep(session, conversation_id, client_id=client_id, text=words, payload=payload, page=page, tried=tried, take=take)
    except IntegrityError:  # two retries raced on PostgreSQL: the other one was kept
        with database.read() as session:
            return _repeated(session, conversation_id, client_id)


def choose(database: Database, conversation_id: str, *, client_id: str, number: int, button: int, take: Take | None = None) -> Kept:
    """A tap on a button that event `number` offered. What it means stands on the server, never in the request."""
    with database.read() as session:
        event = store.event_at(session, conversation_id, number)
        payloads = event.hidden.get("payloads", []) if event else []
    if event is None or not 0 <= button < len(payloads):
        raise Unreadable("That choice was not offered.", code="no_such_choice", field="button")
    return say(database, conversation_id, client_id=client_id, text=event.body["buttons"][button], payload=payloads[button], take=take)


def rate(database: Database, conversation_id: str, *, number: int, helpful: bool) -> None:
    """A thumb on one bot answer; the last one counts."""
    with database.write() as session:
        store.customers(session, conversation_id)
        event = store.event_at(session, conversation_id, number)
        if event is None or event.actor != "bot" or not event.body.get("entry_id"):
            raise Unreadable("Only an answer of the bot can be rated.", code="not_rateable", field="number")
        rating = session.scalar(select(RatingRow).where(RatingRow.event_id == event.id))
        if rating is None:
            rating = RatingRow(conversation_id=conversation_id, event_id=event.id, entry_id=event.body["entry_id"])
            session.add(rating)
        rating.helpful = helpful


def mark_seen(database: Database, conversation_id: str, number: int) -> bool:
    """The customer's page has shown everything up to `number`. True when that is news."""
    with database.write() as session:
        row = store.customers(session, conversation_id)
        seen = max(row.seen_by_customer, min(number, row.last_number))
        news, row.seen_by_customer = seen != row.seen_by_customer, seen
        return news


def spoken_language(database: Database, row: Visited) -> Language:
    """See `store.spoken_language`."""
    with database.read() as session:
        return store.spoken_language(session, row)


def speak(database: Database, conversation_id: str, language: Language) -> bool:
    """The language of the customer's page from now on. True when that is news."""
    with database.write() as session:
        row = store.customers(session, conversation_id)
        news, row.language = row.language != language, language
        return news


def back_to_bot(database: Database, conversation_id: str) -> None:
    """The customer stops waiting for a person. Raises `MoveRefused` once a person has the conversation."""
    with database.write() as session:
        row = store.customers(session, conversation_id)
        if row.state == State.BOT:
            return
        if row.state != State.WAITING:  # the table lets agents give back and customers write again; neither is this
            raise MoveRefused(f"A customer can't take a conversation from {row.state} to bot: it does not wait.")
        waiting.back_to_bot(session, row)


def end(database: Database, conversation_id: str) -> None:
    """The customer ends the conversation. Ending twice is the same as once."""
    with database.write() as session:
        row = store.customers(session, conversation_id)
        if row.state == State.CLOSED:
            return
        store.move(row, State.CLOSED)
        row.outcome = surveys.BY_CUSTOMER
        store.append(session, row, Kind.CLOSED, actor="customer", body={"outcome": row.outcome})
        surveys.ask(session, row)


def _keep(
    session: Session, conversation_id: str, *, client_id: str, text: str, payload: str | None, page: str | None, tried: Attempt | None, take: Take | None
) -> Kept:
    row = store.customers(session, conversation_id)
    before = store.sent_before(session, conversation_id, client_id)
    if before is not None:
        return _kept(session, before, repeated=True)
    if page:
        row.page = _short(page, 2_000)
    if payload in (matters.ALL_WELL, matters.NOT_WELL):
        if row.state == State.CLOSED:
            return _keep_follow_up(session, row, client_id=client_id, text=text, well=payload == matters.ALL_WELL)
        payload = None  # it was opened again since: these are words like any other
    if (told := surveys.take(session, row, client_id=client_id, text=text, payload=payload)) is not None:
        return _kept(session, told, repeated=False)
    wake(session, row)
    if tried is not None:
        return _keep_code(session, row, tried, client_id=client_id)
    if payload in waiting.CHOICES:
        payload = _chosen_in_line(session, row, payload)
    event = store.append(
        session, row, Kind.MESSAGE, actor="customer", client_id=client_id, body={"text": text}, hidden={"payload": payload} if payload else None
    )
    contacts.take(session, row, text)
    owed = bot_may_answer(State(row.state), row.channel) and payload != waiting.BACK_TO_BOT
    return Kept(event.number, owed=owed, repeated=False, taken=_owe(session, row, event, take) if owed else None)


def _owe(session: Session, row: ConversationRow, event: EventRow, take: Take | None) -> Owed | None:
    if take is not None:
        return take(session, row, event)
    session.add(OwedReplyRow(message_id=event.id, conversation_id=row.id, number=event.number))
    return None


def _keep_follow_up(session: Session, row: ConversationRow, *, client_id: str, text: str, well: bool) -> Kept:
    """The answer to „Kas kõik sai korda?“ opens a closed conversation only when it is no."""
    event = store.append(session, row, Kind.MESSAGE, actor="customer", client_id=client_id, body={"text": text})
    matters.take_answer(session, row, well=well)
    return _kept(session, event, repeated=False)


def _keep_code(session: Session, row: ConversationRow, tried: Attempt, *, client_id: str) -> Kept:
    """A code, right or wrong. While the bot has the conversation, it goes on with the answer that waited for the code, or says that the code is over."""
    verdict = codes.judge(session, row, tried)
    entry = json.dumps({"entry": verdict.entry_id}) if verdict.entry_id else ""
    payload = None
    if bot_may_answer(State(row.state), row.channel):
        if verdict.right and verdict.on_file and entry:
            payload = CHOOSE + entry
        elif not verdict.right and not verdict.tries_left:
            payload = codes.CODE_OVER + entry
    hidden = {"payload": payload} if payload else None
    event = store.append(session, row, Kind.MESSAGE, actor="customer", client_id=client_id, body={"text": tried.text}, hidden=hidden)
    if payload is None or verdict.right:
        codes.tell(session, row, verdict)
    if payload:
        session.add(OwedReplyRow(message_id=event.id, conversation_id=row.id, number=event.number))
    return _kept(session, event, repeated=False)


def wake(session: Session, row: ConversationRow) -> None:
    """The customer has something to say: a closed conversation is opened again, one put off waits again. The row must be locked."""
    if row.state == State.CLOSED:
        _reopen(session, row)
    elif row.state == State.SNOOZED:
        snoozing.wake(session, row, actor="customer")


def _reopen(session: Session, row: ConversationRow) -> None:
    """Soon after an agent has closed it, the customer writes about the same matter: it goes on with that agent, who knows it,
    when they are here, else it waits for a colleague, when one is. Later, after the customer's own ending, after spam, or
    with nobody here, the bot answers."""
    same_matter = row.outcome in ANSWERED and row.closed_at is not None and now() - row.closed_at < SAME_MATTER
    back_to = State.BOT
    if same_matter and workload.is_free(session, row.agent_id):
        back_to = State.LIVE
    elif same_matter and workload.least_busy(session):
        back_to = State.WAITING
    store.move(row, back_to)
    row.outcome = row.closed_at = None
    if back_to is not State.BOT:
        store.append(session, row, Kind.REOPENED, actor="customer")
        return
    event = store.append(session, row, Kind.REOPENED, actor="customer")
    store.resume_tracker(session, row, event)


def _chosen_in_line(session: Session, row: ConversationRow, payload: str) -> str:
    """What somebody who waits has chosen, done; gives the payload that the bot is to read. Who has left the line since and
    wants to wait, asks for a person again."""
    if row.state == State.WAITING and payload != waiting.KEEP_WAITING:
        waiting.back_to_bot(session, row)
    elif row.state in (State.BOT, State.TICKET) and payload == waiting.KEEP_WAITING:
        return ASK_HUMAN
    return payload


def _kept(session: Session, event: EventRow, *, repeated: bool) -> Kept:
    owed = session.get(OwedReplyRow, event.id)
    return Kept(event.number, owed=owed is not None and owed.paid_at is None, repeated=repeated)


def _repeated(session: Session, conversation_id: str, client_id: str) -> Kept:
    event = store.sent_before(session, conversation_id, client_id)
    if event is None:
        raise NotFound("There is no such conversation.")
    return _kept(session, event, repeated=True)


def _id_of(secret: str) -> str:
    """The id that belongs to a secret: as random as the secret is, and no way back from it."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"conversation " + secret.encode()).digest()[:16]).decode().rstrip("=")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _short(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
