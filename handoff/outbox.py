"""What must leave the house, kept as rows in the transaction of the change, sent afterwards, retried; webhooks are signed.

An endpoint that is down delays and never loses: the row stays until it is delivered or, after `LAST_ATTEMPT` tries over
some two days, visibly dead. Signatures follow the Standard Webhooks specification (standardwebhooks.com).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import String, Text, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff import mail
from handoff.database import Database, Table, new_id, now
from handoff.mail import Mailer

log = logging.getLogger(__name__)

LAST_ATTEMPT = 14
CLAIM_SECONDS = 60
TIMEOUT_SECONDS = 10
IDLE_SECONDS = 2


class OutboxRow(Table):
    """One thing to deliver. `key` is also the receiver's idempotency key: a repeat is recognised there."""

    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=now, index=True)
    delivered_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(default=now)


def enqueue(session: Session, *, kind: str, url: str, key: str, payload: Mapping[str, Any]) -> None:
    """Owe a delivery, in the caller's transaction. The same key twice is one delivery."""
    if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is None:
        session.flush()
        with suppress(IntegrityError), session.begin_nested():  # somebody else owes it at the same moment
            session.add(OutboxRow(kind=kind, url=url, key=key, payload=dict(payload)))


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


class Outbox:
    """Delivers due rows, one at a time, until stopped."""

    def __init__(self, database: Database, *, secret: str, client: httpx.AsyncClient | None = None, mailer: Mailer | None = None) -> None:
        self._database = database
        self._mailer = mailer
        self._secret = secret
        self._made_client = client
        self._due = asyncio.Event()

    def look_now(self) -> None:
        """Something was just enqueued: don't wait for the next round."""
        self._due.set()

    async def run(self) -> None:
        """Deliver for ever. Cancel to stop: what was under way is tried again after `CLAIM_SECONDS`."""
        while True:
            self._due.clear()
            try:
                more = await self.deliver_one()
            except Exception:  # a database that is away for a moment must not end the deliveries
                log.exception("could not look for deliveries; trying again")
                more = False
            if not more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._due.wait(), IDLE_SECONDS)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._made_client is not None:
            await self._made_client.aclose()

    async def deliver_one(self) -> bool:
        """Try the row that is due first. False when none is due."""
        row = await asyncio.to_thread(self._claim)
        if row is None:
            return False
        if row.kind == mail.KIND:
            error, final = await asyncio.to_thread(self._mail, row)
        else:
            error, final = await self._send(row), False
        await asyncio.to_thread(self._settle, row, error, final)
        return True

    def _mail(self, row: OutboxRow) -> tuple[str | None, bool]:
        """What went wrong, if anything, and whether no repeat can help."""
        if self._mailer is None:
            return "no mail server is set", False
        if (until := row.payload.get("until")) and datetime.fromisoformat(until) < now():
            return "too late to be of use", True
        try:
            self._mailer.send(row.payload, key=row.id)
        except mail.MailError as error:
            return str(error), error.permanent
        return None, True

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

    def _claim(self) -> OutboxRow | None:
        moment = now()
        with self._database.write() as session:
            due = (OutboxRow.delivered_at.is_(None), OutboxRow.dead_at.is_(None), OutboxRow.next_at <= moment)
            row = session.scalar(select(OutboxRow).where(*due).order_by(OutboxRow.next_at).limit(1).with_for_update(skip_locked=True))
            if row is not None:
                row.attempts += 1
                row.next_at = moment + timedelta(seconds=CLAIM_SECONDS)
            return row

    def _settle(self, row: OutboxRow, error: str | None, final: bool) -> None:
        moment = now()
        values: dict[str, Any] = {"last_error": error}
        if error is None:
            values["delivered_at"] = moment
        elif final or row.attempts >= LAST_ATTEMPT:
            values["dead_at"] = moment
        else:
            values["next_at"] = moment + back_off(row.attempts)
        if row.kind == mail.KIND and "next_at" not in values:
            values["payload"] = {}  # the address was given for this letter alone
        with self._database.write() as session:
            session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(**values))
        if error is not None:
            log.warning("delivery %s of %s failed (%s), try %d", row.id, row.kind, error, row.attempts)
