"""The overview for supervisors: few figures, each with a sentence, its sample and what exactly it counts."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from handoff.accounts.mailings import Stops
from handoff.accounts.permissions import Permission
from handoff.accounts.seal import Seal
from handoff.accounts.service import Person
from handoff.conversations.sla import Goal
from handoff.database import now
from handoff.reports.complaints import counted
from handoff.reports.digest import send_due
from handoff.reports.figures import count_conversations, figures, period
from handoff.reports.gathering import gather
from handoff.reports.mailings_page import router as letters
from handoff.reports.overview_page import router as in_depth
from handoff.reports.plots import HEIGHT, WIDTH, lying, stacked, upright
from handoff.reports.times import as_csv, times
from handoff.reports.words import Words
from handoff.schedule import Hours
from handoff.services import Services
from handoff.settings import Settings, signing_key
from handoff.web import Guard, Pages, page_language, take_over

log = logging.getLogger(__name__)

GATHER_SECONDS = 120
HERE = Path(__file__).parent
PERIODS = (1, 7, 30)
SMALL_SAMPLE = 20  # below this a share says little; the page says so


async def gather_for_ever(services: Services) -> None:
    """Count what has changed, every few minutes, so that no page has to, and send the week's letter when it is time."""
    pages, stops = Pages(HERE), stops_of(services.settings)
    while True:
        await asyncio.sleep(GATHER_SECONDS)
        try:
            await asyncio.to_thread(gather, services.database, Hours.of(services.settings))
            if await asyncio.to_thread(send_due, services.database, services.settings, pages, now(), mask=services.bot.mask, stops=stops):
                services.outbox.look_now()
        except Exception:
            log.exception("the figures are as old as they were")


def stops_of(settings: Settings) -> Stops:
    """What makes and reads the links by which letters are stopped."""
    return Stops(Seal(partial(signing_key, settings), purpose="stopping letters"), settings.public_url)


def router(services: Services) -> APIRouter:
    """/reports, for supervisors and admins."""
    pages, guard = Pages(HERE), Guard(services.database)
    router = APIRouter()
    take_over(router, in_depth(services, pages, guard), letters(services, pages, guard, stops_of(services.settings)))
    supervisor = Annotated[Person, Depends(guard.may(Permission.SEE_REPORTS))]

    @router.get("/reports", include_in_schema=False)
    def overview(request: Request, person: supervisor, days: int = 7) -> HTMLResponse:
        zone, moment = ZoneInfo(services.settings.time_zone), now()
        chosen = days if days in PERIODS else 7
        found = figures(services.database, period(moment, chosen, zone))
        kept = times(services.database, period(moment, chosen, zone))
        counts = {length: count_conversations(services.database, period(moment, length, zone)) for length in PERIODS}
        language = page_language(request)
        words = Words(pages, language)
        return pages.page(
            request,
            "reports.html",
            person=person,
            here="reports",
            days=chosen,
            periods=PERIODS,
            counts=counts,
            figures=found,
            complaints=counted(services.database, period(moment, chosen, zone)),
            words=words,
            times=kept,
            goals=list(Goal),
            times_by_day=stacked([(words.day(day), in_time, late) for day, in_time, late in kept.by_day]),
            by_day=upright([(words.day(day), count) for day, count in found.by_day]),
            reasons=lying([(words.reason(reason), count) for reason, count in found.handoffs]),
            plot=(WIDTH, HEIGHT),
            small=SMALL_SAMPLE,
            links={"lang": "" if language == "et" else f"&lang={language}"},
        )

    @router.get("/reports/times.csv", include_in_schema=False)
    def times_as_csv(person: supervisor, days: int = 7) -> StreamingResponse:
        of = period(now(), days if days in PERIODS else 7, ZoneInfo(services.settings.time_zone))
        headers = {"Content-Disposition": 'attachment; filename="abiline-times.csv"', "Cache-Control": "no-store"}
        return StreamingResponse(as_csv(services.database, of), media_type="text/csv; charset=utf-8", headers=headers)

    return router
