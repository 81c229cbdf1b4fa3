"""Files that the customer sends and gets. The secret travels in the header, never in an address."""

# No postponed annotations here: `Depends(door.…)` names a local, which FastAPI could not find from a string.

import asyncio
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials

from bot.understanding import Button, Language, Reply
from handoff import schedule, uploads
from handoff.conversations.attachments import Answer
from handoff.conversations.service import ASK_HUMAN, Kept, spoken_language
from handoff.conversations.states import State
from handoff.conversations.store import Visited
from handoff.services import Services
from handoff.texts import Texts
from handoff.widget import shapes
from handoff.widget.api import ERRORS, Door, address_of
from handoff.widget.limits import Limits
from handoff.widget.origins import Origins, cross_origin_route
from handoff.widget.standing import Reader

ClientId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="made by the sender; the same id again is the same message")]
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


def router(services: Services, texts: Texts, origins: Origins, limits: Limits) -> APIRouter:
    """`/api/widget/conversations/…/files`. A router of its own: its bodies are as long as a file may be."""
    attachments = services.attachments
    whole = cross_origin_route(origins, longest=None)
    api = APIRouter(prefix="/api/widget/conversations/{conversation_id}/files", tags=["widget"], route_class=whole, responses=ERRORS)
    reader = Reader(services.database, texts, schedule.Hours.of(services.settings))
    door = Door(services, limits)

    async def sending(request: Request, row: Annotated[Visited, Depends(door.speaking)]) -> Visited:
        limits.files.take(address_of(request))
        return row

    @api.post(
        "/{client_id}",
        status_code=201,
        responses={200: {"model": shapes.Kept, "description": "It had been kept before"}},
        openapi_extra=BODY,
    )
    async def send(request: Request, client_id: ClientId, response: Response, row: Annotated[Visited, Depends(sending)]) -> shapes.Kept:
        """Keep a file as a message: the body is the file, its name stands percent-encoded in the header `Abiline-File-Name`."""
        before = await asyncio.to_thread(attachments.sent_before, row.id, client_id)
        if before is not None:
            await uploads.ignore(request, most=attachments.allowed.size)
            response.status_code = 200
            return shapes.Kept(number=before)
        await asyncio.to_thread(attachments.check_room, row.id, "customer")
        here = await asyncio.to_thread(schedule.people_available, services.database)
        language = await asyncio.to_thread(spoken_language, services.database, row)

        def keep(name: str, path: File) -> Kept:
            return attachments.from_customer(row.id, client_id=client_id, name=name, source=path, answers=lambda state: answer(language, state, here))

        kept = await uploads.receive(request, attachments, keep)
        services.signals.changed(row.id)
        response.status_code = 200 if kept.repeated else 201
        return shapes.Kept(number=kept.number)

    @api.post("/{file_id}/open", response_class=StreamingResponse)
    async def show(request: Request, conversation_id: str, file_id: str, secret: Annotated[str, Form()]) -> StreamingResponse:
        """The file on a page of its own: a form brings the secret, for an address is kept in histories and passed on."""
        row = await door.changing(request, conversation_id, HTTPAuthorizationCredentials(scheme="Bearer", credentials=secret))
        return await asyncio.to_thread(lambda: uploads.give(attachments, attachments.find(row.id, file_id), preview=False))

    @api.get("/{file_id}", response_class=StreamingResponse)
    def fetch(file_id: str, row: Annotated[Visited, Depends(door.visitor)]) -> StreamingResponse:
        """A file of this conversation."""
        return uploads.give(attachments, attachments.find(row.id, file_id), preview=False)

    @api.get("/{file_id}/preview", response_class=StreamingResponse)
    def preview(file_id: str, row: Annotated[Visited, Depends(door.visitor)]) -> StreamingResponse:
        """A small WebP of a picture."""
        return uploads.give(attachments, attachments.find(row.id, file_id), preview=True)

    def answer(language: Language, state: State, here: bool) -> Answer:
        """A person looks at files: is offered, or asks where to answer, or already knows where."""
        if state is State.TICKET:
            return Answer(Reply(texts.say(language, "file.ticket")), "utter_contact_known")
        if here:
            return Answer(Reply(texts.say(language, "file.person"), buttons=(Button(texts.say(language, "talk_to_human"), ASK_HUMAN),)), "utter_offer_human")
        back = reader.back(language, here)
        return Answer(Reply(texts.say(language, "file.contact", back=back)), "utter_offer_contact")

    return api
