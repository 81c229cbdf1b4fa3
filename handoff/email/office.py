"""`/connections/mail`: whether letters go out and come in, and what could not be sent. Admins only."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations import boxes, undelivered
from handoff.database import now
from handoff.email.box import Box
from handoff.services import Services
from handoff.web import Guard, Pages

PLACE = "/connections/mail"
SAID = ("again", "nothing")
QUIET = timedelta(minutes=5)  # without a look through the box, or with a letter that waits: something is wrong


def router(services: Services) -> APIRouter:
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
        url = settings.imap_url.get_secret_value()
        ours = Box(url).id if url else ""
        known = {one.id: one for one in boxes.standing(database)}
        post, late = undelivered.post(database), now() - QUIET
        smtp = urlsplit(settings.smtp_url.get_secret_value())
        values: dict[str, Any] = {
            "sends": settings.sends_mail,
            "server": f"{smtp.hostname}:{smtp.port}" if smtp.port else smtp.hostname,
            "sender": settings.mail_from,
            "post": post,
            "is_stuck": bool(post.problem) or (post.oldest is not None and post.oldest < late),
            "reads": bool(url),
            "box_id": ours,
            "box": known.get(ours),
            "is_read": (box := known.get(ours)) is not None and box.problem is None and box.read_at is not None and box.read_at > late,
        }
        shared: dict[str, Any] = {"here": "people", "part": "mail", "moment": moment, "place": PLACE, "said": said if said in SAID else ""}
        return pages.page(request, "mail.html", person=person, **shared, **values)

    @api.post("/again")
    def again(person: changer, letter: Annotated[str, Form(max_length=40)] = "") -> Response:
        count = undelivered.send_again(database, letter or None, by=person.id)
        return RedirectResponse(f"{PLACE}?said={'again' if count else 'nothing'}", status_code=303)

    return api
