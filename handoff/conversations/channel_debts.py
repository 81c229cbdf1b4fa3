"""Who reads at a messenger is owed what is said there, in the transaction in which it is said. What is sent is looked up when it goes out."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from handoff import outbox
from handoff.conversations.channel_tables import ChannelSenderRow, ChannelTalkRow
from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database
from handoff.outbox import OutboxRow

SET_UP = "messengers"  # what a session knows the messengers that are set up as
SAY, FETCH = "channel_say", "channel_fetch"  # kinds of what is owed: something to say there, a file to get from there
TO_MESSENGER = "messenger:"  # begins the address of what is owed there
LINES = 8  # deliveries to one messenger at a time: one that hangs holds no more sockets than these
TOLD = frozenset({Kind.CLAIMED, Kind.PASSED, Kind.TAKEN_OVER, Kind.GIVEN_BACK, Kind.EDITED, Kind.CODE_WRONG, Kind.CODE_OVER})


@dataclass(frozen=True)
class Reader:
    """Whom a delivery is for, and since when they have been silent."""

    address: str
    heard_at: datetime
    blocked: bool


def keep_set_up(database: Database, channels: Collection[str]) -> None:
    """From now on what is said in conversations of these messengers is owed there."""
    database.about[SET_UP] = frozenset(channels)


def follow(session: Session, row: ConversationRow, event: EventRow) -> None:
    """Something has happened: owe it to a reader at a messenger. The row must be locked."""
    if row.channel not in session.info.get(SET_UP, ()) or not _is_told(event) or session.get(ChannelTalkRow, row.id) is None:
        return
    owe(session, row.channel, row.id, SAY, key=say_key(event), place=event.number, told={"number": event.number})


def say_key(event: EventRow) -> str:
    """By which its delivery is known."""
    return f"{SAY}:{event.id}"


def owe(session: Session, channel: str, conversation_id: str, kind: str, *, key: str, told: dict[str, Any], place: int | None = None) -> None:
    """Owe the messenger something of this conversation; with a `place` nothing that is said overtakes it."""
    line = f"{channel}-{zlib.crc32(conversation_id.encode()) % LINES}"
    lane = f"channel:{conversation_id}" if place is not None else None
    payload = {"conversation_id": conversation_id, **told}
    outbox.enqueue(session, kind=kind, url=f"{TO_MESSENGER}{channel}", key=key, payload=payload, receiver=line, lane=lane, place=place or 0)


def reader_of(session: Session, conversation_id: str) -> Reader | None:
    """Who reads this conversation at a messenger."""
    query = select(ChannelSenderRow).join(ChannelTalkRow, ChannelTalkRow.sender_id == ChannelSenderRow.id)
    sender = session.scalar(query.where(ChannelTalkRow.conversation_id == conversation_id))
    return Reader(sender.address, sender.heard_at, sender.blocked_at is not None) if sender else None


def note_sent(database: Database, delivery_id: str, parts: int) -> None:
    """So many parts of a delivery have arrived: whoever tries again goes on behind them."""
    with database.write() as session:
        row = session.get(OutboxRow, delivery_id, with_for_update=True)
        if row is not None and row.payload and row.dead_at is None:
            row.payload = {**row.payload, "sent": parts}


def forget(session: Session, conversation_id: str) -> None:
    """The conversation is erased: with the last one of a sender goes who that was."""
    talk = session.get(ChannelTalkRow, conversation_id)
    if talk is None:
        return
    session.delete(talk)
    session.flush()
    if session.scalar(select(ChannelTalkRow.conversation_id).where(ChannelTalkRow.sender_id == talk.sender_id).limit(1)) is None:
        session.execute(delete(ChannelSenderRow).where(ChannelSenderRow.id == talk.sender_id))


def _is_told(event: EventRow) -> bool:
    """Whether the reader at the messenger gets it: words of the bot and of people, and who speaks now."""
    if event.kind == Kind.MESSAGE:
        return event.actor != "customer"
    if event.kind == Kind.CLOSED:
        return event.actor == "agent"
    return event.kind in TOLD or (event.kind == Kind.VERIFIED and event.body.get("how") == "code")
