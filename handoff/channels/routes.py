"""`/api/channels/…`: where messengers bring what customers say there. Each call proves who it is, is kept, and is answered at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from handoff.channels import office, words
from handoff.channels.facebook import Facebook
from handoff.channels.fetching import Fetcher
from handoff.channels.provider import Provider
from handoff.channels.sending import STEP_SECONDS, Teller
from handoff.channels.slack import Slack
from handoff.channels.telegram import Telegram
from handoff.conversations import hearing
from handoff.conversations.attachments import Attachments
from handoff.conversations.channel_debts import FETCH, SAY
from handoff.conversations.hearing import Heard, Taken
from handoff.conversations.signals import DESK, Signals
from handoff.database import Database
from handoff.errors import NotFound, NotLoggedIn, Unreadable
from handoff.outbox import Way
from handoff.schedule import people_available
from handoff.services import Services
from handoff.settings import Settings

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.1
ALL = (Telegram.name, Slack.name, Facebook.name)


def set_up(settings: Settings) -> dict[str, Provider]:
    """The messengers that have a token, by name."""
    known: dict[str, Provider] = {}
    if settings.telegram_token.get_secret_value():
        known[Telegram.name] = Telegram(settings)
    if settings.slack_token.get_secret_value():
        known[Slack.name] = Slack(settings)
    if settings.facebook_token.get_secret_value():
        known[Facebook.name] = Facebook(settings)
    return known


def ways(settings: Settings, database: Database, signals: Signals, attachments: Attachments, *, client: httpx.AsyncClient | None = None) -> dict[str, Way]:
    """How the outbox brings words to messengers and files from there. Empty where none is set up."""
    known = set_up(settings)
    if not known:
        return {}
    client = client or httpx.AsyncClient(timeout=STEP_SECONDS)
    fetcher = Fetcher(database, signals, attachments, known, people_available=lambda: people_available(database), client=client)
    return {SAY: Teller(database, signals, attachments, known, bot_name=settings.bot_name, client=client), FETCH: fetcher}


def router(services: Services) -> APIRouter:
    """`/api/channels`, and the operator's page of it."""
    api, known = APIRouter(), set_up(services.settings)
    api.include_router(office.router(services, sorted(known)))
    api.include_router(_calls(services, known))
    return api


def _calls(services: Services, known: Mapping[str, Provider]) -> APIRouter:
    """One address for each messenger."""
    api = APIRouter(prefix="/api/channels", include_in_schema=False)

    @api.get("/{channel}")
    async def shake_hands(channel: str, request: Request) -> Response:
        """A messenger asks whether this address is ours."""
        provider = known.get(channel)
        if provider is None:
            raise NotFound("This messenger is not set up.")
        hello = provider.challenge(request.query_params, b"")
        if hello is None:
            raise NotLoggedIn("The word is not right.")
        return PlainTextResponse(hello)

    @api.post("/{channel}")
    async def come_in(channel: str, request: Request) -> Response:
        """What a messenger tells. One that is genuine but tells nothing of use is taken too: it would come again for days."""
        provider = known.get(channel)
        if provider is None:
            raise NotFound("This messenger is not set up.")
        body, headers = await request.body(), _headers(request)
        provider.check(headers, body)
        if (hello := provider.challenge({}, body)) is not None:
            return PlainTextResponse(hello)
        try:
            heard = provider.read(headers, body)
        except Unreadable as error:
            log.warning("%s told something unreadable (%s)", channel, error.message)
            return Response()
        for one in heard:
            await _take(services, one)
        return Response()

    return api


async def hurry(services: Services) -> None:
    """What is said in a conversation leaves at once where messengers are set up, not with the outbox's next round. Cancel to stop."""
    if not set_up(services.settings):
        return
    async with services.signals.listen(DESK) as news:
        while True:
            await news.wait()
            news.clear()
            services.outbox.look_now()
            await asyncio.sleep(PAUSE_SECONDS)


async def _take(services: Services, heard: Heard) -> None:
    database = services.database
    if heard.aside == "blocked":
        conversation_id = await asyncio.to_thread(hearing.block, database, heard.channel, heard.sender)
        taken = Taken(conversation_id) if conversation_id else None
    else:
        taken = await asyncio.to_thread(hearing.take, database, heard, words.words_of_house(services.settings))
    if taken is None:
        return
    services.signals.changed(taken.conversation_id)
    if taken.owed:
        services.payer.owe(taken.conversation_id)
    services.outbox.look_now()


def _headers(request: Request) -> Mapping[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}
