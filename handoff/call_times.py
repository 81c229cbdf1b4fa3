"""When a customer may be called: pieces of working time that are offered, and how they are said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.understanding import Language
from handoff.conversations.calls import Window
from handoff.database import now
from handoff.dates import WEEKDAYS, as_weekday, on_weekday
from handoff.errors import Unreadable
from handoff.schedule import Hours
from handoff.texts import Texts

LENGTH = timedelta(hours=2)
LAST_MINUTE = time(23, 59)
ALONE = timedelta(minutes=30)  # how long a time lasts that an agent has set by the clock
LEAD = timedelta(minutes=30)  # nobody is called sooner by the clock; „as soon as possible“ may be
DAYS = 3  # working days that are offered
WITHIN = timedelta(hours=8)  # of working time: a call as soon as possible comes within it


@dataclass(frozen=True)
class Choice:
    """One window as a form offers it."""

    key: str
    label: str


@dataclass(frozen=True)
class Day:
    """The windows of one day."""

    label: str
    choices: tuple[Choice, ...]


class CallTimes:
    """Of one house. Texts are those that all rooms share."""

    def __init__(self, hours: Hours, texts: Texts) -> None:
        self._hours, self._texts = hours, texts

    def offered(self, language: Language) -> Sequence[Day]:
        """What may be chosen at this moment."""
        days: dict[date, list[Choice]] = {}
        for window in self._windows(now() + LEAD, DAYS):
            day = window.starts.astimezone(self._hours.zone).date()
            # A closed list shows the choice alone, without the day over it.
            choice = Choice(self.key(window), f"{WEEKDAYS[language][day.weekday()]} {self.clock(window, language)}")
            days.setdefault(day, []).append(choice)
        return [Day(self._day(day, language), tuple(choices)) for day, choices in days.items()]

    def chosen(self, key: str) -> Window:
        """The window of a form; as soon as possible where nothing was chosen. Raises `Unreadable` (code `time_gone`) for one that is not offered any more."""
        if not key:
            return self.soon()
        found = next((window for window in self._windows(now() - LEAD, DAYS + 1) if self.key(window) == key), None)  # the form may have been open for a while
        if found is None:
            raise Unreadable("That time is not offered any more.", code="time_gone", field="window")
        return found

    @staticmethod
    def key(window: Window) -> str:
        """The window's name in a form."""
        return window.starts.astimezone(UTC).strftime("%Y%m%dT%H%MZ")

    def soon(self) -> Window:
        """As soon as people can."""
        moment = now()
        starts = moment if self._hours.open_at(moment) else self._hours.next_opening(moment)
        return Window(starts, self._hours.after(starts, WITHIN))

    def at(self, written: str) -> Window:
        """The agent's own time, as a form's field for day and clock writes it, of the house's clock. An hour that the change of clocks leaves out is the one
        after it, of an hour that comes twice the first is meant. Raises `Unreadable` (code `time_gone`) for what is no time."""
        try:
            moment = datetime.fromisoformat(written)
            if moment.tzinfo is not None:
                raise ValueError("the house's clock is meant")
            starts = moment.replace(tzinfo=self._hours.zone).astimezone(UTC)
            day_ends = datetime.combine(moment, LAST_MINUTE, self._hours.zone).astimezone(UTC)
            return Window(starts, max(starts, min(starts + ALONE, day_ends)))  # over midnight it would be said as „until tomorrow“
        except (ValueError, OverflowError):
            raise Unreadable("That is no time.", code="time_gone", field="at") from None

    def is_open(self, window: Window) -> bool:
        """Whether people work when it begins."""
        return self._hours.open_at(window.starts)

    def wish(self, key: str, window: Window, language: Language) -> str:
        """What the customer says by choosing."""
        return self._texts.say(language, "call.wish", when=self.when(window, language)) if key else self._texts.say(language, "call.wish_soon")

    def when(self, window: Window, language: Language) -> str:
        """„teisipäeval, 24. novembril kell 13–15“; of one that goes over days, its end."""
        starts, ends = (moment.astimezone(self._hours.zone) for moment in (window.starts, window.ends))
        if starts.date() != ends.date():
            return self._texts.say(language, "call.until", day=on_weekday(ends.date(), language), clock=_clock(ends, language))
        return self._texts.say(language, "call.at", day=on_weekday(starts.date(), language), clock=self.clock(window, language))

    def clock(self, window: Window, language: Language) -> str:
        """„13–15“, "13:00–15:00"."""
        return "–".join(_clock(moment.astimezone(self._hours.zone), language) for moment in (window.starts, window.ends))

    def _windows(self, since: datetime, days: int) -> list[Window]:
        return [Window(*piece) for piece in self._hours.windows(since, length=LENGTH, days=days)]

    def _day(self, day: date, language: Language) -> str:
        label = as_weekday(day, language)
        return f"{self._texts.say(language, 'call.today')}, {label}" if day == now().astimezone(self._hours.zone).date() else label


def _clock(moment: datetime, language: Language) -> str:
    if language != "et":
        return f"{moment.hour}:{moment.minute:02}"
    return f"{moment.hour}.{moment.minute:02}" if moment.minute else str(moment.hour)
