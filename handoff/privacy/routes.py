"""The privacy notice for anyone, and the two rights a visitor uses alone: a copy, and erasure."""

import asyncio
import json
import tempfile
import zipfile
from pathlib import Path
from typing import IO, Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel
from starlette.background import BackgroundTask

from bot.understanding import LANGUAGES
from handoff.conversations import erasure, service, visitors
from handoff.conversations.shelf import Shelf
from handoff.dates import as_date
from handoff.errors import NotFound
from handoff.services import Services
from handoff.web import Pages, page_language

HERE = Path(__file__).parent


class Erased(BaseModel):
    """The proof of an erasure."""

    receipt: str
    at: str


def router(services: Services) -> APIRouter:
    """/privacy and /api/privacy."""
    pages = Pages(HERE)
    router = APIRouter()
    secret_header = Annotated[str, Header(description="Bearer and the secret that the visitor's browser got with the conversation")]

    @router.get("/privacy", include_in_schema=False)
    def notice(request: Request) -> HTMLResponse:
        settings = services.settings
        words = {"company": settings.company, "bot": settings.bot_name, "days": settings.keep_days, "contact": settings.privacy_contact}
        version = as_date(visitors.NOTICE, page_language(request))
        return pages.page(request, "privacy.html", path="/privacy", company=settings.company, words=words, version=version, languages=LANGUAGES)

    @router.post("/api/privacy/conversations/{conversation_id}/export", tags=["privacy"], response_model=None)
    def export(conversation_id: str, authorization: secret_header = "") -> Response:
        """Everything we hold of the conversation, machine-readable: JSON, or a ZIP of it and the files where there are any. 404 without its secret."""
        service.authorise(services.database, conversation_id, bearer(authorization))
        data: dict[str, Any] = erasure.export(services.database, conversation_id)
        if not data["files"]:
            return JSONResponse(data, headers=download("abiline.json"))
        packed = copy_with_files(data, services.attachments.shelf)
        return StreamingResponse(packed, media_type="application/zip", headers=download("abiline.zip"), background=BackgroundTask(packed.close))

    @router.post("/api/privacy/conversations/{conversation_id}/erase", tags=["privacy"])
    async def erase(conversation_id: str, authorization: secret_header = "") -> Erased:
        """Erase the conversation for good; what is left are counts without words. 404 without its secret, and after erasure."""

        def forget() -> erasure.Receipt:
            service.authorise(services.database, conversation_id, bearer(authorization))
            return erasure.erase(services.database, services.attachments.shelf, conversation_id)

        receipt = await asyncio.to_thread(forget)
        services.signals.changed(conversation_id)
        return Erased(receipt=receipt.id, at=receipt.at.isoformat())

    return router


def download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def copy_with_files(data: dict[str, Any], shelf: Shelf) -> IO[bytes]:
    """A ZIP archive on disk that is gone once closed: `abiline.json` and the files, each under its number and name."""
    packed = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for number, file in enumerate(data["files"], start=1):
            file["path"] = f"files/{number}-{file['name']}"
            if shelf.path(file["id"]).is_file():
                archive.write(shelf.path(file["id"]), file["path"])
        archive.writestr("abiline.json", json.dumps(data, ensure_ascii=False, indent=2))
    packed.seek(0)
    return packed


def bearer(authorization: str) -> str:
    """The secret of `Bearer <secret>`. Raises `NotFound`, the same as a wrong one."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotFound("There is no such conversation.")
    return secret.strip()
