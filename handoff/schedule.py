"""Who is here and when: hours, Estonian public holidays, presence. Used by widget, console and reports alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from handoff.accounts.service import available_agents
from handoff.database import Database, now
from handoff.settings import Settings

LOOK_AHEAD_DAYS = 60


@dataclass(frozen=True)
class Hours:
    """Working hours in a time zone; Monday to Friday, public holidays off."""

    opens: time
    closes: time
    zone: ZoneInfo

    def open_at(self, moment: datetime) -> bool:
        """Whether people are expected to be here at this moment."""
        local = moment.astimezone(self.zone)
        return is_working_day(local.date()) and self.opens <= local.time() < self.closes

    @classmethod
    def of(cls, settings: Settings) -> Hours:
        """The hours that the operator set."""
        return cls(settings.open_from, settings.open_until, ZoneInfo(settings.time_zone))

    def back_at(self, moment: datetime) -> datetime | None:
        """When people come; None within working hours, when all are only busy and a time would be a guess."""
        return None if self.open_at(moment) else self.next_opening(moment)

    def next_opening(self, moment: datetime) -> datetime:
        """The next time people come: today if it is still to open, else the next working day."""
        local = moment.astimezone(self.zone)
        for ahead in range(LOOK_AHEAD_DAYS):
            day = local.date() + timedelta(days=ahead)
            opening = datetime.combine(day, self.opens, self.zone)
            if is_working_day(day) and opening > local:
                return opening
        raise ValueError(f"no working day within {LOOK_AHEAD_DAYS} days of {local:%Y-%m-%d}")


def is_working_day(day: date) -> bool:
    """Monday to Friday and not an Estonian public holiday (calculated, for any year)."""
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def people_available(database: Database) -> bool:
    """Whether a person may be offered to a customer: one is really here, whatever the clock says."""
    return available_agents(database, now()) > 0


@cache
def _public_holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("EE", years=year)
