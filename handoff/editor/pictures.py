"""Pictures that editors put into answers: drawn anew like any picture that is sent, and public by a random id, for the chat and the help page alike."""

import asyncio
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse

from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations.filetypes import TYPES, recognise
from handoff.conversations.shelf import Shelf
from handoff.errors import NotFound, Unreadable
from handoff.services import Services
from handoff.web import Guard

ID = re.compile(r"[\w-]{16,40}")
MOST_BYTES = 10_000_000
KINDS = frozenset(name for name, kind in TYPES.items() if kind.drawn)
SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "public, max-age=31536000, immutable",  # another picture has another address
    "Cross-Origin-Resource-Policy": "cross-origin",  # the chat stands on other sites
}


def picture_routes(services: Services, guard: Guard) -> APIRouter:
    """POST /api/editor/pictures and the public GET /pictures/{id}."""
    router = APIRouter(tags=["editor"])
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]
    shelf = Shelf(services.settings.data_dir / "pictures", None)

    @router.post("/api/editor/pictures", status_code=201)
    async def keep(request: Request, person: editor) -> dict[str, Any]:
        """Keep the body, which is the picture itself; gives the address to write into the answer."""
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > MOST_BYTES:
            raise Unreadable(f"The picture is larger than {MOST_BYTES} bytes.", code="picture_too_large", field="picture")
        path = await shelf.receive(request.stream(), most=MOST_BYTES)
        stored = await asyncio.to_thread(shelf.put, path, name="", allowed=KINDS)
        await asyncio.to_thread(accounts.audit, services.database, person.id, "uploaded_picture", stored.id)
        return {"address": f"/pictures/{stored.id}", "width": stored.width, "height": stored.height}

    @router.get("/pictures/{picture_id}", include_in_schema=False)
    def show(picture_id: str) -> FileResponse:
        """Anyone's who knows the address: it stands in answers that are public."""
        path = shelf.path(picture_id)
        if not ID.fullmatch(picture_id) or not path.is_file():
            raise NotFound("There is no such picture.")
        return FileResponse(path, media_type=recognise(path, name="", allowed=KINDS).media, headers=SAFE)

    return router
