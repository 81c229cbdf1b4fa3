"""`/connections/desk`: whether the other desk gets what it is owed, what it did not get, and what was refused of it. Admins only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations import sent_elsewhere
from handoff.database import now
from handoff.errors import NotLoggedIn
from handoff.services import Services
from handoff.settings import Settings
from handoff.web import Guard, Pages

PLACE = "/connections/desk"
SAID = ("again", "nothing")
QUIET = timedelta(minutes=5)  # what waits longer is stuck


@dataclass
class Refused:
    """Calls that this process has turned away, since it runs: forged ones, or those of a desk that has another secret or clock."""

    count: int = 0
    last: datetime | None = None

    def note(self) -> None:
        self.count, self.last = self.count + 1, now()


@contextmanager
def counted(refused: Refused) -> Iterator[None]:
    """Whoever is not let in here is counted."""
    try:
        yield
    except NotLoggedIn:
        refused.note()
        raise


def router(services: Services, refused: Refused) -> APIRouter:
    """The page and its one form."""
    api = APIRouter(prefix=PLACE, include_in_schema=False)
    pages, guard = Pages(Path(__file__).parent), Guard(services.database)
    settings, database = services.settings, services.database
    zone = ZoneInfo(settings.time_zone)
    admin = Annotated[Person, Depends(guard.may(Permission.CONNECT))]
    changer = Annotated[Person, Depends(guard.form(Permission.CONNECT))]

    def moment(at: datetime) -> str:
        here = at.astimezone(zone)
        return f"{here.day}.{here.month:02}.{here.year} {here:%H.%M}"

    @api.get("")
    def show(request: Request, person: admin, said: str = "") -> Response:
        line = sent_elsewhere.line(database)
        kind, address = _desk(settings)
        values: dict[str, Any] = {
            "kind": kind,
            "address": address,
            "line": line,
            "is_stuck": bool(line.problem) or (line.oldest is not None and line.oldest < now() - QUIET),
            "deliveries": sent_elsewhere.deliveries(database),
            "refused": refused,
        }
        shared: dict[str, Any] = {"here": "people", "part": "desk", "moment": moment, "place": PLACE, "said": said if said in SAID else ""}
        return pages.page(request, "office.html", person=person, **shared, **values)

    @api.post("/again")
    def again(person: changer, delivery: Annotated[str, Form(max_length=40)] = "") -> Response:
        count = sent_elsewhere.send_again(database, delivery or None, by=person.id)
        services.outbox.look_now()
        return RedirectResponse(f"{PLACE}?said={'again' if count else 'nothing'}", status_code=303)

    return api


def _desk(settings: Settings) -> tuple[str, str]:
    """Which desk it is (none, hears, any, chatwoot) and where; of the address only the host, because the rest may be a secret."""
    if settings.chatwoot_url:
        return "chatwoot", urlsplit(settings.chatwoot_url).netloc.rpartition("@")[2]
    if settings.forward_url:
        return ("any" if settings.forward_desk else "hears"), urlsplit(settings.forward_url).netloc.rpartition("@")[2]
    return "none", ""
