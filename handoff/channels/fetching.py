"""Gets the files that customers send at a messenger, through the same checks as in the chat. A way of the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from bot.understanding import Language
from handoff.channels import words
from handoff.channels.provider import Provider
from handoff.conversations import hearing, store
from handoff.conversations.attachments import Attachments
from handoff.conversations.signals import Signals
from handoff.database import Database
from handoff.errors import NotFound, Unreadable
from handoff.outbox import LAST_ATTEMPT, OutboxRow, Sent

WHOLE_SECONDS = 45


class Fetcher:
    """Delivers rows of the kind `channel_debts.FETCH`: here something is brought in."""

    def __init__(
        self,
        database: Database,
        signals: Signals,
        attachments: Attachments,
        known: Mapping[str, Provider],
        *,
        people_available: Callable[[], bool],
        client: httpx.AsyncClient,
    ) -> None:
        self._database, self._signals, self._attachments, self._known = database, signals, attachments, known
        self._people_available, self._client = people_available, client

    async def __call__(self, row: OutboxRow) -> Sent:
        provider = self._known.get(row.url.partition(":")[2])
        if "file" not in row.payload:
            return Sent("erased", final=True)
        if provider is None:
            return Sent("this messenger is not set up")
        conversation_id, file = str(row.payload["conversation_id"]), row.payload["file"]
        name = str(file.get("name") or "fail")[:100]
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await self._bring(provider, conversation_id, file, name, str(row.payload["client_id"]))
        except NotFound:
            return Sent("erased", final=True)
        except Unreadable:
            return await self._give_up(row, conversation_id, name, Sent("not taken", final=True))
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
            sent = Sent(type(error).__name__)
            return await self._give_up(row, conversation_id, name, sent) if row.attempts >= LAST_ATTEMPT else sent
        self._signals.changed(conversation_id)
        return Sent()

    async def _bring(self, provider: Provider, conversation_id: str, file: Mapping[str, Any], name: str, client_id: str) -> None:
        attachments = self._attachments
        if await asyncio.to_thread(attachments.sent_before, conversation_id, client_id) is not None:
            return
        language = await asyncio.to_thread(self._language, conversation_id)
        await asyncio.to_thread(attachments.check_room, conversation_id, "customer")
        async with provider.fetch(self._client, file) as chunks:
            path = await attachments.shelf.receive(chunks, most=attachments.allowed.size)
        answers = words.about_file(language, self._people_available)
        await asyncio.to_thread(lambda: attachments.from_customer(conversation_id, client_id=client_id, name=name, source=path, answers=answers))

    async def _give_up(self, row: OutboxRow, conversation_id: str, name: str, sent: Sent) -> Sent:
        """Say it to who sent it."""
        reply = words.not_taken(name, self._attachments.allowed)
        try:
            await asyncio.to_thread(lambda: hearing.tell(self._database, conversation_id, reply, key=row.key))
        except NotFound:
            return Sent("erased", final=True)
        self._signals.changed(conversation_id)
        return sent

    def _language(self, conversation_id: str) -> Language:
        with self._database.read() as session:
            return store.spoken_language(session, store.customers(session, conversation_id))
