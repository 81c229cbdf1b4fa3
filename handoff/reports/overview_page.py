"""The page of figures in depth: what is looked at stands in the address, so it can be sent and kept; each table can be taken along."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.understanding import LANGUAGES
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.accounts.tables import TeamRow
from handoff.conversations.fact_tables import TalkFactRow
from handoff.conversations.scores import Scale
from handoff.database import Database, now
from handoff.entries.tables import EntryRow
from handoff.errors import NotFound
from handoff.reports.counting import By
from handoff.reports.examples import examples, of_products
from handoff.reports.gathering import gather
from handoff.reports.overview import Overview, overview, sheet
from handoff.reports.plots import lying
from handoff.reports.sheets import MEDIA, Form
from handoff.reports.wanted import Wanted, wanted
from handoff.reports.words import Words
from handoff.schedule import Hours
from handoff.services import Services
from handoff.web import Guard, Pages, page_language
from handoff.week import Week

log = logging.getLogger(__name__)

SHOWN = 20  # entries on the page; the file has all
SMALL = 20  # below this a figure says little, and the page says so
CURVES = 6  # parts whose curve is drawn; the file has all
LEVELS = 4  # of the map's colours, besides none
AT_ONCE = 1_000  # conversations that are counted while somebody waits
Filters = list[tuple[str, str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True)
class Heat:
    """The map of hours: rows of (weekday, cells of (how many, level of colour, whether people are here)), and where it is hottest."""

    hours: list[int]
    rows: list[tuple[int, list[tuple[int, int, bool]]]]
    top: tuple[int, int, int]


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """/reports/figures and its files."""
    router = APIRouter()
    database, zone = services.database, ZoneInfo(services.settings.time_zone)
    supervisor = Annotated[Person, Depends(guard.may(Permission.SEE_REPORTS))]
    looked_at = Annotated[Wanted, Depends(_looked_at(zone))]

    @router.get("/reports/figures", include_in_schema=False)
    def in_depth(request: Request, person: supervisor, of: looked_at, by: By = By.DAY) -> HTMLResponse:
        _catch_up(services)
        found, language = overview(database, of, by, zone=zone, until=now()), page_language(request)
        with database.read() as session:
            said = examples(session, of, found.grievances, services.bot.mask, reader=person.id)
            said_of = of_products(session, of, found.products, services.bot.mask, reader=person.id)
        words = Words(pages, language)
        talked_of = [entry_id for one in found.voices.values() for entry_id, _ in one.entries[:1]]
        questions = _questions(database, [one.entry_id for one in found.entries] + list(found.parts) + talked_of + [one.entry_id for one in found.grievances])
        labels = _labels(found, {**questions, **found.names}, by)
        return pages.page(
            request,
            "figures.html",
            person=person,
            here="reports",
            wanted=of,
            by=by,
            ways=list(By),
            forms=[form.value for form in Form],
            filters=_filters(database, of),
            found=found,
            words=words,
            opinions_before={one.kind: one for one in found.opinions_before},
            said=said,
            said_of=said_of,
            company=services.settings.company,
            zone=services.settings.time_zone,
            heat=heat(found.busiest, Hours.of(services.settings).week),
            working=services.settings.hours,
            scales=[scale for scale in Scale if any(scale in one.opinions for one in found.voices.values())],  # a house asks one, as a rule
            reasons=lying([(words.reason(reason), count) for reason, count in found.reasons]),
            shown=found.entries[:SHOWN],
            rising=[one for one in found.entries if one.rising],
            questions=questions,
            parts=[(label, found.parts[key]) for label, key in labels if key in found.parts],
            heard=[(label, found.voices[key]) for label, key in labels if key in found.voices],
            curves=[(label, found.voices[key]) for label, key in labels if key in found.voices and len(found.voices[key].rated) >= SMALL][:CURVES],
            small=SMALL,
            lang_query="" if language == "et" else f"?lang={language}",
        )

    @router.get("/reports/figures/{name}.{form}", include_in_schema=False)
    def file(person: supervisor, of: looked_at, name: str, form: Form) -> Response:
        _catch_up(services)
        table = sheet(database, name, of, zone=zone, until=now())
        if table is None:
            raise NotFound("There is no such table.")
        headers = {"Content-Disposition": f'attachment; filename="abiline-{table.name}.{form.value}"', "Cache-Control": "no-store"}
        return Response(table.written(form), media_type=MEDIA[form], headers=headers)

    return router


def heat(busiest: dict[tuple[int, int], int], week: Week) -> Heat:
    """The map, from the first busy hour of any day to the last."""
    if not busiest:
        return Heat([], [], (0, 0, 0))
    hours = list(range(min(hour for _, hour in busiest), max(hour for _, hour in busiest) + 1))
    (weekday, hour), most = Counter(busiest).most_common(1)[0]
    rows = [(day, [(many := busiest.get((day, one), 0), -(-LEVELS * many // most), _works(week, day, one)) for one in hours]) for day in range(7)]
    return Heat(hours, rows, (weekday, hour, most))


def _works(week: Week, day: int, hour: int) -> bool:
    """Whether people are here in some part of this hour of a usual week."""
    return any(opens.hour <= hour and (closes.hour > hour or (closes.hour == hour and closes.minute > 0)) for opens, closes in week.days[day])


def _looked_at(zone: ZoneInfo) -> Any:
    def of(*, since: str = "", until: str = "", days: int = 7, team: str = "", channel: str = "", language: str = "", topic: str = "") -> Wanted:
        first, last = _day(since), _day(until)
        return wanted(now().astimezone(zone).date(), since=first, until=last, days=days, team=team, channel=channel, language=language, topic=topic)

    return of


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _catch_up(services: Services) -> None:
    try:
        gather(services.database, Hours.of(services.settings), most=AT_ONCE)
    except IntegrityError:  # another process counts the same at this moment
        log.info("somebody else is counting")


def _filters(database: Database, of: Wanted) -> Filters:
    """What may be chosen: name of the filter, what is chosen, all choices."""
    with database.read() as session:
        teams = [(row.id, row.name) for row in session.execute(select(TeamRow.id, TeamRow.name).order_by(TeamRow.name))]
        channels = session.scalars(select(TalkFactRow.channel).distinct().order_by(TalkFactRow.channel)).all()
        topics = session.scalars(select(EntryRow.topic).where(EntryRow.topic != "").distinct().order_by(EntryRow.topic)).all()
    plain = (("channel", of.channel, channels), ("language", of.language, LANGUAGES), ("topic", of.topic, topics))
    return [("team", of.team, teams), *((name, chosen, [(one, one) for one in options]) for name, chosen, options in plain)]


def _questions(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """Published questions by the id of their entry: those are for everybody's eyes."""
    with database.read() as session:
        rows = session.execute(select(EntryRow.id, EntryRow.published).where(EntryRow.id.in_(ids), EntryRow.published.is_not(None)))
        return {row.id: str(row.published.get("question", row.id)) for row in rows}


def _labels(found: Overview, names: Mapping[str, str], by: By) -> list[tuple[str, str]]:
    """All parts of which there is something: what people call each, and its key; time in its order, others the largest first."""
    keys = sorted({*found.parts, *found.voices})
    if by is By.HOUR:
        return [(f"{int(key):02}.00", key) for key in sorted(keys, key=int)]
    if by is By.DAY:
        return [(f"{date.fromisoformat(key):%d.%m.%Y}", key) for key in keys]
    return sorted(((names.get(key, key), key) for key in keys), key=lambda pair: -found.parts[pair[1]].conversations if pair[1] in found.parts else 0)
