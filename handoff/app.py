"""Joins the rooms into one service. The only place, with `cli`, that knows both the bot and the people; nobody imports it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from bot.stages import listen
from bot.understanding import Button, Incoming, Reply, Understanding
from handoff import refused, schedule, unfit
from handoff.accessibility import routes as accessibility
from handoff.accounts import logins
from handoff.accounts.seal import Seal
from handoff.api import routes as api
from handoff.asking import Asking
from handoff.callback import routes as callback
from handoff.channels import routes as channels
from handoff.coaching import routes as coaching
from handoff.code_talk import CodeTalk
from handoff.console import routes as console
from handoff.conversations import channel_debts, elsewhere, hearing, matters, notice, posting, quiet, retention, sla, surveys
from handoff.conversations.attachments import Allowed, Attachments
from handoff.conversations.keeper import Keeper
from handoff.conversations.links import Links
from handoff.conversations.outcomes import outcomes
from handoff.conversations.payer import Payer
from handoff.conversations.retention import Days
from handoff.conversations.rounds import go_round
from handoff.conversations.service import ASK_HUMAN
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import ENTRIES, Signals
from handoff.conversations.typists import CUSTOMER, Typists
from handoff.covering import Cover
from handoff.database import AWAY, Database, now
from handoff.desks import routes as desks
from handoff.desks.chatwoot import Chatwoot
from handoff.doors import Doors
from handoff.editor import routes as editor
from handoff.editor.gaps.look import Look
from handoff.email import routes as email
from handoff.endpoints import telling
from handoff.endpoints.sending import Sender
from handoff.entries import ratings
from handoff.entries.follow import follow_entries
from handoff.entries.store import EntryStore
from handoff.errors import AbilineError
from handoff.guide import routes as guide
from handoff.help import routes as help_page
from handoff.hooks import routes as hooks
from handoff.intake import routes as intake
from handoff.letters import Letters
from handoff.mail import Mailer
from handoff.matters import routes as matter_page
from handoff.notices import Notices
from handoff.operations import beginning
from handoff.operations import routes as operations
from handoff.operations.readiness import Readiness
from handoff.operations.requests import Requests
from handoff.outbox import Outbox, Way
from handoff.own_letters import OwnLetters
from handoff.people import routes as people
from handoff.postman import Postman
from handoff.privacy import routes as privacy
from handoff.privacy.notice import notice_of
from handoff.products import read_products
from handoff.reports import routes as reports
from handoff.reports.told import told
from handoff.services import Services
from handoff.settings import Settings, signing_key
from handoff.stages import read_stages
from handoff.texts import Texts
from handoff.watch import Watch
from handoff.web import take_over
from handoff.widget import routes as widget
from handoff.widget.waiting import WaitingWords

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
ROOMS: tuple[ModuleType, ...] = (
    *(widget, people, console, guide, editor, intake, reports, coaching, help_page, privacy, accessibility, email, callback, matter_page),
    *(hooks, api, desks, channels),
)
FORGET_SECONDS = 3600
LEARN_SECONDS = 3600
SIT_SECONDS = 20
FOLLOW_SECONDS = 1  # how soon a worker notices entries that another one published, when it is not told


def create_app(settings: Settings, bot: Understanding, database: Database) -> FastAPI:
    """The whole service around a started bot and a migrated database. Nothing runs before the application starts."""
    meters = beginning.meters_of(settings)
    services = build_services(settings, bot, database, meters)
    beginning.watch(services, meters)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.signals.attach(asyncio.get_running_loop())
        deaf = listen(meters.took)
        await asyncio.to_thread(logins.end_weak, services.database, services.settings.totp_roles)
        await follow_entries(services.entries, services.bot)
        running = (
            services.payer.run(),
            services.outbox.run(),
            _keeper(services).run(),
            Look(database, bot).run(),
            *beginning.relays(services),
            channels.hurry(services),
            go_round(database, services.signals, partial(_ask_after, services)),
            *(job(services) for job in (_follow_for_ever, _forget_for_ever, _learn_for_ever, _sit_for_ever, reports.gather_for_ever)),
        )
        jobs = [asyncio.create_task(job) for job in (*running, *(one.run() for one in email.jobs(services)))]
        yield
        for job in jobs:
            job.cancel()
            with suppress(asyncio.CancelledError):
                await job
        await services.payer.settle()
        await services.outbox.close()
        deaf()
        await asyncio.to_thread(meters.close)

    app = FastAPI(title="Abiline", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.state.services = services
    app.add_middleware(Doors, https=settings.secure_cookies)
    app.add_middleware(Requests, meters=meters)  # the last one added stands outermost
    app.add_exception_handler(AbilineError, refused.say_error)
    app.add_exception_handler(RequestValidationError, refused.say_invalid)
    app.add_exception_handler(HTTPException, refused.say_nothing_there)
    for away in AWAY:
        app.add_exception_handler(away, unfit.say_away)
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

    take_over(app.router, operations.router(meters, Readiness(settings, database, services.entries, bot), token=settings.metrics_token))
    return app


def build_services(settings: Settings, bot: Understanding, database: Database, watch: Watch | None = None) -> Services:
    """The inner doors, built in the order of their needs."""
    texts = Texts(HERE / "texts")
    signals = Signals()
    attachments = Attachments(database, Shelf(settings.data_dir / "attachments", database.vault), Allowed.of(settings))

    def sorry(incoming: Incoming) -> Reply:
        if not incoming.people_available:
            return Reply(texts.say(incoming.language, "bot_failed.nobody_here"))
        if incoming.payload == ASK_HUMAN:
            return Reply(texts.say(incoming.language, "bot_failed.handing_over"))
        return Reply(texts.say(incoming.language, "bot_failed.offer"), buttons=(Button(texts.say(incoming.language, "talk_to_human"), ASK_HUMAN),))

    hours = schedule.Hours.of(settings)
    sla.keep_hours(database, hours)
    notice.tell(database, notice_of(database, settings))
    logins.keep_limits(database, logins.Limits(timedelta(hours=settings.login_idle_hours), timedelta(days=settings.login_days)))

    def back_at() -> str | None:
        opening = hours.back_at(now())
        return opening.isoformat() if opening else None

    letters, stages = Letters(settings), read_stages(settings, texts)
    notices, links = Notices(settings, texts, stages, letters), Links(Seal(partial(signing_key, settings), purpose="links to matters"))
    surveys.keep_asking(database, Asking.of(settings, texts, lambda row: notices.survey_letter(row, links.of(row))))
    quiet.keep_after(database, timedelta(minutes=settings.survey_quiet_minutes))
    postman = _postman(settings, database, letters, shelf=attachments.shelf, links=links, notices=notices, signals=signals)
    covers = Cover(bot.mask).event if settings.mask_for_agents else None
    ways: dict[str, Way] = {telling.KIND: Sender(database, inside=settings.webhooks_inside, covers=covers)}
    elsewhere.keep_rule(database, desks.rule(settings))
    if settings.chatwoot_url:
        ways[elsewhere.CHATWOOT] = Chatwoot(database, signals, desks.place(settings), attachments.shelf)
    ways |= channels.ways(settings, database, signals, attachments)
    channel_debts.keep_set_up(database, channels.set_up(settings))
    outbox = Outbox(database, secret=settings.forward_secret.get_secret_value(), postman=postman, ways=ways)
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
        watch=watch,
        code_turn=CodeTalk(database, texts, letters).turn if settings.sends_mail else None,
    )
    return Services(
        settings,
        database,
        signals,
        Typists(),
        bot,
        payer,
        outbox,
        EntryStore(database, ZoneInfo(settings.time_zone), reviewed=settings.entry_review == "required"),
        attachments,
        letters,
        stages,
        links,
        notices,
        read_products(settings),
        partial(told, database, ZoneInfo(settings.time_zone)),
    )


def _postman(settings: Settings, database: Database, letters: Letters, *, shelf: Shelf, links: Links, notices: Notices, signals: Signals) -> Postman | None:
    """Who carries letters; from here on agents' answers are owed one. None where no mail is sent."""
    if not settings.sends_mail:
        return None
    posting.keep_rules(database, posting.Rules(unread=timedelta(minutes=settings.mail_unread_minutes) or None))
    smtp, own = settings.smtp_url.get_secret_value(), OwnLetters(database.vault)
    mailer = Mailer(smtp, sender=settings.mail_from, name=settings.company, box=settings.mail_box, plus=settings.imap_plus, own=own)
    return Postman(database, mailer, letters, shelf, links, page=notices.url, changed=signals.changed)


def _keeper(services: Services) -> Keeper:
    """Who looks after the line."""
    settings = services.settings
    words = WaitingWords(Texts(HERE / "texts", HERE / "widget" / "texts"), schedule.Hours.of(settings))
    gone_after = timedelta(minutes=settings.gone_minutes)
    return Keeper(services.database, services.signals, words, zone=ZoneInfo(settings.time_zone), gone_after=gone_after)


def _ask_after(services: Services) -> list[str]:
    """Ask those whose matter was solved whether all is well, and those whose conversation has ended how it was."""

    def is_typing(conversation_id: str) -> bool:
        return any(sign.typist == CUSTOMER for sign in services.typists.signs(conversation_id))

    return [*matters.ask_due(services.database, services.links, services.notices), *surveys.ask_due(services.database, is_typing)]


async def _learn_for_ever(services: Services) -> None:
    """What people said of the answers moves how sure the bot may be, now and every hour."""
    while True:
        try:
            if found := await asyncio.to_thread(outcomes, services.database):
                await services.bot.recalibrate(found)
        except Exception:
            log.exception("the probabilities stay as they were")
        await asyncio.sleep(LEARN_SECONDS)


async def _sit_for_ever(services: Services) -> None:
    """In working hours the people of another desk are here, wherever they sit."""
    hours = schedule.Hours.of(services.settings)
    while services.database.about.get(elsewhere.RULE) is not None:
        try:
            if hours.open_at(now()):
                await asyncio.to_thread(elsewhere.be_here, services.database)
        except Exception:
            log.exception("the other desk is not said to be here")
        await asyncio.sleep(SIT_SECONDS)


async def _follow_for_ever(services: Services) -> None:
    """Entries that another process published: as soon as it says so, and every second, since a wake-up may be lost."""
    async with services.signals.listen(ENTRIES) as told:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(FOLLOW_SECONDS):
                    await told.wait()
            told.clear()
            try:
                await follow_entries(services.entries, services.bot)
            except Exception:
                log.exception("the index stays as it was")


async def _forget_for_ever(services: Services) -> None:
    """Erase what has been kept for as long as it may be, and files of nobody, at the start and then once an hour."""
    while True:
        try:
            await asyncio.to_thread(retention.forget, services.database, services.attachments.shelf, Days.of(services.settings))
            await asyncio.to_thread(services.attachments.sweep)
            await asyncio.to_thread(logins.forget_old, services.database)
            await asyncio.to_thread(hearing.forget_marks, services.database)
            kept = services.settings.keep_rating_days or services.settings.keep_days
            await asyncio.to_thread(partial(ratings.forget, services.database, today=services.entries.today(), keep_days=kept))
            await asyncio.to_thread(partial(services.database.tidy, shrink=True))
        except Exception:
            log.exception("old conversations are still kept")
        await asyncio.sleep(FORGET_SECONDS)
