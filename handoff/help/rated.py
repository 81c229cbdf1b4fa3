"""„Kas see aitas?“: a plain form under each answer. No cookie, no script, nothing that tells who it was."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from bot.understanding import Language
from handoff.bucket import Bucket
from handoff.entries import ratings
from handoff.errors import NotAllowed, NotFound
from handoff.help import addresses
from handoff.help.guide import LONGEST, NO, ON, YES
from handoff.help.published import Shelf
from handoff.help.tongue import Tongue
from handoff.services import Services

MOST = 20_000  # characters that are read at all
SEE = 303


class Pressed(BaseModel):
    """Yes or no; `way` is the one that was gone through a guide."""

    helpful: Literal["yes", "no"]
    way: Annotated[str, Field(pattern=f"^[{YES}{NO}{ON}]*$", max_length=LONGEST)] = ""


class Written(Pressed):
    """With some words."""

    text: Annotated[str, Field(max_length=MOST)] = ""


def rating_routes(services: Services, shelf: Shelf) -> APIRouter:
    """POST …/{entry_id}/rating and …/{entry_id}/comment, which lead back to the answer."""
    routes = APIRouter(include_in_schema=False)
    database, site = services.database, services.settings.public_url
    pressed = services.buckets.share("help, pressed", Bucket(burst=20, per_second=0.2))  # of one address on the network
    written = services.buckets.share("help, written", Bucket(burst=5, per_second=1 / 60))

    async def rate(request: Request, language: Tongue, entry_id: str, form: Annotated[Pressed, Form()]) -> RedirectResponse:
        await _let_in(request, shelf, site, entry_id, pressed)
        today, helpful = services.entries.today(), form.helpful == "yes"
        sender = f"{_host(request)}\0{request.headers.get('user-agent', '')}"
        await asyncio.to_thread(lambda: ratings.rate(database, entry_id, language, helpful=helpful, sender=sender, today=today))
        return _back(entry_id, language, form.helpful, form.way)

    async def comment(request: Request, language: Tongue, entry_id: str, form: Annotated[Written, Form()]) -> RedirectResponse:
        await _let_in(request, shelf, site, entry_id, written)
        words, helpful = form.text.strip()[: ratings.LONGEST], form.helpful == "yes"
        if not words:
            return _back(entry_id, language, form.helpful, form.way)
        masked = await asyncio.to_thread(services.bot.mask, words)
        await asyncio.to_thread(lambda: ratings.comment(database, entry_id, language, helpful=helpful, text=masked))
        return _back(entry_id, language, "said", form.way)

    for begin in ("/help", "/{tongue}/help"):
        routes.add_api_route(f"{begin}/{{entry_id}}/rating", rate, methods=["POST"])
        routes.add_api_route(f"{begin}/{{entry_id}}/comment", comment, methods=["POST"])
    return routes


async def _let_in(request: Request, shelf: Shelf, site: str, entry_id: str, bucket: Bucket) -> None:
    """Raises `NotAllowed` for another site's form, `TooMany`, `NotFound`."""
    if not is_our_form(request, site):
        raise NotAllowed("This form is sent from the help page only.")
    bucket.take(_host(request))
    if entry_id not in (await shelf.now()).entries:
        raise NotFound("There is no such answer.")


def is_our_form(request: Request, site: str) -> bool:
    """Browsers say by themselves from where a form comes. Nothing is kept in them that another site could use, so saying nothing is fine too."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc in (request.headers.get("host"), urlsplit(site).netloc)


def _back(entry_id: str, language: Language, thanks: str, way: str) -> RedirectResponse:
    return RedirectResponse(addresses.of_entry(entry_id, language, way=way, thanks=thanks) + "#rating", status_code=SEE)


def _host(request: Request) -> str:
    return request.client.host if request.client else ""
