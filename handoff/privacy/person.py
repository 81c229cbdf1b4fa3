"""`/privacy/person`: who may do so finds what is held of a customer that asked by letter or phone, gives a copy, or erases it after a typed confirmation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.background import BackgroundTask

from handoff.accounts.permissions import Permission
from handoff.accounts.seal import Broken, Seal
from handoff.accounts.service import Person
from handoff.conversations import finding, rights
from handoff.conversations.rights import Who
from handoff.conversations.tables import ConversationRow
from handoff.conversations.tickets import checked_email, checked_phone
from handoff.dates import as_date
from handoff.errors import Unreadable
from handoff.privacy.packing import copy_with_files, download
from handoff.services import Services
from handoff.settings import signing_key
from handoff.web import Guard, Pages, page_language

PATH = "/privacy/person"
SECONDS = 15 * 60  # a search is good for so long
LONGEST = 200
PHONE_LIKE = frozenset("0123456789 +-()")
WHY = ("letter", "phone", "meeting", "authority")
Sealed = Annotated[str, Form(max_length=2_000)]
HEADERS = {"Cache-Control": "no-store"}
Chosen = Annotated[list[str] | None, Form(max_length=5_000)]  # ids of conversations
NOTHING: dict[str, Any] = {"gone": None, "people": (), "sure": (), "chosen": ()}


@dataclass(frozen=True)
class Again:
    """What a search finds when something is done with it: ids of those that are surely the person's, and of those that were chosen."""

    found: Sequence[ConversationRow]
    sure: Sequence[str]
    chosen: Sequence[str]


def router(services: Services, pages: Pages) -> APIRouter:
    """A search, and what may be done with what it found. Whom it is about stands in no address and no log."""
    api = APIRouter(include_in_schema=False)
    guard = Guard(services.database)
    page = PersonPage(services, pages)
    looks, does = Depends(guard.may(Permission.ERASE)), Depends(guard.form(Permission.ERASE))

    @api.get(PATH)
    def begin(request: Request, person: Person = looks) -> HTMLResponse:
        return page.show(request, person)

    @api.post(PATH)
    def find(request: Request, who: Annotated[str, Form(max_length=LONGEST)] = "", person: Person = does) -> HTMLResponse:
        try:
            fact, value = read(who)
        except Unreadable as error:
            return page.show(request, person, status=error.status, problem="bad_who", who=who)
        found = rights.found(services.database, fact, value)
        people = rights.named(services.database, value) if fact == "identity" and not found else []
        rights.looked(services.database, len(found) or len(people), by=person.id)
        if people:
            return page.show(request, person, people=people, who=who)
        sure = page.sure(fact, value, found)
        return page.show(request, person, found=found, sure=sure, chosen=sure, sealed=page.seal.close(json.dumps([person.id, fact, value])))

    @api.post(PATH + "/copy")
    def copy(request: Request, search: Sealed = "", chosen: Chosen = None, person: Person = does) -> Response:
        try:
            again = page.again(search, chosen, person)
        except Broken:
            return page.show(request, person, status=410, problem="over")
        if not again.chosen:
            return page.show(request, person, status=422, problem="not_chosen", sealed=search, **vars(again))
        data = rights.export(services.database, again.chosen, by=person.id)
        packed = copy_with_files(data, services.attachments.shelf)
        return StreamingResponse(packed, media_type="application/zip", headers=download("abiline.zip"), background=BackgroundTask(packed.close))

    @api.post(PATH + "/erase")
    async def erase(
        request: Request,
        *,
        search: Sealed = "",
        chosen: Chosen = None,
        typed: Annotated[str, Form(max_length=10)] = "",
        why: Annotated[Literal["", "letter", "phone", "meeting", "authority"], Form()] = "",
        person: Person = does,
    ) -> HTMLResponse:
        try:
            again = await asyncio.to_thread(page.again, search, chosen, person)
        except Broken:
            return page.show(request, person, status=410, problem="over")
        ids = again.chosen
        if not ids or not why or typed.strip() != str(len(ids)):
            return page.show(request, person, status=422, problem="not_typed" if ids else "not_chosen", sealed=search, **vars(again))
        gone = await asyncio.to_thread(partial(rights.erase, services.database, services.attachments.shelf, ids, by=person.id, why=why))
        for conversation_id in ids:
            services.signals.changed(conversation_id)
        return page.show(request, person, gone=gone)

    return api


def read(who: str) -> tuple[finding.Fact, str]:
    """What is looked for, by how it is written; what is neither address nor number may be the site's id or a name. Raises `Unreadable`."""
    value = who.strip()
    if not value:
        raise Unreadable("Nothing was typed.", code="empty", field="who")
    if "@" in value:
        return "email", checked_email(value)
    if set(value) <= PHONE_LIKE:
        return "phone", checked_phone(value)
    return "identity", value


class PersonPage:
    """How the page looks, and the search that travels in its form, sealed for the one who made it."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services, self._pages = services, pages
        self.seal = Seal(partial(signing_key, services.settings), purpose="a person looked up")

    def again(self, search: str, chosen: Sequence[str] | None, person: Person) -> Again:
        """What the search finds now, and what of it was chosen. Raises `Broken` where it is over or somebody else's."""
        by, fact, value = json.loads(self.seal.open(search, seconds=SECONDS))
        if by != person.id:
            raise Broken("another person's search")
        found = rights.found(self._services.database, fact, value)
        return Again(found, self.sure(fact, value, found), [row.id for row in found if row.id in (chosen or ())])

    def sure(self, fact: finding.Fact, value: str, found: Sequence[ConversationRow]) -> Sequence[str]:
        """Which of them are surely that person's: of an address only where it has proved itself; for a number its caller has been asked."""
        return rights.talks(self._services.database, Who(email=value)).theirs if fact == "email" else [row.id for row in found]

    def show(
        self,
        request: Request,
        person: Person,
        *,
        status: int = 200,
        problem: str = "",
        who: str = "",
        sealed: str = "",
        found: Sequence[ConversationRow] | None = None,
        **more: Any,
    ) -> HTMLResponse:
        """The page, with what was found or done."""
        language = page_language(request)
        values = {"person": person, "here": "people", "problem": problem, "who": who, "search": sealed, "found": found, "why": WHY}
        values |= {"held": sum(row.held_at is not None for row in found or ()), "day": partial(_day, language)}
        html = self._pages.render(language, "person.html", request=request, **NOTHING | values | more)
        return HTMLResponse(html, status_code=status, headers=HEADERS)


def _day(language: Any, moment: datetime) -> str:
    return as_date(moment.date(), language)
