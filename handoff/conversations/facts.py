"""What is known of the customer and the order, for words that are written to them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.conversations import store
from handoff.conversations.tables import DecisionRow, EventRow
from handoff.database import Database

ORDER = "order_number"
LOOKED_AT = 50  # newest messages that the bot has read


@dataclass(frozen=True)
class Facts:
    """None where nothing is known."""

    language: str
    name: str | None
    order: str | None
    contact: str | None


def facts(database: Database, conversation_id: str) -> Facts:
    """The newest of each. Raises `NotFound`."""
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        return Facts(row.language, row.name, _order(session, row.id) or (row.open_orders[0] if len(row.open_orders) == 1 else None), row.email or row.phone)


def _order(session: Session, conversation_id: str) -> str | None:
    """The order number that was named last."""
    read = select(DecisionRow.reading).join(EventRow, EventRow.id == DecisionRow.message_id).where(DecisionRow.conversation_id == conversation_id)
    for reading in session.scalars(read.order_by(EventRow.number.desc()).limit(LOOKED_AT)):
        for entity in reversed(reading.get("entities", [])):
            if entity.get("entity") == ORDER:
                return str(entity["value"])
    handoff = store.latest_handoff(session, conversation_id)
    told = [entity["value"] for entity in (handoff.request.get("entities", []) if handoff else []) if entity["kind"] == ORDER]
    return str(told[-1]) if told else None
