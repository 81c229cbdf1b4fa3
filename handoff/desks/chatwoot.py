"""Brings conversations to Chatwoot by its application API, and looks there how they stand. A way of the outbox.

Chatwoot knows no idempotency keys: so what is posted carries a mark of ours, and whoever tries again looks first whether it is there already.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from handoff.contract import HandoffRequest
from handoff.conversations import elsewhere, their_moves
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.database import Database
from handoff.errors import NotFound
from handoff.outbox import OutboxRow, Sent
from handoff.texts import Texts

STEP_SECONDS = 8
WHOLE_SECONDS = 45  # less than a claim lasts: nobody else begins meanwhile
LONGEST = 140_000  # characters; Chatwoot takes 150 000 of a message
MARK = "abiline"
NOT_TAKEN = (413, 415, 422)  # what Chatwoot says to a file that is too large or of a kind that it does not know
TEXTS = Texts(Path(__file__).parent / "texts")


Shape = TypeVar("Shape", bound=BaseModel)


class Refused(Exception):
    """Chatwoot answered something else than expected; `status` where it refused."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class WithId(BaseModel):
    id: int


class Contact(WithId):
    identifier: str | None = None


class Made(BaseModel):
    contact: Contact


class MadeContact(BaseModel):
    payload: Made


class Found(BaseModel):
    payload: list[Contact]


class Talk(WithId):
    status: str = ""
    custom_attributes: dict[str, Any] | None = None


class Talks(BaseModel):
    payload: list[Talk]


class Message(WithId):
    content_attributes: dict[str, Any] | None = None


class Messages(BaseModel):
    payload: list[Message]


@dataclass(frozen=True)
class Place:
    """Where Chatwoot is, and the inbox there that is ours."""

    url: str
    token: str
    account: int
    inbox: int


@dataclass(frozen=True)
class Part:
    """One message there: a customer's words or file, or a note of ours."""

    text: str
    private: bool = False
    file: Mapping[str, Any] | None = None


class Chatwoot:
    """Delivers rows of the kind `elsewhere.CHATWOOT`."""

    def __init__(self, database: Database, signals: Signals, place: Place, shelf: Shelf, *, client: httpx.AsyncClient | None = None) -> None:
        self._database, self._signals, self._place, self._shelf = database, signals, place, shelf
        self._made_client = client

    async def __call__(self, row: OutboxRow) -> Sent:
        if "what" not in row.payload:
            return Sent("erased", final=True)
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await self._deliver(row)
        except NotFound:
            return Sent("erased", final=True)
        except TimeoutError:
            return Sent("Timeout")
        except Refused as error:
            return Sent(str(error))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Sent(type(error).__name__)
        return Sent()

    async def _deliver(self, row: OutboxRow) -> None:
        told, again = row.payload, row.attempts > 1
        conversation_id = str(told["conversation_id"])
        if told["what"] == "look":
            await self._look(conversation_id)
            return
        known = await asyncio.to_thread(elsewhere.remote_of, self._database, conversation_id)
        remote = known if known is not None else await self._begin(conversation_id, told.get("request", {}).get("name"), again=again)
        for number, part in enumerate(_parts(told)):
            await self._say(remote, f"{row.key}:{number}", part, again=again)
        if told["what"] == "handoff" and known is not None:
            await self._ask("POST", f"conversations/{remote}/toggle_status", {"status": "open"})

    async def _begin(self, conversation_id: str, name: str | None, *, again: bool) -> int:
        """The conversation there: made, or found where an earlier try has made it."""
        contact = (await self._find_contact(conversation_id) if again else None) or await self._make_contact(conversation_id, name)
        talks = _read(Talks, await self._ask("GET", f"contacts/{contact}/conversations")) if again else Talks(payload=[])
        remote = next((one.id for one in talks.payload if (one.custom_attributes or {}).get(MARK) == conversation_id), None)
        if remote is None:
            wanted = {
                "source_id": f"{MARK}-{conversation_id}",
                "inbox_id": self._place.inbox,
                "contact_id": contact,
                "status": "open",
                "custom_attributes": {MARK: conversation_id},
            }
            remote = _read(WithId, await self._ask("POST", "conversations", wanted)).id
        await asyncio.to_thread(elsewhere.keep_remote, self._database, conversation_id, remote)
        return remote

    async def _find_contact(self, conversation_id: str) -> int | None:
        found = _read(Found, await self._ask("GET", "contacts/search", params={"q": f"{MARK}-{conversation_id}"}))
        return next((one.id for one in found.payload if one.identifier == f"{MARK}-{conversation_id}"), None)

    async def _make_contact(self, conversation_id: str, name: str | None) -> int:
        wanted = {"inbox_id": self._place.inbox, "name": name or TEXTS.say("et", "note.guest"), "identifier": f"{MARK}-{conversation_id}"}
        return _read(MadeContact, await self._ask("POST", "contacts", wanted)).payload.contact.id

    async def _say(self, remote: int, mark: str, part: Part, *, again: bool) -> None:
        if again:
            there = _read(Messages, await self._ask("GET", f"conversations/{remote}/messages"))
            if any((one.content_attributes or {}).get(MARK) == mark for one in there.payload):
                return
        if part.file is not None and await self._send_file(remote, mark, part.file):
            return
        kind = "outgoing" if part.private else "incoming"  # a note of ours is private, so that it is no answer to anybody
        wanted = {"content": part.text[:LONGEST], "message_type": kind, "private": part.private, "content_type": "text", "content_attributes": {MARK: mark}}
        await self._ask("POST", f"conversations/{remote}/messages", wanted)

    async def _send_file(self, remote: int, mark: str, file: Mapping[str, Any]) -> bool:
        """The customer's file as a message of its own; False where it is gone from here, or Chatwoot does not take such a one: then its name is told."""
        try:
            content = await asyncio.to_thread(lambda: b"".join(self._shelf.read(file["id"])))
        except OSError:
            return False
        fields = {"content": "", "message_type": "incoming", "content_attributes": json.dumps({MARK: mark})}
        try:
            await self._ask("POST", f"conversations/{remote}/messages", fields, file=(file["name"], content, file["type"]))
        except Refused as refused:
            if refused.status in NOT_TAKEN:
                return False
            raise
        return True

    async def _look(self, conversation_id: str) -> None:
        """Resolved there: the bot goes on here. What Chatwoot says now counts, so a word of it that came late or twice changes nothing."""
        remote = await asyncio.to_thread(elsewhere.remote_of, self._database, conversation_id)
        if remote is None:
            return
        talk = _read(Talk, await self._ask("GET", f"conversations/{remote}"))
        if talk.status == "resolved" and await asyncio.to_thread(their_moves.resolve, self._database, conversation_id):
            self._signals.changed(conversation_id)

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, params: dict[str, str] | None = None, file: tuple[str, bytes, str] | None = None
    ) -> Any:
        address = f"{self._place.url}/api/v1/accounts/{self._place.account}/{path}"
        sent: dict[str, Any] = {"json": body} if file is None else {"data": body, "files": [("attachments[]", file)]}
        answer = await self._client.request(method, address, params=params, headers={"api_access_token": self._place.token}, **sent)
        if not answer.is_success:
            raise Refused(f"HTTP {answer.status_code}", answer.status_code)
        try:
            return answer.json()
        except ValueError:
            raise Refused("an answer that is no JSON") from None

    @property
    def _client(self) -> httpx.AsyncClient:
        if self._made_client is None:
            self._made_client = httpx.AsyncClient(timeout=STEP_SECONDS)
        return self._made_client


def _read(shape: type[Shape], told: Any) -> Shape:
    try:
        return shape.model_validate(told)
    except ValidationError:
        raise Refused(f"an answer that is no {shape.__name__}") from None


def _parts(told: dict[str, Any]) -> Iterator[Part]:
    """What is posted, in order."""
    files = [Part(f"{TEXTS.say('et', 'note.file')} {file['name']}", file=file) for file in told.get("files", [])]
    if told["what"] == "said":
        yield from ([Part(told["text"])] if told["text"] else []) + files
        return
    request = HandoffRequest.model_validate(told["request"])
    say = partial(TEXTS.say, request.language)
    lines = [f"{say(f'note.{said.who}')}: {said.text}" for said in request.messages]
    yield Part("\n".join([say("note.history"), "", *lines]), private=True)
    yield Part(_context(request), private=True)
    yield from files
    last = next((said.text for said in reversed(request.messages) if said.who == "customer"), "")
    if last:
        yield Part(last)


def _context(request: HandoffRequest) -> str:
    """What the bot knows, for the agent alone."""
    say = partial(TEXTS.say, request.language)
    lines = [f"{say('note.reason')}: {say(f'note.because.{request.reason.value}')}", f"{say('note.language')}: {request.language}"]
    lines += [f"{say('note.page')}: {request.page}"] if request.page else []
    lines += [f"{say('note.tags')}: {', '.join(request.tags)}"] if request.tags else []
    lines += [f"{say('note.orders')}: {', '.join(request.orders)}"] if request.orders else []
    lines += [f"{say('note.found')}: {entity.kind} {entity.value}" for entity in request.entities]
    shown = f", {say('note.shown')}"
    lines += [f"{say('note.considered')}: {one.question} ({one.probability:.0%}{shown if one.shown else ''})" for one in request.candidates]
    return "\n".join(lines)
