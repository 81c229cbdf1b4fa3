"""Short ways to bring a conversation where a test begins, and to read what happened in it."""

from __future__ import annotations

import asyncio
import itertools
import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.understanding import Reply, Turn
from handoff.accounts.tables import AgentRow
from handoff.contract import HandoffRequest, Reason, Said
from handoff.conversations import agents, service, store, turns
from handoff.conversations.agents import Holder
from handoff.conversations.events import for_customer
from handoff.conversations.tables import ConversationRow, EventRow, HandoffRow, OwedReplyRow, SlaClockRow
from handoff.database import Database, now

SOON = timedelta(hours=1)
_fresh = itertools.count()


class Heard(logging.Handler):
    """Says that something was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.something = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.something.set()


def say(database: Database, conversation_id: str, text: str = "Kus mu pakk on?") -> int:
    """Mari says something new; gives its number."""
    return service.say(database, conversation_id, client_id=f"mari-{next(_fresh)}", text=text).number


def request(conversation_id: str, reason: Reason = Reason.ASKED, **more: Any) -> HandoffRequest:
    said = [Said(who="customer", text="Tahan inimesega rääkida")]
    return HandoffRequest(conversation_id=conversation_id, reason=reason, requested_at=now(), messages=said, **more)


def handing_over(conversation_id: str, **more: Any) -> Turn:
    """A turn of the bot that ends in a handoff."""
    return Turn((Reply("Kutsun kolleegi."),), ({"event": "pause"},), handoff=request(conversation_id, **more).model_dump(mode="json"))


def owed(database: Database, conversation_id: str) -> turns.Owed:
    """The claimed debt; there must be one."""
    found = turns.claim(database, conversation_id, people_available=True)
    assert found is not None
    return found


def wait_for_person(database: Database, conversation_id: str) -> None:
    """Mari asks for a person and the bot hands over."""
    say(database, conversation_id, "Tahan inimesega rääkida")
    turns.pay(database, owed(database, conversation_id), handing_over(conversation_id))


def go_live(database: Database, conversation_id: str, agent: Holder) -> None:
    wait_for_person(database, conversation_id)
    agents.claim(database, conversation_id, agent)


def row(database: Database, conversation_id: str) -> ConversationRow:
    with database.read() as session:
        return store.conversation(session, conversation_id)


def events(database: Database, conversation_id: str) -> list[EventRow]:
    with database.read() as session:
        return list(store.events_after(session, conversation_id, 0))


def kinds(database: Database, conversation_id: str) -> list[str]:
    return [event.kind for event in events(database, conversation_id)]


def texts(database: Database, conversation_id: str, actor: str) -> list[str]:
    """What one side has said, in order."""
    return [event.body["text"] for event in events(database, conversation_id) if event.kind == "message" and event.actor == actor]


def debts(database: Database, conversation_id: str) -> list[OwedReplyRow]:
    with database.read() as session:
        return list(session.scalars(select(OwedReplyRow).where(OwedReplyRow.conversation_id == conversation_id).order_by(OwedReplyRow.number)))


def handoffs_of(database: Database, conversation_id: str) -> list[HandoffRow]:
    with database.read() as session:
        return list(session.scalars(select(HandoffRow).where(HandoffRow.conversation_id == conversation_id)))


def tracker(database: Database, conversation_id: str) -> list[str]:
    """Names of the kept tracker events."""
    with database.read() as session:
        return [event["event"] for event in store.tracker_history(session, conversation_id)]


def make_claims_stale(database: Database) -> None:
    """As after a crash: the claims are older than a living payer's could be."""
    with database.write() as session:
        long_ago = now() - timedelta(seconds=turns.CLAIM_SECONDS + 1)
        session.execute(update(OwedReplyRow).where(OwedReplyRow.paid_at.is_(None)).values(claimed_at=long_ago))


def let_time_pass(database: Database, passed: timedelta) -> None:
    """Everything in conversations, their clocks and the last signs of people were so much earlier."""
    with database.write() as session:
        for table in (ConversationRow, EventRow, SlaClockRow, AgentRow):
            for one in session.scalars(select(table)):
                for column in table.__table__.columns.keys():  # noqa: SIM118
                    if isinstance(moment := getattr(one, column), datetime):
                        setattr(one, column, moment - passed)


def be_here(database: Database, *people: Holder, availability: str = "available", seen_at: datetime | None = None, capacity: int | None = None) -> None:
    """Their desks are open."""
    with database.write() as session:
        mine = update(AgentRow).where(AgentRow.id.in_([one.id for one in people]))
        session.execute(mine.values(availability=availability, seen_at=seen_at or now(), capacity=capacity))


def change(database: Database, conversation_id: str, **values: object) -> None:
    with database.write() as session:
        row = session.get_one(ConversationRow, conversation_id)
        for name, value in values.items():
            setattr(row, name, value)


def stands(database: Database, conversation_id: str) -> tuple[str, str | None]:
    found = row(database, conversation_id)
    return found.state, found.agent_id


def seen_by_customer(database: Database, conversation_id: str) -> str:
    return repr([view for event in events(database, conversation_id) if (view := for_customer(event)) is not None])
