"""The customer is kept informed until the matter is solved: where it stands, one notice for each change, and the question whether all is well.

One transaction each: the stage, the words in the chat and the letter go together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.understanding import Reply
from handoff import mail, outbox
from handoff.conversations import codes, finding, links, snoozing, store, surveys, workload
from handoff.conversations.agents import Holder, held
from handoff.conversations.events import Kind
from handoff.conversations.links import Links
from handoff.conversations.saying import append_reply
from handoff.conversations.states import CHATS, State
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.words import clean
from handoff.database import Database, now
from handoff.mail import Letter

WHERE = "outbox:mail"
ALL_WELL, NOT_WELL = "/all_well", "/not_well"  # the answers to „Kas kõik sai korda?“
ASKED, YES, NO = "asked", "yes", "no"  # of the question after the solution
MOST_STEPS = 30
MOST_RECEIVED = 3  # letters a day to one address that say that a ticket has come
FEW_WORDS = 2  # „aitäh“, „tere päevast“: nobody's question

First = Callable[[ConversationRow, str], Letter | None]  # the first letter, with the token of the matter's page


class Tells(Protocol):
    """What the customer is told, in the language of the conversation; None where the operator wants nothing said that way."""

    def words(self, row: ConversationRow, stage: str, token: str) -> str | None: ...

    def letter(self, row: ConversationRow, stage: str, token: str) -> Letter | None: ...

    def received(self, row: ConversationRow, token: str) -> Letter | None: ...

    def left_out(self, row: ConversationRow, names: Sequence[str]) -> Letter | None: ...

    def question(self, row: ConversationRow) -> Reply | None: ...

    def question_letter(self, row: ConversationRow, token: str) -> Letter | None: ...


def set_stage(
    database: Database,
    conversation_id: str,
    agent: Holder,
    stage: str,
    *,
    ends: bool,
    client_id: str,
    made: Links,
    tells: Tells,
    ask_after: timedelta | None = None,
) -> None:
    """Say where the matter stands; the customer hears of it once. Only the holder may. The stage that `ends` it closes the conversation as solved,
    and `ask_after` that the customer is asked whether all is well. The same stage again is no change."""
    with database.write() as session:
        row = held(session, conversation_id, agent)
        if store.sent_before(session, conversation_id, client_id) is not None or (row.stage == stage and not ends):
            return
        row.stage, row.stage_at = stage, now()
        token = made.of(row)
        event = store.append(session, row, Kind.STAGED, actor="agent", agent_id=agent.id, client_id=client_id, body={"stage": stage, "name": agent.name})
        if words := tells.words(row, stage, token):
            store.append(session, row, Kind.MESSAGE, actor="agent", agent_id=agent.id, body={"text": words, "name": agent.name, "stage": stage})
        send(session, tells.letter(row, stage, token), key=f"stage:{event.id}")
        if ends:
            store.move(row, State.CLOSED)
            row.outcome, row.follow_up = "solved", None
            row.follow_up_at = now() + ask_after if ask_after else None
            store.append(session, row, Kind.CLOSED, actor="agent", agent_id=agent.id, body={"name": agent.name, "outcome": row.outcome})
            surveys.plan(session, row)


def is_followed(database: Database, conversation_id: str) -> bool:
    """Whether the customer has a link to the page of the matter."""
    with database.read() as session:
        return store.conversation(session, conversation_id).link_hash is not None


def link(database: Database, conversation_id: str, agent: Holder, made: Links, *, new: bool = False) -> str:
    """The token of the conversation's page, or with `new` another one instead. Only the holder may."""
    with database.write() as session:
        row = held(session, conversation_id, agent)
        if new and row.link_hash is not None:
            store.append(session, row, Kind.LINK_RENEWED, actor="agent", agent_id=agent.id, body={"name": agent.name})
        return made.renew(row) if new else made.of(row)


def begin(
    database: Database,
    conversation_id: str,
    made: Links,
    tells: Tells,
    *,
    by_letter: bool = True,
    first: First | None = None,
) -> str:
    """The token for whoever has just written, told by letter too where `by_letter` allows it: anybody may type anybody's address, so one address gets
    a few such letters a day and no more. `first` writes another letter than that it has come."""
    with database.write() as session:
        return receive(session, store.conversation(session, conversation_id, lock=True), made, tells, by_letter=by_letter, first=first)


def receive(
    session: Session,
    row: ConversationRow,
    made: Links,
    tells: Tells,
    *,
    by_letter: bool = True,
    first: First | None = None,
) -> str:
    """The same in the caller's transaction. The row must be locked."""
    token = made.of(row)
    if by_letter and not told_enough(session, row):
        send(session, (first or tells.received)(row, token), key=f"received:{row.id}")
    return token


def tell_left_out(session: Session, row: ConversationRow, tells: Tells, names: Sequence[str], *, key: str) -> None:
    """Say by letter which files of theirs could not be taken, within the same bounds."""
    if not told_enough(session, row):
        send(session, tells.left_out(row, names), key=key)


def steps(session: Session, row: ConversationRow) -> list[tuple[str, datetime]]:
    """Where it has stood and since when, the oldest first."""
    query = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.STAGED.value)
    events = session.scalars(query.order_by(EventRow.number.desc()).limit(MOST_STEPS)).all()
    return [(str(event.body["stage"]), event.at) for event in reversed(events) if "stage" in event.body]


def asked(session: Session, row: ConversationRow) -> str | None:
    """What it is about in the customer's words: the first message that asks or says more than two words. A tapped button is nobody's question."""
    said = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "customer")
    events = session.scalars(said.order_by(EventRow.number).limit(store.PAGE))
    texts = [event.body.get("text", "") for event in events if not event.hidden.get("payload")]  # what was erased has none
    meant = [text for text in texts if "?" in text] or [text for text in texts if len(text.split()) > FEW_WORDS] or texts
    return str(meant[0]) if meant and meant[0] else None


def add(database: Database, token: str, *, days: int, client_id: str, text: str) -> str:
    """The customer adds something on the page; gives the conversation. A person reads it: what the bot had becomes a ticket;
    a code that is awaited counts here too.
    Raises `NotFound`, and `Unreadable` for what can't be kept."""
    words = clean(text)
    with database.read() as session:
        tried = codes.attempt(database, links.find(session, token, days=days).id, words)
    with database.write() as session:
        row = links.find(session, token, days=days, lock=True)
        if store.sent_before(session, row.id, client_id) is None:
            come_back(session, row)
            store.append(session, row, Kind.ADDED, actor="customer")
            verdict = codes.judge(session, row, tried) if tried else None
            store.append(session, row, Kind.MESSAGE, actor="customer", client_id=client_id, body={"text": tried.text if tried else words})
            if verdict:
                codes.tell(session, row, verdict)
        return row.id


def come_back(session: Session, row: ConversationRow) -> None:
    """The customer adds something that a person reads: what was closed or put off is open again, what the bot had is a ticket. The row must be locked."""
    if row.state == State.CLOSED:
        _open_again(session, row)
    elif row.state == State.SNOOZED:
        snoozing.wake(session, row, actor="customer")
    elif row.state == State.BOT:
        store.move(row, State.TICKET)


def answer(database: Database, token: str, *, days: int, well: bool) -> str:
    """The customer says on the page whether all is well; gives the conversation. Raises `NotFound`."""
    with database.write() as session:
        row = links.find(session, token, days=days, lock=True)
        take_answer(session, row, well=well)
        return row.id


def take_answer(session: Session, row: ConversationRow, *, well: bool) -> None:
    """„Kas kõik sai korda?“ Yes: thanks. No: it is open again and first in line. Once it is open again nothing is asked. The row must be locked."""
    if row.state != State.CLOSED or row.follow_up == YES:
        return
    row.follow_up, row.follow_up_at = (YES if well else NO), None
    store.append(session, row, Kind.ALL_WELL if well else Kind.NOT_WELL, actor="customer")
    if not well:
        _open_again(session, row)
        row.again_at = now() if row.state != State.LIVE else None


def ask_due(database: Database, made: Links, tells: Tells) -> list[str]:
    """Ask those whose matter was solved some time ago; gives the conversations. Of two processes at it one asks."""
    due = (ConversationRow.state == State.CLOSED.value, ConversationRow.follow_up_at <= now())
    with database.read() as session:
        ids = session.scalars(select(ConversationRow.id).where(*due).order_by(ConversationRow.follow_up_at)).all()
    return [conversation_id for conversation_id in ids if _ask(database, conversation_id, made, tells)]


def _ask(database: Database, conversation_id: str, made: Links, tells: Tells) -> bool:
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.state != State.CLOSED or row.follow_up_at is None or row.follow_up_at > now():
            return False
        row.follow_up_at, row.follow_up = None, ASKED
        if reply := tells.question(row):
            append_reply(session, row, reply)
        send(session, tells.question_letter(row, made.of(row)), key=f"follow-up:{row.id}:{row.last_number}")
        return True


def told_enough(session: Session, row: ConversationRow) -> bool:
    """Whether this address has begun so much within a day that nothing is written to it by itself any more: it may be a machine that answers ours."""
    lately = (
        select(func.count()).select_from(ConversationRow).where(ConversationRow.channel == row.channel, ConversationRow.created_at > now() - timedelta(days=1))
    )
    same = lately.where(finding.same(session, "email", row.email or ""))
    return (session.scalar(same) or 0) > MOST_RECEIVED


def _open_again(session: Session, row: ConversationRow) -> None:
    """With whoever knows the matter, when they are here and have room; else it waits, to be answered later where nobody is here."""
    if workload.is_free(session, row.agent_id):
        back_to = State.LIVE
    else:
        back_to = State.WAITING if row.channel in CHATS and workload.least_busy(session) else State.TICKET
    store.move(row, back_to)
    row.outcome = row.closed_at = None
    store.append(session, row, Kind.REOPENED, actor="customer")


def send(session: Session, letter: Letter | None, *, key: str) -> None:
    """Owe a letter, if there is one to write, in the caller's transaction. The same key twice is one letter."""
    if letter is not None:
        outbox.enqueue(session, kind=mail.KIND, url=WHERE, key=key, payload=letter.as_payload())
