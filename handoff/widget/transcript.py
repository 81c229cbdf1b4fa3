"""The conversation to keep: who said what and when, as a page to print and as a letter."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.understanding import Language
from handoff.conversations.shelf import Shelf
from handoff.dates import as_date
from handoff.markdown import as_html, as_letter
from handoff.settings import Settings
from handoff.texts import Texts

LARGEST_PICTURE = 60_000  # bytes of a preview that is shown in the page


@dataclass(frozen=True)
class File:
    """A file by its name and size; `picture` is a small one as a data address, where the page can show it."""

    name: str
    size: str
    picture: str | None = None


@dataclass(frozen=True)
class Line:
    """Something said (then `who` is named) or something that happened."""

    at: datetime
    clock: str
    actor: str
    who: str
    html: Markup
    plain: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Day:
    name: str
    lines: list[Line]


class Transcripts:
    """Writes transcripts in the customer's language, with the house's names and clock."""

    def __init__(self, settings: Settings, texts: Texts, shelf: Shelf) -> None:
        self._settings = settings
        self._texts = texts
        self._shelf = shelf
        self._zone = ZoneInfo(settings.time_zone)

    def days(self, events: Iterable[Mapping[str, Any]], language: Language) -> list[Day]:
        """The events that are the customer's to see, in order, day by day."""
        lines = [line for event in events if (line := self._line(event, language))]
        return [Day(as_date(day, language), list(of_it)) for day, of_it in groupby(lines, key=lambda line: line.at.date())]

    def today(self, moment: datetime, language: Language) -> str:
        return as_date(moment.astimezone(self._zone).date(), language)

    def _line(self, event: Mapping[str, Any], language: Language) -> Line | None:
        at = datetime.fromisoformat(event["at"]).astimezone(self._zone)
        clock = f"{at.hour}{'.' if language == 'et' else ':'}{at.minute:02}"
        actor, body = event["actor"], event["body"]
        if event["kind"] != "message":
            words = self._happened(event["kind"], body, language)
            return Line(at, clock, "system", "", escape(words), words) if words else None
        html, plain = (as_html(body["text"]), as_letter(body["text"])) if actor == "bot" else (escape(body["text"]), body["text"])
        files = tuple(self._file(file, language) for file in body.get("files", ()))
        return Line(at, clock, actor, self._who(actor, body, language), html, plain, files)

    def _happened(self, kind: str, body: Mapping[str, Any], language: Language) -> str | None:
        """As the widget says it; None for what it does not say either."""
        key = f"widget.{kind}"
        if key not in self._texts.all(language):
            return None
        return self._texts.say(language, key, bot=self._settings.bot_name, **{name: value for name, value in body.items() if name in ("name", "left")})

    def _who(self, actor: str, body: Mapping[str, Any], language: Language) -> str:
        if actor == "customer":
            return self._texts.say(language, "widget.you")
        if actor == "bot":
            return f"{self._settings.bot_name} · {self._texts.say(language, 'widget.machine')}"
        return f"{body.get('name') or self._settings.company} · {self._texts.say(language, 'widget.person')}"

    def _file(self, file: Mapping[str, Any], language: Language) -> File:
        megabytes = f"{max(file['size'] / 1e6, 0.1):.1f}"
        size = f"{megabytes if language == 'en' else megabytes.replace('.', ',')}\u00a0{'МБ' if language == 'ru' else 'MB'}"
        bytes_of_preview = self._shelf.size(file["id"], preview=True) if "width" in file else None
        if bytes_of_preview is None or bytes_of_preview > LARGEST_PICTURE:
            return File(file["name"], size, None)
        preview = b"".join(self._shelf.read(file["id"], preview=True))
        return File(file["name"], size, f"data:image/webp;base64,{base64.b64encode(preview).decode()}")
