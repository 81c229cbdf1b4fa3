"""A public form whose answer comes later: the same page for „write to us“ and „call us back“, each with its own contact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from handoff.bucket import Bucket
from handoff.call_times import CallTimes
from handoff.conversations import calls, matters, tickets
from handoff.conversations.tables import ConversationRow
from handoff.errors import TooMany, Unreadable
from handoff.notices import PATH
from handoff.services import Services
from handoff.web import Pages, page_language

MOST = 200_000  # characters of one field; whoever only wrote too much gets the form again, saying so
LONGEST_NAME = 200
LONGEST_BEGUN = 2_000


@dataclass(frozen=True)
class ContactField:
    """How the customer is reached: the ticket's channel, the form's field, and how its value is checked."""

    channel: Literal["email", "callback"]
    name: Literal["email", "phone"]
    input_type: Literal["email", "tel"]
    check: Callable[[str], str]


def ticket_form(services: Services, room: Path, path: str, field: ContactField, times: CallTimes | None = None) -> APIRouter:
    """The form at `path`, with the texts of the room; a ticket when it is sent, the form again with what is to mend. With `times`, a call at one of them."""
    routes = APIRouter(tags=["tickets"])
    pages = Pages(room)
    company = services.settings.company
    # Of one address on the network: nobody fills other people's mailboxes from here.
    letters = services.buckets.share(f"letters {path}", Bucket(burst=10, per_second=1 / 360))

    @routes.get(path, include_in_schema=False)
    def form(request: Request) -> HTMLResponse:
        begun = {"text": request.query_params.get("text", "")[:LONGEST_BEGUN]}  # what somebody has tried already, from the help page
        return page(request, begun)

    def page(request: Request, filled: Mapping[str, str], error: Unreadable | None = None) -> HTMLResponse:
        days = times.offered(page_language(request)) if times else ()
        return pages.page(
            request, "ticket_form.html", status=422 if error else 200, company=company, path=path, field=field, filled=filled, days=days, error=error
        )

    @routes.post(path, include_in_schema=False)
    async def send(
        request: Request,
        *,
        contact: Annotated[str, Form(max_length=MOST)] = "",
        text: Annotated[str, Form(max_length=MOST)] = "",
        name: Annotated[str, Form(max_length=MOST)] = "",
        window: Annotated[str, Form(max_length=MOST)] = "",
        email: Annotated[str, Form(max_length=MOST)] = "",
    ) -> HTMLResponse:
        language = page_language(request)
        try:
            checked = field.check(contact)
            called = times.chosen(window) if times else None
            also_by_letter = tickets.checked_email(email) if times and email.strip() else None
            also = partial(calls.promise, window=called, said=times.wish(window, called, language) if window else "") if times and called else _nothing
            ticket = await asyncio.to_thread(
                lambda: tickets.open_ticket(
                    services.database,
                    channel=field.channel,
                    text=text,
                    language=language,
                    name=name.strip()[:LONGEST_NAME] or None,
                    also=also,
                    email=checked if field.name == "email" else also_by_letter,
                    phone=checked if field.name == "phone" else None,
                )
            )
        except Unreadable as error:
            return page(request, {"contact": contact, "text": text, "name": name, "window": window, "email": email}, error)
        services.signals.changed(ticket)
        by_letter = _left(letters, request)
        agreed = partial(services.notices.call, what="agreed", when=times.when(called, language)) if times and called else None
        token = await asyncio.to_thread(lambda: matters.begin(services.database, ticket, services.links, services.notices, by_letter=by_letter, first=agreed))
        when = times.when(called, language) if times and called and window else ""
        return pages.page(request, "ticket_thanks.html", company=company, contact=checked, when=when, see=f"{PATH}{token}")

    return routes


def _nothing(_session: Session, _row: ConversationRow) -> None:
    """Nobody is to be called."""


def _left(letters: Bucket, request: Request) -> bool:
    """Whether a letter may still go out for whoever asks."""
    try:
        letters.take(request.client.host if request.client else "")
    except TooMany:
        return False
    return True
