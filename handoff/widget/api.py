"""The requests of the widget. A message is on disk before it is acknowledged; its answer comes over the stream."""

# No postponed annotations here: `Depends(door.…)` names a local, which FastAPI could not find from a string.

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from string import Template
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.understanding import Language
from handoff import elements, schedule, web
from handoff.conversations import identity, notice, service, typists, visitors
from handoff.conversations.signals import conversation_topic
from handoff.conversations.states import State, bot_may_answer
from handoff.conversations.store import Visited
from handoff.conversations.typists import CUSTOMER
from handoff.database import now
from handoff.errors import NotFound
from handoff.services import Services
from handoff.texts import Texts
from handoff.widget import shapes
from handoff.widget.device import described
from handoff.widget.greetings import Greetings, read_greetings
from handoff.widget.limits import Limits
from handoff.widget.origins import Origins, cross_origin_route
from handoff.widget.standing import Reader

ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"model": shapes.Problem, "description": "The page's site may not use the chat"},
    404: {"model": shapes.Problem, "description": "No such conversation, or the secret is not its own"},
    409: {"model": shapes.Problem, "description": "The conversation's state does not allow it"},
    422: {"model": shapes.Problem, "description": "Can't be used; `code` says why"},
    429: {"model": shapes.Problem, "description": "Too many; `Retry-After` says how many seconds to wait"},
}
LONGEST_WAIT = 30  # seconds; many a proxy ends what is silent for a minute
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would hold events back
bearer = HTTPBearer(auto_error=False, description="the conversation's secret")


class Door:
    """Lets a visitor in by the conversation's secret, and slows down whoever asks too often."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self._database = services.database
        self._limits = limits
        self._consent = services.settings.consent == "required"

    async def visitor(self, conversation_id: str, secret: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Visited:
        """Reading one's own conversation."""
        if secret is None:
            raise NotFound("There is no such conversation.")
        return await asyncio.to_thread(service.authorise, self._database, conversation_id, secret.credentials)

    async def changing(self, request: Request, conversation_id: str, secret: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Visited:
        """Changing it: counted for the address before the secret is looked at, so that secrets can't be tried in bulk."""
        self._limits.address.take(address_of(request))
        return await self.visitor(conversation_id, secret)

    async def speaking(self, request: Request, conversation_id: str, secret: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Visited:
        """Saying something in it."""
        row = await self.changing(request, conversation_id, secret)
        if self._consent:
            await asyncio.to_thread(visitors.check_consent, self._database, row.consent, required=True)
        self._limits.visitor.take(row.id)
        return row

    async def typing(self, request: Request, conversation_id: str, secret: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Visited:
        """Typing in it."""
        row = await self.changing(request, conversation_id, secret)
        self._limits.typing.take(row.id)
        return row

    async def starting(self, request: Request) -> None:
        self._limits.starts.take(address_of(request))

    def waiting(self, row: Visited, seconds: int) -> AbstractContextManager[None]:
        """Keeping a request open for a while."""
        return self._limits.polls.taken(row.id) if seconds else nullcontext()


def router(services: Services, texts: Texts, origins: Origins, limits: Limits) -> APIRouter:
    api = APIRouter(prefix="/api/widget", tags=["widget"], route_class=cross_origin_route(origins), responses=ERRORS)
    reader = Reader(services.database, texts, schedule.Hours.of(services.settings), services.settings.consent == "required")
    door = Door(services, limits)
    greetings = read_greetings(texts, services.settings)
    _add_beginning(api, services, greetings, reader, door)
    _add_reading(api, services, reader, door)
    _add_saying(api, services, texts, door)
    _add_changes(api, services, door)
    _add_visitor(api, services, door)

    @api.options("/{path:path}", include_in_schema=False)
    async def preflight(request: Request) -> Response:
        return origins.preflight(request)

    return api


def _add_beginning(api: APIRouter, services: Services, greetings: Greetings, reader: Reader, door: Door) -> None:
    settings = services.settings

    @api.get("/config")
    def config(language: Language = "et") -> shapes.Config:
        """Texts, names and whether people are here: all that is shown before anything is kept."""
        standing = reader.beginning(language)
        allowed = services.attachments.allowed
        shown = {key.removeprefix("widget."): text for key, text in greetings.texts.all(language).items() if key.startswith("widget.")}
        shown |= {key: Template(text).safe_substitute(allowed.in_words) for key, text in shown.items() if key.startswith("error.file")}
        return shapes.Config(
            language=language,
            company=settings.company,
            bot_name=settings.bot_name,
            people_available=standing.people_available,
            next_opening=None if standing.people_available else reader.hours.next_opening(now()).isoformat(),
            back=standing.back,
            standing=standing,
            texts=shown,
            greetings=[(fits, words, elements.answer(words)) for fits, words in greetings.all(language)],
            help=services.entries.any_public(),
            notice=notice.version(services.database),
            consent_due=reader.consent,
            files=allowed.told(),
            mail=settings.sends_mail,
        )

    again: dict[int | str, dict[str, Any]] = {200: {"model": shapes.Started, "description": "It had begun before"}}

    @api.post("/conversations", status_code=201, dependencies=[Depends(door.starting)], responses=again)
    def start(request: Request, asked: shapes.Start, response: Response) -> shapes.Started:
        """Begin a conversation; its first event is the greeting, which says that a machine speaks. The same `secret` again gives the same one."""
        visitors.check_consent(services.database, asked.consent, required=reader.consent)
        page, device = _web_page(asked.page), _printable(described(request.headers, asked.device))
        greeting = greetings.on(page, asked.language)
        begun = service.start(
            services.database, greeting=greeting, language=asked.language, page=page, device=device, secret=asked.secret, consent=asked.consent
        )
        response.status_code = 200 if begun.repeated else 201
        return shapes.Started(id=begun.conversation_id, secret=begun.secret, **dict(reader.log(begun.conversation_id, 0)))


def _add_reading(api: APIRouter, services: Services, reader: Reader, door: Door) -> None:
    @api.get("/conversations/{conversation_id}/events")
    async def events(
        request: Request,
        row: Annotated[Visited, Depends(door.visitor)],
        after: Annotated[int, Query(ge=0)] = 0,
        wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait for news")] = 0,
        known: Annotated[str, Query(max_length=40, description="`version` of the last answer; without it, the state is news")] = "",
    ) -> shapes.Log:
        """Everything after a number (after 0: what was said last), for pages that can't keep a stream open: at once when there is news, else in time."""

        def look() -> shapes.Log:
            typing = tuple(sign for sign in services.typists.signs(row.id) if sign.typist != CUSTOMER)
            return reader.log(row.id, after, typing)

        def is_news(log: shapes.Log) -> bool:
            return bool(log.events) or log.version != known

        with door.waiting(row, wait):
            return await web.first_news(request, services.signals, conversation_topic(row.id), look, is_news=is_news, seconds=wait)

    @api.get("/conversations/{conversation_id}/earlier")
    def earlier(row: Annotated[Visited, Depends(door.visitor)], before: Annotated[int, Query(ge=1)]) -> shapes.Earlier:
        """What was said before a number, some hundred events at a time: a page begins with the last."""
        return shapes.Earlier(events=reader.earlier(row.id, before))

    @api.get("/conversations/{conversation_id}/stream", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
    async def stream(
        request: Request, row: Annotated[Visited, Depends(door.visitor)], last_event_id: Annotated[str | None, Header()] = None
    ) -> StreamingResponse:
        """Server-sent events: `event` for each numbered event after `Last-Event-ID`, `state` whenever the standing changes, `typing` with the agent's name
        (or null) while one writes."""
        after = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 12 else 0
        read = typists.telling(
            reader.follow(row.id),
            services.typists,
            row.id,
            whose=lambda typist: typist != CUSTOMER,
            view=lambda them: {"name": them[-1].name if them else None},
        )
        sent: AsyncIterator[bytes] = web.stream(request, services.signals, conversation_topic(row.id), read, after=after)
        return StreamingResponse(sent, media_type="text/event-stream", headers=STREAM_HEADERS)


def _add_saying(api: APIRouter, services: Services, texts: Texts, door: Door) -> None:
    database, take = services.database, services.payer.take

    def acknowledge(response: Response, row: Visited, kept: service.Kept) -> shapes.Kept:
        services.typists.ended(row.id, CUSTOMER)
        services.signals.changed(row.id)
        if kept.owed:
            services.payer.owe(row.id, kept.taken)
        response.status_code = 200 if kept.repeated else 201
        return shapes.Kept(number=kept.number)

    @api.post("/conversations/{conversation_id}/messages", status_code=201, responses={200: {"model": shapes.Kept, "description": "It had been kept before"}})
    async def say(asked: shapes.Say, response: Response, row: Annotated[Visited, Depends(door.speaking)]) -> shapes.Kept:
        """Keep what the customer typed or tapped. The same `client_id` again gives the same number."""
        if asked.choice is not None:
            number, button = asked.choice.number, asked.choice.button
            kept = await asyncio.to_thread(service.choose, database, row.id, client_id=asked.client_id, number=number, button=button, take=take)
        else:
            words, page = asked.text or "", _web_page(asked.page)
            foresee = services.bot.foresee if bot_may_answer(State(row.state), row.channel) else None
            say = partial(service.say, database, row.id, client_id=asked.client_id, text=words, page=page, take=take, foresee=foresee)
            kept = await asyncio.to_thread(say)
        return acknowledge(response, row, kept)

    @api.post("/conversations/{conversation_id}/human", status_code=201, responses={200: {"model": shapes.Kept, "description": "It had been asked before"}})
    async def human(asked: shapes.AskHuman, response: Response, row: Annotated[Visited, Depends(door.speaking)]) -> shapes.Kept:
        """Ask for a person; when nobody is here, for being contacted. In the line or with a person already, nothing changes."""
        if State(row.state) is not State.CLOSED and not bot_may_answer(State(row.state), row.channel):
            response.status_code = 200
            return shapes.Kept(number=row.last_number)
        here = await asyncio.to_thread(schedule.people_available, database)
        words = texts.say(_language(row), "talk_to_human" if here else "leave_contact")
        kept = await asyncio.to_thread(service.say, database, row.id, client_id=asked.client_id, text=words, payload=service.ASK_HUMAN, take=take)
        return acknowledge(response, row, kept)


def _add_changes(api: APIRouter, services: Services, door: Door) -> None:
    database = services.database

    @api.post("/conversations/{conversation_id}/back-to-bot", status_code=204)
    def back_to_bot(row: Annotated[Visited, Depends(door.changing)]) -> None:
        """Stop waiting for a person."""
        service.back_to_bot(database, row.id)
        services.signals.changed(row.id)

    @api.post("/conversations/{conversation_id}/end", status_code=204)
    def end(row: Annotated[Visited, Depends(door.changing)]) -> None:
        """End the conversation; writing again opens it again."""
        service.end(database, row.id)
        services.signals.changed(row.id)

    @api.post("/conversations/{conversation_id}/rating", status_code=204)
    def rate(asked: shapes.Rate, row: Annotated[Visited, Depends(door.changing)]) -> None:
        """A thumb on an answer of the bot; the last one counts."""
        service.rate(database, row.id, number=asked.number, helpful=asked.helpful)

    @api.post("/conversations/{conversation_id}/typing", status_code=204)
    async def typing(row: Annotated[Visited, Depends(door.typing)]) -> None:
        """The customer is typing; not a word of it is sent. The sign lasts some seconds."""
        if services.typists.began(row.id, CUSTOMER):
            services.signals.notify(conversation_topic(row.id))

    @api.post("/conversations/{conversation_id}/language", status_code=204)
    def speak(asked: shapes.Speak, row: Annotated[Visited, Depends(door.changing)]) -> None:
        """The customer has switched the widget's language; the bot follows until their own words say otherwise."""
        if service.speak(database, row.id, asked.language):
            services.signals.changed(row.id)

    @api.post("/conversations/{conversation_id}/seen", status_code=204)
    def seen(asked: shapes.Seen, row: Annotated[Visited, Depends(door.changing)]) -> None:
        """The customer has this much on the screen."""
        if service.mark_seen(database, row.id, asked.number):
            services.signals.changed(row.id)


def _add_visitor(api: APIRouter, services: Services, door: Door) -> None:
    database, settings = services.database, services.settings

    @api.post("/conversations/{conversation_id}/identity", status_code=204)
    def identify(asked: shapes.Identify, row: Annotated[Visited, Depends(door.changing)]) -> None:
        """The site says who is logged in there. 409 when somebody else was: then this conversation is not theirs."""
        if visitors.identify(database, row.id, identity.read(asked.token, settings.identity_secret.get_secret_value())):
            services.signals.changed(row.id)

    @api.post("/conversations/{conversation_id}/consent", status_code=204)
    def agree(asked: shapes.Agree, row: Annotated[Visited, Depends(door.changing)]) -> None:
        """The visitor agrees to the privacy notice, as they read it."""
        visitors.agree(database, row.id, asked.version)
        services.signals.changed(row.id)


def _language(row: Visited) -> Language:
    return cast(Language, row.language)


def address_of(request: Request) -> str:
    """Of whom the request comes from; only ever counted, never kept."""
    return request.client.host if request.client else ""


def _printable(text: str | None) -> str | None:
    return "".join(character for character in text if unicodedata.category(character)[0] != "C").strip() or None if text else None


def _web_page(page: str | None) -> str | None:
    """A web address without its fragment, or None: agents get it as a link, so nothing else may pass."""
    address = (_printable(page) or "").partition("#")[0]
    return address if address.startswith(("http://", "https://")) else None
