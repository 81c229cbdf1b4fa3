"""What the customer asked last, for whoever is about to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.tables import EventRow
from handoff.database import Database

LOOKED_AT = 3  # the last thing that people write is often „aitäh“ or „halloo?“


@dataclass(frozen=True)
class Asked:
    """The newest typed messages, the newest first, and the entries that the customer has been answered with."""

    language: str
    texts: Sequence[str]
    shown: frozenset[str]


def asked(database: Database, conversation_id: str) -> Asked:
    """Raises `NotFound`. A tapped button is nobody's question."""
    with database.read() as session:
        row = store.conversation(session, conversation_id)
        said = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value).order_by(EventRow.number.desc())
        typed = [
            event.body["text"] for event in session.scalars(said.where(EventRow.actor == "customer").limit(4 * LOOKED_AT)) if not event.hidden.get("payload")
        ]
        answers = session.scalars(said.where(EventRow.actor == "bot"))
        shown = frozenset(str(event.body["entry_id"]) for event in answers if event.body.get("entry_id"))
        return Asked(row.language, [text for text in typed if text.strip()][:LOOKED_AT], shown)
