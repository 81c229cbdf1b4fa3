"""The link that an admin has sent: the person sees who they are here and chooses a password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts import invitations, passwords
from handoff.errors import NotFound, Unreadable
from handoff.people.coming_in import refuse_other_sites
from handoff.people.room import Room
from handoff.web import remember_language

Password = Annotated[str, Form(max_length=10_000)]


def router(room: Room) -> APIRouter:
    """`/invitation/{token}`."""
    api = APIRouter(include_in_schema=False)
    database = room.services.database

    def show(request: Request, token: str, *, problem: str = "", status: int = 200) -> Response:
        try:
            invited = invitations.whose(database, token)
        except NotFound as error:
            return room.pages.page(request, "link_over.html", status=error.status)
        provider = room.services.settings.oidc_name if room.openid else ""
        words = {"shortest": passwords.SHORTEST, "longest": passwords.LONGEST}
        response = room.pages.page(
            request, "invitation.html", status=status, invited=invited, token=token, problem=problem, words=words, provider=provider, company=_company(room)
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @api.get("/invitation/{token}")
    def look(request: Request, token: str) -> Response:
        return remember_language(request, show(request, token))

    @api.post("/invitation/{token}")
    def accept(request: Request, token: str, password: Password = "") -> Response:
        refuse_other_sites(request)
        try:
            invitations.accept(database, token, password)
        except Unreadable as error:
            return show(request, token, problem=error.code, status=error.status)
        except NotFound as error:
            return room.pages.page(request, "link_over.html", status=error.status)
        return RedirectResponse("/login?said=chosen", status_code=303)

    return api


def _company(room: Room) -> str:
    return room.services.settings.company
