"""`/connections/messengers`: whether what is said reaches the messengers, what did not, and sending it again. Admins only."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations import sent_elsewhere
from handoff.conversations.sent_elsewhere import MESSENGERS
from handoff.database import now
from handoff.services import Services
from handoff.web import Guard, Pages

PLACE = "/connections/messengers"
SAID = ("again", "nothing")
QUIET = timedelta(minutes=5)  # what waits longer is stuck


def router(services: Services, names: list[str]) -> APIRouter:
    """The page and its one form; `names` are the messengers that are set up."""
    api = APIRouter(prefix=PLACE, include_in_schema=False)
    pages, guard = Pages(Path(__file__).parent), Guard(services.database)
    database, zone = services.database, ZoneInfo(services.settings.time_zone)
    admin = Annotated[Person, Depends(guard.may(Permission.CONNECT))]
    changer = Annotated[Person, Depends(guard.form(Permission.CONNECT))]

    def moment(at: datetime) -> str:
        here = at.astimezone(zone)
        return f"{here.day}.{here.month:02}.{here.year} {here:%H.%M}"

    @api.get("")
    def show(request: Request, person: admin, said: str = "") -> Response:
        line = sent_elsewhere.line(database, MESSENGERS)
        values: dict[str, Any] = {
            "names": names,
            "line": line,
            "is_stuck": bool(line.problem) or (line.oldest is not None and line.oldest < now() - QUIET),
            "deliveries": sent_elsewhere.deliveries(database, MESSENGERS),
        }
        shared: dict[str, Any] = {"here": "people", "part": "messengers", "moment": moment, "place": PLACE, "said": said if said in SAID else ""}
        return pages.page(request, "messengers.html", person=person, **shared, **values)

    @api.post("/again")
    def again(person: changer, delivery: Annotated[str, Form(max_length=40)] = "") -> Response:
        count = sent_elsewhere.send_again(database, delivery or None, to=MESSENGERS, by=person.id)
        services.outbox.look_now()
        return RedirectResponse(f"{PLACE}?said={'again' if count else 'nothing'}", status_code=303)

    return api
