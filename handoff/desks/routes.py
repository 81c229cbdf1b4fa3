"""What another desk tells us: its people's words, and that a conversation is solved. Signed, and each thing once however often it comes."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handoff.accounts import kept_answers
from handoff.accounts.kept_answers import Answer
from handoff.conversations import elsewhere, store, their_moves
from handoff.conversations.elsewhere import Rule
from handoff.desks import files, office
from handoff.desks.chatwoot import Place
from handoff.desks.office import Refused, counted
from handoff.errors import NotFound, NotLoggedIn, Unreadable
from handoff.outbox import sign
from handoff.services import Services
from handoff.settings import Settings

FRESH_SECONDS = 300


class Call(BaseModel):
    """What the other desk says of a conversation: an answer to its customer, or that it is solved."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["agent.message", "conversation.resolved"]
    conversation_id: str = Field(min_length=1, max_length=40)
    text: str = Field("", max_length=100_000)
    name: str | None = Field(None, max_length=100)


class Sender(BaseModel):
    name: str | None = None


class Talk(BaseModel):
    id: int


class File(BaseModel):
    data_url: str | None = None


class Told(BaseModel):
    """What we need of Chatwoot's webhooks; `id` is the message's, or the conversation's where that changed."""

    event: str
    id: int
    content: str | None = None
    message_type: str | int | None = None
    private: bool = False
    sender: Sender | None = None
    conversation: Talk | None = None
    status: str | None = None
    attachments: list[File] | None = None

    @property
    def words(self) -> str:
        """What was said, then the address of each file, which opens it for whoever has it."""
        addresses = [one.data_url for one in self.attachments or [] if one.data_url and one.data_url.startswith(("https://", "http://"))]
        return "\n".join([*filter(None, [(self.content or "").strip()]), *addresses])


def rule(settings: Settings) -> Rule | None:
    """The desk that gets conversations, where it is not ours. An address that only hears of handoffs is none."""
    if settings.chatwoot_url:
        return Rule(elsewhere.CHATWOOT, settings.chatwoot_url, settings.company)
    answers = settings.forward_url and settings.forward_desk
    return Rule(elsewhere.HANDOFF, settings.forward_url, settings.company, files.addresses(settings)) if answers else None


def place(settings: Settings) -> Place:
    """Where Chatwoot is."""
    return Place(settings.chatwoot_url, settings.chatwoot_token.get_secret_value(), settings.chatwoot_account, settings.chatwoot_inbox)


def router(services: Services) -> APIRouter:
    """`/api/desks`, and the operator's page of it."""
    refused, api = Refused(), APIRouter()
    api.include_router(office.router(services, refused))
    api.include_router(_calls(services, refused))
    api.include_router(files.router(services))
    return api


def _calls(services: Services, refused: Refused) -> APIRouter:
    api = APIRouter(prefix="/api/desks", tags=["desks"])
    settings = services.settings

    @api.post("/calls", status_code=204)
    async def call(
        request: Request,
        webhook_id: Annotated[str, Header()] = "",
        webhook_timestamp: Annotated[str, Header()] = "",
        webhook_signature: Annotated[str, Header()] = "",
    ) -> Response:
        """Signed by Standard Webhooks with ABILINE_FORWARD_SECRET. The same `Webhook-Id` is the same call."""
        body = await request.body()
        secret = settings.forward_secret.get_secret_value()
        with counted(refused):
            _check_fresh(secret, webhook_timestamp)
            wanted = sign(secret, webhook_id, int(webhook_timestamp), body)
            if not webhook_id or not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in webhook_signature.split(" ")):
                raise NotLoggedIn("The signature is not right.")
        await asyncio.to_thread(_take_call, services, webhook_id, _read(Call, body))
        return Response(status_code=204)

    @api.post("/chatwoot", status_code=204)
    async def chatwoot(
        request: Request,
        x_chatwoot_signature: Annotated[str, Header()] = "",
        x_chatwoot_timestamp: Annotated[str, Header()] = "",
        x_chatwoot_delivery: Annotated[str, Header()] = "",
    ) -> Response:
        """A webhook of Chatwoot, signed with ABILINE_CHATWOOT_SECRET. What is none of ours is taken and forgotten."""
        body = await request.body()
        secret = settings.chatwoot_secret.get_secret_value()
        with counted(refused):
            _check_fresh(secret, x_chatwoot_timestamp)
            wanted = "sha256=" + hmac.new(secret.encode(), x_chatwoot_timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(wanted.encode(), x_chatwoot_signature.encode()):
                raise NotLoggedIn("The signature is not right.")
        await asyncio.to_thread(_take_chatwoot, services, _read(Told, body), x_chatwoot_delivery or hashlib.sha256(body).hexdigest())
        return Response(status_code=204)

    return api


def _check_fresh(secret: str, timestamp: str) -> None:
    """Raise `NotFound` where no desk is set, `NotLoggedIn` for what is not from these minutes."""
    if not secret:
        raise NotFound("There is no other desk.")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12) or abs(time.time() - int(timestamp)) > FRESH_SECONDS:
        raise NotLoggedIn("The time of this call is not now.")


def _read(shape: type[Any], body: bytes) -> Any:
    try:
        return shape.model_validate(json.loads(body))
    except (ValidationError, ValueError, RecursionError) as error:
        raise Unreadable(f"This is no {shape.__name__}: {type(error).__name__}.", code="unreadable") from None


def _take_call(services: Services, webhook_id: str, call: Call) -> None:
    database = services.database
    if call.type == "agent.message":
        their_moves.speak(database, call.conversation_id, key=f"call:{webhook_id}", text=call.text, name=call.name)
    else:
        who = hashlib.sha256(f"desk {webhook_id}".encode()).hexdigest()
        if kept_answers.begin(database, who, hashlib.sha256(call.conversation_id.encode()).hexdigest()) is not None:
            return  # a repeat must not end what has begun since
        try:
            their_moves.resolve(database, call.conversation_id)
        except BaseException:
            kept_answers.end(database, who, None)
            raise
        kept_answers.end(database, who, Answer(204, ""))
    services.signals.changed(call.conversation_id)


def _take_chatwoot(services: Services, told: Told, delivery: str) -> None:
    """An answer of a person there, or a change of state, which is looked up before it is believed."""
    database = services.database
    if told.event == "message_created" and told.conversation is not None:
        conversation_id = elsewhere.conversation_of(database, told.conversation.id)
        if conversation_id and told.message_type in ("outgoing", 1) and not told.private and told.words:
            name = told.sender.name if told.sender else None
            their_moves.speak(database, conversation_id, key=f"chatwoot:{told.id}", text=told.words, name=name)
            services.signals.changed(conversation_id)
    elif told.event in ("conversation_status_changed", "conversation_resolved") and told.status == "resolved":
        conversation_id = elsewhere.conversation_of(database, told.id)
        if conversation_id:
            with database.write() as session:
                elsewhere.owe_look(session, store.customers(session, conversation_id), delivery)
            services.outbox.look_now()
