"""Who reads by letter is owed one for what an agent says, in the transaction in which it is said.

Somebody who wrote by e-mail gets it a moment later, in which the agent may still take it back or put it right. Somebody who left the chat gets what they
have not read, after a while. What the letter says is looked up when it goes out (`parcels`), so the debt itself holds no words and no address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import outbox
from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database

WHERE = "outbox:mail"
RULES = "posting"  # what a session knows the rules as
BY_LETTER = "by_letter"  # in a bot message's hidden part: it goes by letter like a person's
LETTERS = "email"  # the channel of who wrote by letter
CALLS = "callback"  # of who asked to be called, and may have left an address
CHAT = "web"


@dataclass(frozen=True)
class Rules:
    """How long a letter waits: `settles` for somebody who writes by e-mail, `unread` for somebody in the chat; None: they get none."""

    settles: timedelta = timedelta(seconds=20)
    unread: timedelta | None = None


def keep_rules(database: Database, rules: Rules) -> None:
    """From now on letters are owed by these rules; before, none are."""
    database.about[RULES] = rules


def follow(session: Session, row: ConversationRow, event: EventRow) -> None:
    """Something has happened: owe the letter that it asks for. The row must be locked."""
    rules: Rules | None = session.info.get(RULES)
    if rules is None or not row.email or not is_posted(event):
        return
    wait = rules.settles if reads_letters(session, row, event.number) else rules.unread if row.channel == CHAT else None
    if wait is not None:
        outbox.enqueue(
            session, kind=outbox.ANSWER, url=WHERE, key=f"answer:{event.id}", payload={"conversation_id": row.id, "number": event.number}, after=wait
        )


def reads_letters(session: Session, row: ConversationRow, number: int) -> bool:
    """Whether the customer's newest words before this number came by letter: then that is where they read."""
    if row.channel in (LETTERS, CALLS):  # they have no chat to look into
        return True
    said = (EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "customer", EventRow.number < number)
    newest = session.scalar(select(EventRow).where(*said).order_by(EventRow.number.desc()).limit(1))
    return newest is not None and bool(newest.body.get("mail"))


def is_posted(event: EventRow) -> bool:
    """Whether a letter carries it: words or files of an agent. Where a matter stands has a letter of its own."""
    if event.kind != Kind.MESSAGE or event.body.get("withdrawn"):
        return False
    return (event.actor == "agent" and "stage" not in event.body) or bool(event.hidden.get(BY_LETTER))
