"""`/connections/keys`: the keys of the API. Admins only."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts import keys, staff
from handoff.accounts.keys import Scope, Wish
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.errors import Unreadable
from handoff.services import Services
from handoff.web import Guard, Pages

PLACE = "/connections/keys"
DAYS = (30, 90, 365)
Line = Annotated[str, Form(max_length=200)]


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The page."""
    api = APIRouter(prefix=PLACE, include_in_schema=False)
    database, zone = services.database, ZoneInfo(services.settings.time_zone)
    admin = Annotated[Person, Depends(guard.may(Permission.CONNECT))]
    changer = Annotated[Person, Depends(guard.form(Permission.CONNECT))]

    def moment(at: datetime) -> str:
        here = at.astimezone(zone)
        return f"{here.day}.{here.month:02}.{here.year} {here:%H.%M}"

    def page(request: Request, person: Person, *, wish: Wish | None = None, error: Unreadable | None = None, said: str = "") -> Response:
        people = [one for one in staff.everyone(database) if one.active]
        shown: dict[str, Any] = {"keys": keys.all_keys(database), "people": people, "scopes": list(Scope), "days": DAYS, "moment": moment, "place": PLACE}
        wish = wish or Wish("", person.id, ())
        status = error.status if error else 200
        told = said if said == "revoked" else ""
        return pages.page(request, "keys.html", status=status, person=person, here="people", part="keys", wish=wish, error=error, said=told, **shown)

    @api.get("")
    def show(request: Request, person: admin, said: str = "") -> Response:
        return page(request, person, said=said)

    @api.post("")
    def make(
        *, request: Request, person: changer, name: Line = "", agent_id: Line = "", scopes: Annotated[list[str], Form(default_factory=list)], days: Line = ""
    ) -> Response:
        wish = Wish(name, agent_id, tuple(scopes), int(days) if days.isdecimal() and days.isascii() and len(days) < 6 else None)
        try:
            _id, token = keys.make(database, wish, by=person.id)
        except Unreadable as error:
            return page(request, person, wish=wish, error=error)
        return pages.page(request, "key.html", person=person, here="people", part="keys", title=wish.name, token=token, place=PLACE)

    @api.post("/{key_id}/revoke")
    def revoke(key_id: str, person: changer) -> Response:
        keys.revoke(database, key_id, by=person.id)
        return RedirectResponse(f"{PLACE}?said=revoked", status_code=303)

    return api
