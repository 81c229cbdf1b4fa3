"""The privacy notice for anyone, and the two rights a visitor uses alone: a copy, and erasure."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel
from starlette.background import BackgroundTask

from bot.understanding import LANGUAGES, Language
from handoff.conversations import erasure, notice, service
from handoff.conversations.holding import Held
from handoff.dates import as_date
from handoff.errors import NotFound
from handoff.markdown import as_notice
from handoff.privacy import person as person_page
from handoff.privacy import request as request_page
from handoff.privacy.notice import parted
from handoff.privacy.packing import copy_with_files, download
from handoff.services import Services
from handoff.web import Pages, page_language, take_over

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
    def notice_page(request: Request, version: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
        """The notice as it stands, or as it stood under a version. 404 for one that never did."""
        return show_notice(services, pages, request, version)

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
        """Erase the conversation for good; what is left are counts without words. 404 without its secret, and after erasure; 409 `held` where it has to
        be kept for now, with a sentence for the customer in their language."""

        def forget() -> erasure.Receipt:
            row = service.authorise(services.database, conversation_id, bearer(authorization))
            try:
                return erasure.erase(services.database, services.attachments.shelf, conversation_id)
            except Held:
                raise Held(pages.texts.say(cast(Language, row.language), "held")) from None

        receipt = await asyncio.to_thread(forget)
        services.signals.changed(conversation_id)
        return Erased(receipt=receipt.id, at=receipt.at.isoformat())

    take_over(router, request_page.router(services, pages), person_page.router(services, pages))
    return router


def show_notice(services: Services, pages: Pages, request: Request, version: str) -> HTMLResponse:
    """The page of the notice."""
    language, database = page_language(request), services.database
    present = notice.version(database)
    row = notice.kept(database, version or present)
    if row is None:
        raise NotFound("There was no such version of the notice.")
    title, body = parted(str(row.texts.get(language) or row.texts["et"]))
    return pages.page(
        request,
        "privacy.html",
        path="/privacy",
        company=services.settings.company,
        languages=LANGUAGES,
        title=title or pages.texts.say(language, "privacy.title"),
        body=as_notice(body),
        version=row.version,
        past=row.version != present,
        versions=notice.versions(database),
        date=lambda one: as_date(notice.day_of(one), language),
    )


def bearer(authorization: str) -> str:
    """The secret of `Bearer <secret>`. Raises `NotFound`, the same as a wrong one."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotFound("There is no such conversation.")
    return secret.strip()
