"""The conversation to keep: a page to print or save, from which it also goes by e-mail.

The page is opened by a form that carries the secret: an address is kept in histories and passed on, a form's body is not.
"""

# No postponed annotations here: FastAPI reads `Annotated[…, Form()]` of functions inside a function.

import asyncio
from typing import Annotated, Any, cast

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPAuthorizationCredentials

from bot.understanding import Language
from handoff import mail, outbox, schedule
from handoff.conversations.store import Visited
from handoff.conversations.tickets import checked_email
from handoff.database import new_id, now
from handoff.errors import NotFound, TooMany, Unreadable
from handoff.services import Services
from handoff.web import Pages
from handoff.widget.api import ERRORS, Door, address_of
from handoff.widget.limits import Limits
from handoff.widget.origins import Origins, cross_origin_route
from handoff.widget.standing import Reader
from handoff.widget.transcript import Transcripts

WHERE = "outbox:mail"  # the address stands in the letter, which is emptied once it is gone
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
Secret = Annotated[str, Form(max_length=200)]


def router(services: Services, pages: Pages, origins: Origins, limits: Limits) -> APIRouter:
    """`/api/widget/conversations/…/transcript`."""
    settings = services.settings
    path = "/api/widget/conversations/{conversation_id}/transcript"
    api = APIRouter(prefix=path, tags=["widget"], route_class=cross_origin_route(origins), responses=ERRORS)
    door = Door(services, limits)
    reader = Reader(services.database, pages.texts, schedule.Hours.of(settings))
    transcripts = Transcripts(settings, pages.texts, services.attachments.shelf)

    @api.post("", response_class=HTMLResponse)
    async def show(request: Request, conversation_id: str, secret: Secret) -> HTMLResponse:
        """The conversation as a page, with the customer's pictures."""
        row = await visitor(request, conversation_id, secret)
        return await asyncio.to_thread(page, row, secret)

    @api.post("/letter", response_class=HTMLResponse)
    async def send(
        request: Request,
        conversation_id: str,
        secret: Secret,
        email: Annotated[str, Form(max_length=320)] = "",
        letter_id: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{8,64}$")] = "once-only",
    ) -> HTMLResponse:
        """Send it to an address, which is used for nothing else; then the page again. The same `letter_id` is the same letter."""
        row = await visitor(request, conversation_id, secret)
        if not settings.sends_mail:
            raise NotFound("This service sends no mail.")
        try:
            to = checked_email(email)
            limits.letters.take(row.id)
            limits.letters_of_address.take(address_of(request))
        except (Unreadable, TooMany) as error:
            return await asyncio.to_thread(page, row, secret, status=error.status, email=email, problem=f"transcript.{error.code}")
        await asyncio.to_thread(enqueue, row, to, letter_id)
        services.outbox.look_now()
        return await asyncio.to_thread(page, row, secret, sent=to)

    async def visitor(request: Request, conversation_id: str, secret: str) -> Visited:
        return await door.changing(request, conversation_id, HTTPAuthorizationCredentials(scheme="Bearer", credentials=secret))

    def written(row: Visited) -> dict[str, Any]:
        language = cast(Language, row.language)
        events, _last = reader.events(row.id, 0)
        return {"company": settings.company, "date": transcripts.today(now(), language), "days": transcripts.days(events, language), "page": row.page}

    def page(row: Visited, secret: str, *, status: int = 200, email: str = "", problem: str = "", sent: str = "") -> HTMLResponse:
        form = {"path": path.format(conversation_id=row.id), "secret": secret, "letter_id": new_id(), "email": email, "problem": problem, "sent": sent}
        html = pages.render(cast(Language, row.language), "transcript.html", **written(row), form=form if settings.sends_mail else None)
        return HTMLResponse(html, status_code=status, headers=HEADERS)

    def enqueue(row: Visited, to: str, letter_id: str) -> None:
        language, values = cast(Language, row.language), written(row)
        letter = mail.Letter(
            to=to,
            subject=pages.texts.say(language, "transcript.subject", company=settings.company, date=values["date"]),
            text=pages.render(language, "transcript_letter.txt", **values),
            html=pages.render(language, "transcript_letter.html", **values),
            language=language,
            conversation_id=row.id,
        )
        with services.database.write() as session:
            outbox.enqueue(session, kind=mail.KIND, url=WHERE, key=f"transcript:{row.id}:{letter_id}", payload=letter.as_payload())

    return api
