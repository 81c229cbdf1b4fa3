"""Figures as people say them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.understanding import Language
from handoff.conversations.scores import Scale
from handoff.reports.asked import Opinion
from handoff.reports.figures import Share
from handoff.reports.intervals import Estimate
from handoff.web import Pages


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

    def date(self, day: date) -> str:
        return f"{day.day}.{day.month:02}.{day.year}" if self._language != "en" else f"{day:%d/%m/%Y}"

    def hours(self, hours: float) -> str:
        number = f"{hours:.1f}" if hours < 10 else f"{hours:.0f}"
        return self._say("saved.hours", hours=number if self._language == "en" else number.replace(".", ","))

    def between(self, estimate: Estimate) -> str:
        """The interval of a share and what it was counted from; nothing where there is nothing."""
        return self._between(estimate, self.share)

    def between_times(self, estimate: Estimate) -> str:
        return self._between(estimate, lambda seconds: self.wait(max(0.0, seconds or 0.0)))

    def score(self, kind: Scale, estimate: Estimate) -> str:
        return self._score(kind, estimate.value)

    def brief(self, estimate: Estimate, kind: Scale = Scale.CSAT) -> str:
        """The interval and the size of the sample as a line in a table: „54 % – 78 % · 12“."""
        if not estimate.size:
            return ""
        ends = [] if estimate.low is None else [f"{self._score(kind, estimate.low)} – {self._score(kind, estimate.high)}"]
        return " · ".join([*ends, str(estimate.size)])

    def opinion(self, one: Opinion) -> str:
        return self._score(one.kind, one.figure.value)

    def opinion_between(self, one: Opinion) -> str:
        return self._between(one.figure, lambda value: self._score(one.kind, value))

    def _score(self, kind: Scale, value: float | None) -> str:
        if value is None or kind is Scale.CSAT:
            return self.share(value)
        said = f"{value:.1f}" if kind is Scale.CES else f"{value:+.0f}".replace("-", "−")
        return said if self._language == "en" else said.replace(".", ",")

    def _between(self, estimate: Estimate, said: Callable[[float | None], str]) -> str:
        if not estimate.size:
            return ""
        if estimate.low is None:
            return self._say("only_size", size=estimate.size)
        return self._say("between", low=said(estimate.low), high=said(estimate.high), size=estimate.size)

    def _say(self, key: str, **filled: object) -> str:
        return self._texts.say(self._language, f"figures.{key}", **filled)
