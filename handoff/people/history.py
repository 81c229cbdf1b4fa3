"""Who saw and did what: the trail as a page with filters, and as CSV."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from handoff.accounts import service as accounts
from handoff.accounts import staff, trail
from handoff.accounts import teams as teams_here
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.accounts.tables import AuditRow
from handoff.accounts.trail import Wanted
from handoff.conversations.sla import EVERYBODY
from handoff.database import Database
from handoff.people.room import Room
from handoff.people.words import Words

PAGE = 100
AT_ONCE = 1_000  # rows that the CSV reads at once
COLUMNS = ("number", "at", "who", "name", "act", "target", "address", "previous", "hash")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would reckon what begins with these

Text = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class Filters:
    """The filters of the page; days are the operator's, both included. A day that can't be read is no filter."""

    who: Text = ""
    act: Text = ""
    since: Text = ""
    until: Text = ""

    def wanted(self, zone: ZoneInfo) -> Wanted:
        first, last = _day(self.since), _day(self.until)
        return Wanted(
            agent_id=self.who or None,
            act=self.act or None,
            since=datetime.combine(first, time(), zone) if first else None,
            until=datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
        )


def router(room: Room) -> APIRouter:
    """`/people/trail` and `/people/trail.csv`, with the same filters."""
    api = APIRouter(prefix="/people", include_in_schema=False)
    database = room.services.database
    zone = ZoneInfo(room.services.settings.time_zone)
    looker = Annotated[Person, Depends(room.guard.may(Permission.SEE_TRAIL))]
    asked = Annotated[Filters, Depends(Filters)]

    @api.get("/trail")
    def show(request: Request, person: looker, filtered: asked, before: int | None = None, check: bool = False) -> Response:
        rows = trail.rows(database, filtered.wanted(zone), before=before, limit=PAGE + 1)
        filters = {name: value for name, value in asdict(filtered).items() if value}
        names, words = staff.names(database), Words.of(room, request)
        return room.pages.page(
            request,
            "trail.html",
            person=person,
            here="people",
            part="trail",
            rows=rows[:PAGE],
            older=urlencode(filters | {"before": str(rows[PAGE - 1].id)}) if len(rows) > PAGE else "",
            filters=filters,
            query=urlencode(filters),
            people=sorted(names.items(), key=lambda pair: pair[1]),
            names=names,
            known=names | {team.id: team.name for team in teams_here.teams(database)} | {EVERYBODY: words.everybody},
            acts=trail.acts(database),
            words=words,
            checked=trail.check(database) if check else None,
            keep_days=room.services.settings.audit_keep_days,
        )

    @api.get("/trail.csv")
    def as_csv(person: looker, filtered: asked) -> Response:
        accounts.audit(database, person.id, "exported_trail")
        people = {one.id: (one.login, one.name) for one in staff.everyone(database)}
        lines = _lines(database, filtered.wanted(zone), people)
        headers = {"Content-Disposition": 'attachment; filename="abiline-trail.csv"', "Cache-Control": "no-store"}
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)

    return api


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _lines(database: Database, wanted: Wanted, people: dict[str, tuple[str, str]]) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)  # the mark lets a spreadsheet read õ ä ö ü
    before: int | None = None
    while rows := trail.rows(database, wanted, before=before, limit=AT_ONCE):
        yield "".join(_line(_cells(row, people)) for row in rows)
        before = rows[-1].id


def _cells(row: AuditRow, people: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    login, name = people.get(row.agent_id or "", (row.agent_id or "", ""))
    return (str(row.id), row.at.isoformat(), login, name, row.act, row.target or "", row.address or "", row.previous, row.hash)


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return line.getvalue()
