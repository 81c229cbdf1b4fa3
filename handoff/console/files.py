"""Files that agents send and get. Any agent may look; only the holder sends."""

import asyncio
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import StreamingResponse

from handoff import uploads
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console.changes import Number, holder
from handoff.console.seeing import seeing
from handoff.services import Services
from handoff.web import Guard

ClientId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="made by the page; the same id again is the same message")]


def router(services: Services, guard: Guard) -> APIRouter:
    """`/api/desk/conversations/…/files`."""
    api = APIRouter(prefix="/api/desk/conversations/{conversation_id}/files", tags=["desk"], dependencies=[Depends(seeing(services, guard))])
    attachments = services.attachments
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.post("/{client_id}", status_code=201)
    async def send(request: Request, conversation_id: str, client_id: ClientId, person: agent) -> Number:
        """Send a file to the customer: the body is the file, its name stands percent-encoded in the header `Abiline-File-Name`."""
        before = await asyncio.to_thread(attachments.sent_before, conversation_id, client_id)
        if before is not None:
            await uploads.ignore(request, most=attachments.allowed.size)
            return Number(number=before)
        await asyncio.to_thread(attachments.check_room, conversation_id, "agent")

        def keep(name: str, path: File) -> int:
            return attachments.from_agent(conversation_id, holder(person), client_id=client_id, name=name, source=path)

        number = await uploads.receive(request, attachments, keep)
        services.signals.changed(conversation_id)
        return Number(number=number)

    @api.get("/{file_id}", response_class=StreamingResponse)
    def fetch(conversation_id: str, file_id: str, person: agent) -> StreamingResponse:
        """A file of the conversation; a picture may be shown, anything else is a download."""
        return uploads.give(attachments, attachments.find(conversation_id, file_id), preview=False)

    @api.get("/{file_id}/preview", response_class=StreamingResponse)
    def preview(conversation_id: str, file_id: str, person: agent) -> StreamingResponse:
        """A small WebP of a picture."""
        return uploads.give(attachments, attachments.find(conversation_id, file_id), preview=True)

    return api
