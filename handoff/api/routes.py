"""Routes of this room: `/api/v1`, its description, and the page of its keys."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from handoff.accounts.keys import Caller, Scope
from handoff.api import callbacks, conversations, entries, figure_shapes, keys_page, messengers, shapes, webhooks
from handoff.api.door import PROBLEM, Door, answering
from handoff.services import Services
from handoff.web import Guard, Pages, take_over

PREFIX = "/api/v1"
REFUSALS = {
    400: "the body can't be read at all",
    401: "no key, or one that is worth nothing",
    403: "the key or its person may not",
    404: "no such thing, or not for this key's person",
    409: "it stands otherwise by now",
    422: "something in the request can't be used",
    429: "too often; `Retry-After` says when again",
}


def router(services: Services) -> APIRouter:
    """All of the room."""
    told: dict[int | str, dict[str, Any]] = {
        status: {"model": shapes.Problem, "description": why, "content": {PROBLEM: {}}} for status, why in REFUSALS.items()
    }
    api = APIRouter(prefix=PREFIX, tags=["v1"], route_class=answering(services.database), responses=told)
    door = Door(services.database, services.buckets)
    conversations.router(services, door, api)
    callbacks.router(services, door, api)
    entries.router(services, door, api)
    webhooks.router(services, door, api)
    messengers.router(services, door, api)

    @api.get("/figures")
    def read_figures(_caller: Annotated[Caller, Depends(door.may(Scope.FIGURES))], days: Annotated[int, Query(ge=1, le=366)] = 7) -> figure_shapes.Figures:
        """The overview's figures of the last days, today included."""
        return figure_shapes.Figures.model_validate(services.figures(days))

    whole = APIRouter()
    take_over(whole, api, _description(api), keys_page.router(services, Pages(Path(__file__).parent), Guard(services.database)))
    return whole


def _description(api: APIRouter) -> APIRouter:
    """The description of this API alone, for those who make clients of it."""
    alone = APIRouter(prefix=PREFIX)

    @alone.get("/openapi.json", include_in_schema=False)
    def describe() -> dict[str, Any]:
        about = "What the desk does, for other programs. See docs/api.md."
        routes = [route for route in api.routes if isinstance(route, APIRoute)]
        return get_openapi(title="Abiline", version="1", description=about, routes=routes)

    return alone
