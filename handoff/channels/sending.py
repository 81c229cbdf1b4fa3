"""Brings what is said to the messenger where it is read. A way of the outbox.

The words are looked up when they go, so what was taken back meanwhile never leaves. A messenger knows no repeat, so after each part it is kept how far a
delivery is: only a part whose „yes“ got lost can come twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy.orm import Session

from bot.understanding import Language
from handoff.channels import provider as providers
from handoff.channels import words
from handoff.channels.provider import Call, File, Outside, Provider, Saying
from handoff.conversations import channel_debts, hearing, store
from handoff.conversations.attachments import Attachments
from handoff.conversations.events import Kind
from handoff.conversations.signals import Signals
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database
from handoff.errors import NotFound
from handoff.outbox import LAST_ATTEMPT, OutboxRow, Sent

STEP_SECONDS = 8
WHOLE_SECONDS = 45  # less than a claim lasts: nobody else begins meanwhile


@dataclass(frozen=True)
class _Letter:
    """An event that goes, and to whom."""

    address: str
    heard_at: datetime
    event: EventRow
    language: Language


class Teller:
    """Delivers rows of the kind `channel_debts.SAY`."""

    def __init__(
        self, database: Database, signals: Signals, attachments: Attachments, known: Mapping[str, Provider], *, bot_name: str, client: httpx.AsyncClient
    ) -> None:
        self._database, self._signals, self._attachments, self._known = database, signals, attachments, known
        self._bot_name, self._client = bot_name, client

    async def __call__(self, row: OutboxRow) -> Sent:
        provider = self._known.get(row.url.partition(":")[2])
        if "conversation_id" not in row.payload:
            return Sent("erased", final=True)
        if provider is None:
            return Sent("this messenger is not set up")
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                sent = await self._deliver(provider, row)
        except TimeoutError:
            sent = Sent("Timeout")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            sent = Sent(type(error).__name__)
        if sent.error and (sent.final or row.attempts >= LAST_ATTEMPT) and "number" in row.payload:
            await asyncio.to_thread(self._note_failed, row, sent)
        return sent

    async def _deliver(self, provider: Provider, row: OutboxRow) -> Sent:
        if (receipt := row.payload.get("receipt")) is not None:
            sent = await provider.send(self._client, Call(receipt["method"], receipt["body"]))
            return Sent() if sent.final else sent  # too late for it: nobody waits any more
        letter = await asyncio.to_thread(self._look_up, row)
        if letter is None:
            return Sent()
        saying = await asyncio.to_thread(self._say, provider, letter)
        try:
            calls = await provider.draw(letter.address, saying)
        except Outside:  # what only accompanies an answer need not be told to the agent
            return Sent("window", final=True) if letter.event.kind == Kind.MESSAGE else Sent()
        for number, call in enumerate(calls):
            if number < row.payload.get("sent", 0):
                continue
            sent = await provider.send(self._client, call)
            if sent.error:
                return sent
            if len(calls) > 1:
                await asyncio.to_thread(channel_debts.note_sent, self._database, row.id, number + 1)
        return Sent()

    def _look_up(self, row: OutboxRow) -> _Letter | None:
        """The event as it stands now, for whoever reads it; None where nobody does any more."""
        with self._database.read() as session:
            conversation_id = str(row.payload["conversation_id"])
            try:
                talk = store.conversation(session, conversation_id)
            except NotFound:
                return None
            reader = channel_debts.reader_of(session, conversation_id)
            event = store.event_at(session, conversation_id, int(row.payload["number"]))
            if reader is None or event is None or event.body.get("withdrawn") or self._is_over(session, talk, event):
                return None
            return _Letter(reader.address, reader.heard_at, event, store.spoken_language(session, talk))

    def _is_over(self, session: Session, talk: ConversationRow, event: EventRow) -> bool:
        """A correction of words that have not left yet leaves with them."""
        if event.kind != Kind.EDITED:
            return False
        said = store.event_at(session, talk.id, int(event.body["number"]))
        return said is None or bool(said.body.get("withdrawn"))

    def _say(self, provider: Provider, letter: _Letter) -> Saying:
        event, pen = letter.event, provider.pen()
        if event.kind != Kind.MESSAGE:
            return Saying(pen.words(words.told(event, letter.language, self._bot_name)), heard_at=letter.heard_at)
        titles = event.body.get("buttons", ()) if event.actor != "agent" else ()
        buttons = [{"title": title, "payload": providers.payload(event.conversation_id, event.number, place)} for place, title in enumerate(titles)]
        parts = pen.words(event.body["text"]) if event.actor == "agent" else pen.answer(event.body["text"])
        files = [File(one["name"], one["type"], b"".join(self._attachments.shelf.read(one["id"]))) for one in event.body.get("files", ())]
        return Saying(parts, buttons, files, by_person=event.actor == "agent", heard_at=letter.heard_at)

    def _note_failed(self, row: OutboxRow, sent: Sent) -> None:
        why = sent.error if sent.error in ("blocked", "refused", "window", "file") else "gave_up"
        values: dict[str, Any] = {"number": int(row.payload["number"]), "why": f"channel_{why}", "key": row.key, "blocked": why == "blocked"}
        conversation_id = str(row.payload["conversation_id"])
        hearing.fail(self._database, conversation_id, **values)
        self._signals.changed(conversation_id)
