"""The line of those who wait, as tests make it: customers in it, waits of before, words that are easily recognised."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.understanding import Button, Language, Reply
from handoff.accounts import service as accounts
from handoff.accounts.tables import AgentRow, Availability
from handoff.contract import Reason
from handoff.conversations import handoffs, service, waiting
from handoff.conversations.tables import ConversationRow, PromiseRow
from handoff.conversations.waiting import BACK_TO_BOT, KEEP_WAITING, LEAVE_CONTACT
from handoff.database import Database
from tests.handoff import talk

GONE_AFTER = timedelta(minutes=3)
A_MINUTE = timedelta(minutes=1)


class PlainWords:
    """Says what it was asked for."""

    def late(self, language: Language, left: timedelta | None, *, last: bool) -> Reply:
        minutes = int(left.total_seconds() // 60) if left else None
        return Reply(
            f"late {minutes} {'last' if last else 'first'}", (Button("Ootan", KEEP_WAITING), Button("Kontakt", LEAVE_CONTACT), Button("Bot", BACK_TO_BOT))
        )

    def alone(self, language: Language) -> Reply:
        return Reply("alone", (Button("Kontakt", LEAVE_CONTACT),))


def let_be_here(database: Database, agent_id: str, until: datetime) -> None:
    accounts.set_availability(database, agent_id, Availability.AVAILABLE)
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == agent_id).values(seen_at=until))


def customer(database: Database, reason: Reason = Reason.ASKED) -> str:
    """Somebody new who waits for a person."""
    begun = service.start(database, greeting="Tere!").conversation_id
    with database.write() as session:
        row = session.get_one(ConversationRow, begun)
        handoffs.record(session, row, talk.request(begun, reason), key=begun)
    return begun


def promises(database: Database, conversation_id: str) -> list[PromiseRow]:
    with database.read() as session:
        return list(session.scalars(select(PromiseRow).where(PromiseRow.conversation_id == conversation_id).order_by(PromiseRow.given_at)))


def place(database: Database, conversation_id: str) -> waiting.Place:
    with database.read() as session:
        return waiting.place(session, session.get_one(ConversationRow, conversation_id))


def line(database: Database) -> list[str]:
    return [one.row.id for one in waiting.line(database)]


def sign(database: Database, conversation_id: str, moment: datetime) -> None:
    """The page has given a sign at this moment."""
    with database.write() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(customer_at=moment))
