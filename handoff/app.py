"""Joins the rooms into one service. The only place, with `cli`, that knows both the bot and the people; nobody imports it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from bot.understanding import Button, Incoming, Reply, Understanding
from handoff import schedule
from handoff.accessibility import routes as accessibility
from handoff.accounts import logins, trail
from handoff.accounts.seal import Seal
from handoff.callback import routes as callback
from handoff.code_talk import CodeTalk
from handoff.console import routes as console
from handoff.conversations import matters, sla
from handoff.conversations.attachments import Allowed, Attachments
from handoff.conversations.erasure import erase_older_than
from handoff.conversations.keeper import Keeper
from handoff.conversations.links import Links
from handoff.conversations.outcomes import outcomes
from handoff.conversations.payer import Payer
from handoff.conversations.rounds import go_round
from handoff.conversations.service import ASK_HUMAN
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.conversations.typists import TypistsHere
from handoff.database import Database, now
from handoff.editor import routes as editor
from handoff.email import routes as email
from handoff.entries.follow import follow_entries
from handoff.entries.store import EntryStore
from handoff.errors import AbilineError, AlreadyTaken, NotLoggedIn, TooMany, Unreadable
from handoff.guide import routes as guide
from handoff.help import routes as help_page
from handoff.intake import routes as intake
from handoff.letters import Letters
from handoff.mail import Mailer
from handoff.matters import routes as matter_page
from handoff.notices import Notices
from handoff.outbox import Outbox
from handoff.people import routes as people
from handoff.privacy import routes as privacy
from handoff.reports import routes as reports
from handoff.services import Services
from handoff.settings import Settings, signing_key
from handoff.stages import read_stages
from handoff.texts import Texts
from handoff.web import take_over
from handoff.widget import routes as widget
from handoff.widget.waiting import WaitingWords

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
ROOMS: tuple[ModuleType, ...] = (widget, people, console, guide, editor, intake, reports, help_page, privacy, accessibility, email, callback, matter_page)
FORGET_SECONDS = 3600
LEARN_SECONDS = 3600
FOLLOW_SECONDS = 1  # how soon a worker notices entries that another one published

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
}


def create_app(settings: Settings, bot: Understanding, database: Database) -> FastAPI:
    """The whole service around a started bot and a migrated database. Nothing runs before the application starts."""
    services = build_services(settings, bot, database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.signals.attach(asyncio.get_running_loop())
        await asyncio.to_thread(logins.end_weak, services.database, services.settings.totp_roles)
        await follow_entries(services.entries, services.bot)
        running = (
            services.payer.run(),
            services.outbox.run(),
            _keeper(services).run(),
            go_round(database, services.signals, partial(_ask_after, services)),
            *(job(services) for job in (_follow_for_ever, _forget_for_ever, _learn_for_ever)),
        )
        jobs = [asyncio.create_task(job) for job in running]
        yield
        for job in jobs:
            job.cancel()
            with suppress(asyncio.CancelledError):
                await job
        await services.payer.settle()
        await services.outbox.close()

    app = FastAPI(title="Abiline", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.state.services = services
    app.middleware("http")(_with_headers)
    app.add_exception_handler(AbilineError, _say_error)
    app.add_exception_handler(RequestValidationError, _say_invalid)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for room in ROOMS:
        take_over(app.router, room.router(services))
        static = Path(str(room.__file__)).parent / "static"
        if static.is_dir():
            name = static.parent.name
            app.mount(f"/static-{name}", StaticFiles(directory=static), name=f"static-{name}")

    @app.get("/", include_in_schema=False)
    def front() -> RedirectResponse:
        return RedirectResponse("/demo")

    @app.get("/health", tags=["operations"])
    def health() -> dict[str, str | int]:
        """Alive, and which revision of the entries is answered from."""
        return {"status": "ok", "entries_revision": services.bot.revision}

    return app


def build_services(settings: Settings, bot: Understanding, database: Database) -> Services:
    """The inner doors, built in the order of their needs."""
    texts = Texts(HERE / "texts")
    signals = Signals()
    attachments = Attachments(database, Shelf(settings.data_dir / "attachments"), Allowed.of(settings))
    smtp = settings.smtp_url.get_secret_value()
    mailer = Mailer(smtp, sender=settings.mail_from, name=settings.company) if smtp else None
    outbox = Outbox(database, secret=settings.forward_secret.get_secret_value(), mailer=mailer)

    def sorry(incoming: Incoming) -> Reply:
        if not incoming.people_available:
            return Reply(texts.say(incoming.language, "bot_failed.nobody_here"))
        if incoming.payload == ASK_HUMAN:
            return Reply(texts.say(incoming.language, "bot_failed.handing_over"))
        return Reply(texts.say(incoming.language, "bot_failed.offer"), buttons=(Button(texts.say(incoming.language, "talk_to_human"), ASK_HUMAN),))

    hours = schedule.Hours.of(settings)
    sla.keep_hours(database, hours)

    def back_at() -> str | None:
        opening = hours.back_at(now())
        return opening.isoformat() if opening else None

    letters, stages = Letters(settings), read_stages(settings, texts)
    notices, links = Notices(settings, texts, stages, letters), Links(Seal(partial(signing_key, settings), purpose="links to matters"))
    payer = Payer(
        database,
        bot,
        signals,
        people_available=lambda: schedule.people_available(database),
        back_at=back_at,
        sorry=sorry,
        timeout=settings.reply_timeout,
        at_once=settings.bot_queue,
        forward_url=settings.forward_url,
        after_handoff=outbox.look_now,
        code_turn=CodeTalk(database, texts, letters).turn if settings.sends_mail else None,
    )
    return Services(settings, database, signals, TypistsHere(), bot, payer, outbox, EntryStore(database), attachments, letters, stages, links, notices)


def _keeper(services: Services) -> Keeper:
    """Who looks after the line."""
    settings = services.settings
    words = WaitingWords(Texts(HERE / "texts", HERE / "widget" / "texts"), schedule.Hours.of(settings))
    gone_after = timedelta(minutes=settings.gone_minutes)
    return Keeper(services.database, services.signals, words, zone=ZoneInfo(settings.time_zone), gone_after=gone_after)


def _ask_after(services: Services) -> list[str]:
    """Ask those whose matter was solved whether all is well."""
    return matters.ask_due(services.database, services.links, services.notices)


async def _learn_for_ever(services: Services) -> None:
    """What people said of the answers moves how sure the bot may be, now and every hour."""
    while True:
        try:
            if found := await asyncio.to_thread(outcomes, services.database):
                await services.bot.recalibrate(found)
        except Exception:
            log.exception("the probabilities stay as they were")
        await asyncio.sleep(LEARN_SECONDS)


async def _follow_for_ever(services: Services) -> None:
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        try:
            await follow_entries(services.entries, services.bot)
        except Exception:
            log.exception("the index stays as it was")


async def _forget_for_ever(services: Services) -> None:
    """Erase what has been kept for as long as it may be, and files of nobody, at the start and then once an hour."""
    while True:
        try:
            await asyncio.to_thread(erase_older_than, services.database, services.attachments.shelf, services.settings.keep_days)
            await asyncio.to_thread(services.attachments.sweep)
            await asyncio.to_thread(logins.forget_old, services.database)
            await asyncio.to_thread(trail.cut, services.database, services.settings.audit_keep_days)
        except Exception:
            log.exception("old conversations are still kept")
        await asyncio.sleep(FORGET_SECONDS)


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _say_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AbilineError):
        raise error
    if isinstance(error, NotLoggedIn) and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/login?next={request.url.path}", status_code=303)
    body: dict[str, object] = {"code": error.code, "message": error.message}
    headers = {}
    if isinstance(error, AlreadyTaken):
        body["holder"] = error.holder
    if isinstance(error, Unreadable):
        body["field"] = error.field
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(body, status_code=error.status, headers=headers)


async def _say_invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "body")
    return JSONResponse({"code": "unreadable", "message": f"{field}: {first['msg']}", "field": field}, status_code=422)
