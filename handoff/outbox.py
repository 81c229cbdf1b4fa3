"""What must leave the house, kept as rows in the transaction of the change, sent afterwards, retried; webhooks are signed.

An endpoint that is down delays and never loses: the row stays until it is delivered or, after `LAST_ATTEMPT` tries over
some two days, visibly dead. Each receiver gets one delivery at a time and waits for no other receiver; what belongs to one
lane goes in its order. Signatures follow the Standard Webhooks specification (standardwebhooks.com).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
from sqlalchemy import Index, String, Text, and_, exists, or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from handoff.database import Database, Table, new_id, now
from handoff.mail import KIND as LETTER
from handoff.sealed import SealedJson

log = logging.getLogger(__name__)

LAST_ATTEMPT = 14
CLAIM_SECONDS = 60
TIMEOUT_SECONDS = 10
IDLE_SECONDS = 2
ANSWER = "answer"  # the kind of a letter whose words stand in a conversation
LETTERS = (LETTER, ANSWER)
AT_ONCE = 32  # receivers that are served at the same time
_OWED = "delivered_at IS NULL AND dead_at IS NULL"


class OutboxRow(Table):
    """One thing to deliver. `key` is also the receiver's idempotency key: a repeat is recognised there."""

    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson("outbox.payload", open=("conversation_id",)))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=now, index=True)
    delivered_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(default=now)
    receiver: Mapped[str] = mapped_column(String(40), default="", server_default="", index=True)  # one that hangs keeps nobody else waiting
    lane: Mapped[str | None] = mapped_column(String(80), index=True)  # what is in one lane goes by its `place`
    place: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (Index("ix_outbox_owed", "next_at", sqlite_where=text(_OWED), postgresql_where=text(_OWED)),)


@dataclass(frozen=True)
class Sent:
    """How a try ended: what went wrong, if anything, whether no repeat can help, and how long the receiver wants to be left alone at least."""

    error: str | None = None
    final: bool = False
    rest: timedelta = timedelta()


Way = Callable[[OutboxRow], Awaitable[Sent]]
"""Delivers the rows of one kind. It raises nothing that belongs to the receiver, and comes back within `CLAIM_SECONDS`."""


def enqueue(
    session: Session,
    *,
    kind: str,
    url: str,
    key: str,
    payload: Mapping[str, Any],
    after: timedelta = timedelta(),
    receiver: str = "",
    lane: str | None = None,
    place: int = 0,
) -> None:
    """Owe a delivery, in the caller's transaction, not before `after` has passed. The same key twice is one delivery.

    Without a `receiver` all of a kind go to the same. In one `lane` nothing overtakes what has a smaller `place` and may still arrive.
    """
    if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is None:
        session.flush()
        with suppress(IntegrityError), session.begin_nested():  # somebody else owes it at the same moment
            whose = receiver or (LETTER if kind in LETTERS else kind)
            whole = {"payload": dict(payload), "next_at": now() + after, "receiver": whose, "lane": lane, "place": place}
            session.add(OutboxRow(kind=kind, url=url, key=key, **whole))


def back_off(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … at most 8 hours between tries."""
    return timedelta(seconds=min(5 * 2 ** max(attempts - 1, 0), 8 * 3600))


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, as Standard Webhooks has it.

    A secret in the specification's own form, `whsec_<base64>`, is decoded; any other is taken as it is written.
    """
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Carrier(Protocol):
    """Delivers letters; waits for the network, in a worker thread."""

    def carry(self, row: OutboxRow) -> tuple[str | None, bool]:
        """What went wrong, if anything, and whether no repeat can help."""
        ...


class Outbox:
    """Delivers due rows until stopped: to each receiver one at a time, to several receivers at once. `ways` are for kinds that it does not know itself."""

    def __init__(
        self,
        database: Database,
        *,
        secret: str,
        client: httpx.AsyncClient | None = None,
        postman: Carrier | None = None,
        ways: Mapping[str, Way] | None = None,
    ) -> None:
        self._database = database
        self._postman = postman
        self._secret = secret
        self._made_client = client
        self._ways = ways or {}
        self._due = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}  # by receiver

    def look_now(self) -> None:
        """Something was just enqueued: don't wait for the next round."""
        self._due.set()

    async def run(self) -> None:
        """Deliver for ever. Cancel to stop: what was under way is tried again after `CLAIM_SECONDS`."""
        try:
            while True:
                self._due.clear()
                if not await self._begin_one():
                    with suppress(TimeoutError):  # not wait_for: in Python 3.11 it forgets a cancellation that comes together with what it waits for
                        async with asyncio.timeout(IDLE_SECONDS):
                            await self._due.wait()
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._made_client is not None:
            await self._made_client.aclose()

    async def deliver_one(self) -> bool:
        """Try the row that is due first. False when none is due."""
        row = await asyncio.to_thread(self._claim, ())
        if row is not None:
            await self._deliver(row)
        return row is not None

    async def _begin_one(self) -> bool:
        """Begin the delivery that is due first to a receiver who has none under way. False when there is none, or too much at once."""
        if len(self._under_way) >= AT_ONCE:
            return False
        try:
            row = await asyncio.to_thread(self._claim, tuple(self._under_way))
        except Exception:  # a database that is away for a moment must not end the deliveries
            log.exception("could not look for deliveries; trying again")
            return False
        if row is None:
            return False
        task = asyncio.create_task(self._deliver_or_log(row))
        self._under_way[row.receiver] = task
        task.add_done_callback(lambda _done: self._ended(row.receiver))
        return True

    def _ended(self, receiver: str) -> None:
        self._under_way.pop(receiver, None)
        self._due.set()

    async def _deliver_or_log(self, row: OutboxRow) -> None:
        try:
            await self._deliver(row)
        except Exception:  # it is claimed, and tried again when the claim is over
            log.exception("delivery %s of %s could not be ended", row.id, row.kind)

    async def _deliver(self, row: OutboxRow) -> None:
        if (way := self._ways.get(row.kind)) is not None:
            sent = await way(row)
        elif row.kind in LETTERS:
            sent = Sent(*await asyncio.to_thread(self._post, row))
        else:
            sent = Sent(await self._send(row))
        await asyncio.to_thread(self._settle, row, sent)

    def _post(self, row: OutboxRow) -> tuple[str | None, bool]:
        if self._postman is None:
            return "no mail server is set", False
        return self._postman.carry(row)

    @property
    def _client(self) -> httpx.AsyncClient:
        """Made with the first delivery: most houses have no other desk, and reading the certificates takes a start's time."""
        if self._made_client is None:
            self._made_client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS)
        return self._made_client

    async def _send(self, row: OutboxRow) -> str | None:
        body = json.dumps(row.payload, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = int(now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": row.key,
            "Webhook-Id": row.id,
            "Webhook-Timestamp": str(timestamp),
        }
        if self._secret:
            headers["Webhook-Signature"] = sign(self._secret, row.id, timestamp, body)
        try:
            response = await self._client.post(row.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        return None if response.is_success else f"HTTP {response.status_code}"

    def _claim(self, but: Collection[str]) -> OutboxRow | None:
        """The row that is due first and not for one of these receivers."""
        moment, earlier = now(), aliased(OutboxRow)
        overtakes = exists().where(earlier.lane == OutboxRow.lane, earlier.place < OutboxRow.place, earlier.delivered_at.is_(None), earlier.dead_at.is_(None))
        with self._database.write() as session:
            # made in the future: by a clock that was wrong; it would wait for as long
            from_tomorrow = and_(OutboxRow.attempts == 0, OutboxRow.made_at > moment + timedelta(seconds=CLAIM_SECONDS))
            is_time = or_(OutboxRow.next_at <= moment, from_tomorrow)
            due = (OutboxRow.delivered_at.is_(None), OutboxRow.dead_at.is_(None), is_time, OutboxRow.receiver.not_in(but), ~overtakes)
            row = session.scalar(select(OutboxRow).where(*due).order_by(OutboxRow.next_at).limit(1).with_for_update(skip_locked=True))
            if row is not None:
                row.attempts += 1
                row.next_at = moment + timedelta(seconds=CLAIM_SECONDS)
            return row

    def _settle(self, row: OutboxRow, sent: Sent) -> None:
        moment, error, final = now(), sent.error, sent.final
        values: dict[str, Any] = {"last_error": error}
        if error is None:
            values["delivered_at"] = moment
        elif final or row.attempts >= LAST_ATTEMPT:
            values["dead_at"] = moment
        else:
            values["next_at"] = moment + max(back_off(row.attempts), sent.rest)
        if row.kind == LETTER and (error is None or final):
            values["payload"] = {}  # the address was given for this letter alone; one that was given up may be sent again
        with self._database.write() as session:  # what was ended meanwhile, as by an erasure, stays as it was ended
            session.execute(update(OutboxRow).where(OutboxRow.id == row.id, OutboxRow.dead_at.is_(None)).values(**values))
        if error is not None:
            log.warning("delivery %s of %s failed (%s), try %d", row.id, row.kind, error, row.attempts)
