"""The overview for supervisors: few figures, each with a sentence, its sample and what exactly it counts."""

from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from bot.understanding import Language
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations.sla import Goal
from handoff.database import now
from handoff.reports.complaints import counted
from handoff.reports.figures import Share, count_conversations, figures, period
from handoff.reports.plots import HEIGHT, WIDTH, lying, stacked, upright
from handoff.reports.times import as_csv, times
from handoff.services import Services
from handoff.web import Guard, Pages, page_language

HERE = Path(__file__).parent
PERIODS = (1, 7, 30)
SMALL_SAMPLE = 20  # below this a share says little; the page says so


def router(services: Services) -> APIRouter:
    """/reports, for supervisors and admins."""
    pages, guard = Pages(HERE), Guard(services.database)
    router = APIRouter()
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


class Words:
    """Figures as people say them."""

    def __init__(self, pages: Pages, language: Language) -> None:
        self._texts, self._language = pages.texts, language

    def share(self, value: float | None) -> str:
        return "–" if value is None else f"{round(value * 100)}\N{NO-BREAK SPACE}%"

    def wait(self, seconds: float | None) -> str:
        """„40 s“, „3 min 20 s“, „2 h 5 min“."""
        if seconds is None:
            return "–"
        whole = round(seconds)
        minutes, rest = divmod(whole, 60)
        hours, left = divmod(minutes, 60)
        parts = [(hours, "h"), (left, "min")] if hours else [(minutes, "min"), (rest, "s")] if minutes else [(rest, "s")]
        return " ".join(f"{number}\N{NO-BREAK SPACE}{unit}" for number, unit in parts if number or len(parts) == 1)

    def day(self, day: date) -> str:
        return f"{day.day}.{day.month:02}." if self._language != "en" else f"{day:%d/%m}"

    def kept(self, share: Share) -> str:
        """„9 / 10 · 90 %“, or a dash where nothing was owed."""
        return f"{share.part}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{share.whole} · {self.share(share.value)}" if share.whole else "–"

    def reason(self, reason: str) -> str:
        said = self._texts.say(self._language, f"reports.reason.{reason}")
        return reason if said.startswith("[?") else said
