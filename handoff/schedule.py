"""Who is here and when: hours, Estonian public holidays, presence. Used by widget, console and reports alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from handoff.conversations.workload import free_agents
from handoff.database import Database, now
from handoff.settings import Settings
from handoff.week import Week

LOOK_AHEAD_DAYS = 60
LONGEST_DAYS = 3_660  # of working time that is counted off: past ten years somebody has mistyped


@dataclass(frozen=True)
class Hours:
    """Working hours in a time zone. Public holidays are free unless the operator says otherwise; the eves of some end earlier
    by `eves_shorter` where there are such."""

    week: Week
    zone: ZoneInfo
    eves_shorter: timedelta = timedelta(0)
    holidays_too: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Hours:
        """The hours that the operator set."""
        zone, shorter = ZoneInfo(settings.time_zone), timedelta(hours=settings.eves_shorter)
        return cls(Week.read(settings.hours), zone, shorter, settings.open_on_holidays)

    def open_at(self, moment: datetime) -> bool:
        """Whether people are expected to be here at this moment."""
        return any(opens <= moment < closes for opens, closes in self._spans(moment.astimezone(self.zone).date()))

    def back_at(self, moment: datetime) -> datetime | None:
        """When people come; None within working hours, when all are only busy and a time would be a guess."""
        return None if self.open_at(moment) else self.next_opening(moment)

    def next_opening(self, moment: datetime) -> datetime:
        """The next time people come: today if it is still to open (also after a break), else the next working day.

        Raises `ValueError` when there is none within `LOOK_AHEAD_DAYS`.
        """
        today = moment.astimezone(self.zone).date()
        for ahead in range(LOOK_AHEAD_DAYS):
            for opens, _closes in self._spans(today + timedelta(days=ahead)):
                if opens > moment:
                    return opens
        raise ValueError(f"no working day within {LOOK_AHEAD_DAYS} days of {today}")

    def after(self, moment: datetime, work: timedelta) -> datetime:
        """The moment by which so much working time has passed since `moment`. What fills a day to its end is done at its closing, not the next morning.

        Raises `ValueError` when that is more than `LONGEST_DAYS` away.
        """
        if not work:
            return moment
        for opens, closes in self._working(moment):
            if work <= closes - opens:
                return opens + work
            work -= closes - opens
        raise ValueError(f"{work} of working time are left after {LONGEST_DAYS} days")

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much of the time between the two is working time; nothing when `until` comes first."""
        worked = timedelta()
        for opens, closes in self._working(since):
            if opens >= until:
                break
            worked += min(closes, until) - opens
        return worked

    def windows(self, since: datetime, *, length: timedelta, days: int) -> list[tuple[datetime, datetime]]:
        """The working time of the next `days` working days cut into pieces of `length`; the last of a span may be up to half longer or shorter than that.
        What has begun before `since` is left out."""
        found: list[tuple[datetime, datetime]] = []
        seen: set[date] = set()
        today = since.astimezone(self.zone).date()
        for day in (today + timedelta(days=ahead) for ahead in range(LOOK_AHEAD_DAYS)):
            pieces = [piece for span in self._spans(day) for piece in _pieces(span, length) if piece[0] >= since]
            if pieces and len(seen) == days:
                break
            found += pieces
            seen |= {day} if pieces else set()
        return found

    def _working(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working time from then on, in UTC: of moments in one zone Python subtracts what the clock on the wall shows, also when it is changed."""
        since = since.astimezone(UTC)
        day = since.astimezone(self.zone).date()
        for ahead in range(LONGEST_DAYS):
            for opens, closes in self._spans(day + timedelta(days=ahead)):
                begin, end = max(opens.astimezone(UTC), since), closes.astimezone(UTC)
                if begin < end:
                    yield begin, end

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """When people come and go on this day, in the zone."""
        spans = self.week.days[day.weekday()]
        if not spans or (is_holiday(day) and not self.holidays_too):
            return
        end = _moment(day, spans[-1][1], self.zone)
        if is_shortened(day):
            end -= self.eves_shorter
        for opens, closes in spans:
            span = _moment(day, opens, self.zone), min(_moment(day, closes, self.zone), end)
            if span[0] < span[1]:
                yield span


def _pieces(span: tuple[datetime, datetime], length: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """In UTC, as on days when clocks change the wall shows other lengths."""
    starts, closes = (moment.astimezone(UTC) for moment in span)
    while starts < closes:
        ends = closes if closes - starts < 1.5 * length else starts + length
        yield starts, ends
        starts = ends


def is_holiday(day: date) -> bool:
    """Whether it is an Estonian public holiday (calculated, for any year)."""
    return day in _days_off(day.year, holidays.PUBLIC)


def is_shortened(day: date) -> bool:
    """Whether the law ends the working day three hours earlier: before New Year, Independence Day, Victory Day and Christmas."""
    return day in _days_off(day.year, holidays.HALF_DAY)


def people_available(database: Database) -> bool:
    """Whether a person may be offered to a customer: one is really here and has room, whatever the clock says."""
    return free_agents(database, now()) > 0


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    if clock == time.max:
        return datetime.combine(day + timedelta(days=1), time(), zone)
    return datetime.combine(day, clock, zone)


@cache
def _days_off(year: int, category: str) -> holidays.HolidayBase:
    return holidays.country_holidays("EE", years=year, categories=category)
