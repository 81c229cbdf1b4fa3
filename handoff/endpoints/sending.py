"""Brings what is owed to its endpoint: signed by Standard Webhooks, within seconds or not at all, following nobody elsewhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from handoff.database import Database, new_id, now
from handoff.endpoints import book
from handoff.endpoints.addresses import Outside, certificates
from handoff.endpoints.tables import WebhookRow
from handoff.errors import NotFound
from handoff.outbox import OutboxRow, Sent

TIMEOUT_SECONDS = 15  # for everything together: a receiver that answers byte by byte is one that hangs
GONE = 410  # the receiver wants no more


@dataclass(frozen=True)
class Tried:
    """What a trial brought: the receiver's status, or what went wrong before there was one."""

    ok: bool
    what: str


Told = dict[str, Any]


class Sender:
    """A way of the outbox. `inside`: endpoints may be in our own network. `covers` covers personal data in an event that goes with its words."""

    def __init__(self, database: Database, *, inside: bool, timeout: float = TIMEOUT_SECONDS, covers: Callable[[Told], Told] | None = None) -> None:
        self._database, self._inside, self._timeout, self._covers = database, inside, timeout, covers

    async def __call__(self, row: OutboxRow) -> Sent:
        try:
            endpoint = await asyncio.to_thread(book.endpoint, self._database, row.receiver)
        except NotFound:
            return Sent("removed", final=True)
        if endpoint.paused_at is not None or "told" not in row.payload:
            return Sent("paused" if endpoint.paused_at else "erased", final=True)
        status = await self._post(endpoint, row.id, await asyncio.to_thread(self._covered, row.payload["told"]))
        if status == GONE:
            await asyncio.to_thread(book.pause, self._database, endpoint.id, why="gone", by=None)
            return Sent(f"HTTP {GONE}", final=True)
        if isinstance(status, str):
            return Sent(status)
        return Sent(None if 200 <= status < 300 else f"HTTP {status}")

    async def trial(self, endpoint_id: str) -> Tried:
        """Send an event that means nothing, now and once. Raises `NotFound`."""
        endpoint = await asyncio.to_thread(book.endpoint, self._database, endpoint_id)
        told = {"type": "abiline.test", "timestamp": now().isoformat(), "data": {"endpoint_id": endpoint.id}}
        status = await self._post(endpoint, f"test_{new_id()}", told)
        return Tried(isinstance(status, int) and 200 <= status < 300, status if isinstance(status, str) else f"HTTP {status}")

    def _covered(self, told: Told) -> Told:
        """Covered when it leaves and not when it is owed: nobody's message waits for that, and the setting of today counts."""
        if self._covers is None or "body" not in told["data"]:
            return told
        return told | {"data": self._covers(told["data"])}

    async def _post(self, endpoint: WebhookRow, message_id: str, told: Mapping[str, Any]) -> int | str:
        """The receiver's status, or the name of what went wrong."""
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        headers = {"Content-Type": "application/json", "User-Agent": "Abiline", **signed(endpoint, message_id, now(), body)}
        transport = httpx.AsyncHTTPTransport(verify=certificates()) if self._inside else Outside()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeout), httpx.AsyncClient(transport=transport, timeout=self._timeout, trust_env=False) as client:
                try:
                    async with client.stream("POST", endpoint.url, content=body.encode(), headers=headers) as answer:  # what it says is not read
                        return answer.status_code
                except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                    return type(error).__name__
        return "Timeout"


def signed(endpoint: WebhookRow, message_id: str, moment: datetime, body: str) -> dict[str, str]:
    """The three headers of Standard Webhooks. While a secret is being replaced, both sign."""
    secrets = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_until and endpoint.old_until > moment:
        secrets.append(endpoint.old_secret)
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(int(moment.timestamp())),
        "Webhook-Signature": " ".join(Webhook(secret).sign(message_id, moment, body) for secret in secrets),
    }
