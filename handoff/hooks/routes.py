"""`/connections/webhooks`: endpoints, what each is told, what arrived and what did not. Admins only."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.endpoints import book
from handoff.endpoints.book import Wish
from handoff.endpoints.sending import Sender, Tried
from handoff.endpoints.telling import ALL_GROUPS
from handoff.errors import Unreadable
from handoff.services import Services
from handoff.web import Guard, Pages

PLACE = "/connections/webhooks"
SAID = ("saved", "paused", "resumed", "removed", "replayed", "nothing")
Line = Annotated[str, Form(max_length=4_000)]


def router(services: Services) -> APIRouter:
    """All of the room."""
    pages, guard = Pages(Path(__file__).parent), Guard(services.database)
    api = APIRouter(prefix=PLACE, include_in_schema=False)
    database, inside = services.database, services.settings.webhooks_inside
    office, sender = Office(services, pages), Sender(database, inside=inside)
    admin = Annotated[Person, Depends(guard.may(Permission.CONNECT))]
    changer = Annotated[Person, Depends(guard.form(Permission.CONNECT))]

    def written(
        *, name: Line = "", url: Line = "", events: Annotated[list[str], Form(default_factory=list)], with_words: Annotated[bool, Form()] = False
    ) -> Wish:
        """What a form said."""
        return Wish(name, url, tuple(events), with_words)

    wished = Annotated[Wish, Depends(written)]

    @api.get("")
    def show(request: Request, person: admin, said: str = "") -> Response:
        return office.all(request, person, said=said)

    @api.post("")
    def make(request: Request, person: changer, wish: wished) -> Response:
        try:
            endpoint_id, secret = book.make(database, wish, inside=inside, by=person.id)
        except Unreadable as error:
            return office.all(request, person, wish=wish, error=error)
        return office.secret(request, person, endpoint_id, secret)

    @api.get("/{endpoint_id}")
    def one(request: Request, endpoint_id: str, person: admin, said: str = "") -> Response:
        return office.one(request, person, endpoint_id, said=said)

    @api.post("/{endpoint_id}")
    def change(request: Request, endpoint_id: str, person: changer, wish: wished) -> Response:
        try:
            book.change(database, endpoint_id, wish, inside=inside, by=person.id)
        except Unreadable as error:
            return office.one(request, person, endpoint_id, wish=wish, error=error)
        return _back(endpoint_id, "saved")

    @api.post("/{endpoint_id}/test")
    async def try_it(request: Request, endpoint_id: str, person: changer) -> Response:
        return office.one(request, person, endpoint_id, tried=await sender.trial(endpoint_id))

    @api.post("/{endpoint_id}/secret")
    def rotate(request: Request, endpoint_id: str, person: changer) -> Response:
        return office.secret(request, person, endpoint_id, book.rotate(database, endpoint_id, by=person.id), rotated=True)

    @api.post("/{endpoint_id}/pause")
    def pause(endpoint_id: str, person: changer) -> Response:
        book.pause(database, endpoint_id, by=person.id)
        return _back(endpoint_id, "paused")

    @api.post("/{endpoint_id}/resume")
    def resume(endpoint_id: str, person: changer) -> Response:
        book.resume(database, endpoint_id, by=person.id)
        return _back(endpoint_id, "resumed")

    @api.post("/{endpoint_id}/replay")
    def replay(endpoint_id: str, person: changer, delivery: Line = "") -> Response:
        count = book.replay(database, endpoint_id, [delivery] if delivery else None, by=person.id)
        services.outbox.look_now()
        return _back(endpoint_id, "replayed" if count else "nothing")

    @api.post("/{endpoint_id}/remove")
    def remove(endpoint_id: str, person: changer) -> Response:
        book.remove(database, endpoint_id, by=person.id)
        return RedirectResponse(f"{PLACE}?said=removed", status_code=303)

    return api


class Office:
    """Renders the room's pages."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services, self._pages = services, pages
        self._zone = ZoneInfo(services.settings.time_zone)

    def all(self, request: Request, person: Person, *, wish: Wish | None = None, error: Unreadable | None = None, said: str = "") -> Response:
        """The list, and the form of a new endpoint."""
        database = self._services.database
        shown = {"endpoints": book.endpoints(database), "counts": book.counts(database), "nothing": book.Counts()}
        return self._page(request, person, "webhooks.html", wish=wish or Wish("", ""), error=error, said=said, **shown)

    def one(
        self,
        request: Request,
        person: Person,
        endpoint_id: str,
        *,
        wish: Wish | None = None,
        error: Unreadable | None = None,
        said: str = "",
        tried: Tried | None = None,
    ) -> Response:
        """One endpoint with what it was told."""
        database = self._services.database
        row = book.endpoint(database, endpoint_id)
        wish = wish or Wish(row.name, row.url, row.groups or ALL_GROUPS, row.with_words)
        shown = {"deliveries": book.deliveries(database, endpoint_id), "count": book.counts(database).get(endpoint_id, book.Counts())}
        return self._page(request, person, "webhook.html", endpoint=row, wish=wish, error=error, said=said, tried=tried, **shown)

    def secret(self, request: Request, person: Person, endpoint_id: str, secret: str, *, rotated: bool = False) -> Response:
        """The secret, this once."""
        row = book.endpoint(self._services.database, endpoint_id)
        return self._page(request, person, "secret.html", endpoint=row, secret=secret, rotated=rotated)

    def _page(self, request: Request, person: Person, name: str, *, error: Unreadable | None = None, said: str = "", **values: Any) -> Response:
        known = {"here": "people", "part": "webhooks", "groups": ALL_GROUPS, "moment": self._moment, "place": PLACE}
        status = error.status if error else 200
        told = said if said in SAID else ""
        return self._pages.page(request, name, status=status, person=person, error=error, said=told, **known, **values)

    def _moment(self, at: datetime) -> str:
        here = at.astimezone(self._zone)
        return f"{here.day}.{here.month:02}.{here.year} {here:%H.%M}"


def _back(endpoint_id: str, said: str) -> RedirectResponse:
    return RedirectResponse(f"{PLACE}/{endpoint_id}?said={said}", status_code=303)
