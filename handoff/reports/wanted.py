"""Which days and which part of the house a report is about, as it stands in the page's address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from handoff.conversations.fact_tables import CallFactRow, ComplaintFactRow, PickFactRow, TalkFactRow

LONGEST_DAYS = 731
Facts = type[TalkFactRow] | type[CallFactRow] | type[PickFactRow] | type[ComplaintFactRow]


@dataclass(frozen=True)
class Wanted:
    """From `since` to `until`, both included, by the house's clock. An empty filter lets all through."""

    since: date
    until: date
    team: str = ""
    channel: str = ""
    language: str = ""
    topic: str = ""

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Wanted:
        """The period before, on the same days of the week: as long as this one in whole weeks, so that Mondays meet Mondays."""
        back = timedelta(days=-(-self.days // 7) * 7)
        return replace(self, since=self.since - back, until=self.until - back)

    @property
    def query(self) -> str:
        """As it stands in an address."""
        filters = {name: value for name in ("team", "channel", "language", "topic") if (value := getattr(self, name))}
        return urlencode({"since": self.since.isoformat(), "until": self.until.isoformat()} | filters)

    def of(self, facts: Facts) -> list[ColumnElement[bool]]:
        """What a fact has to be to count here."""
        found: list[ColumnElement[bool]] = [facts.day >= self.since, facts.day <= self.until]
        named = ((facts.team_id, self.team), (facts.channel, self.channel), (facts.language, self.language), (facts.topic, self.topic))
        return found + [column == value for column, value in named if value]


def ends(of: Wanted, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments at which the period begins and ends."""
    first, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (of.since, of.until + timedelta(days=1)))
    return first, end


def wanted(today: date, *, since: date | None, until: date | None, days: int, **filters: str) -> Wanted:
    """What was asked for, within bounds: the last `days` days where no dates are given, never later than today, never longer than `LONGEST_DAYS`."""
    last = min(until or today, today)
    first = since or last - timedelta(days=min(max(days, 1), LONGEST_DAYS) - 1)
    return Wanted(max(min(first, last), last - timedelta(days=LONGEST_DAYS - 1)), last, **filters)
