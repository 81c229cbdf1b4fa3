"""Moments, browsers and acts as people say them, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fastapi import Request

from bot.understanding import Language
from handoff.accounts.tables import AuditRow, Role
from handoff.database import now
from handoff.people.room import Room
from handoff.texts import Texts
from handoff.web import page_language

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"))
ENGINES = (("Chrome", "Chrome"), ("Safari", "Safari"))  # others say these names too: looked for last
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Target:
    """What an act was done to; `href` leads to it where there is a page."""

    text: str
    href: str = ""


class Words:
    """Says things for one reader."""

    def __init__(self, texts: Texts, language: Language, zone: ZoneInfo) -> None:
        self._texts, self._language, self._zone = texts, language, zone

    @classmethod
    def of(cls, room: Room, request: Request) -> Words:
        """For whoever asks."""
        return cls(room.pages.texts, page_language(request), ZoneInfo(room.services.settings.time_zone))

    def moment(self, at: datetime | None) -> str:
        """„täna 14.20“, „eile 9.05“, „3.11.2026 9.05“; a dash for never."""
        if at is None:
            return "–"
        local = at.astimezone(self._zone)
        clock = f"{local.hour}.{local.minute:02}" if self._language == "et" else f"{local.hour}:{local.minute:02}"
        days = (now().astimezone(self._zone).date() - local.date()).days
        if days in (0, 1):
            return f"{self._texts.say(self._language, f'people.day_{days}')} {clock}"
        return f"{self.day(local.date())} {clock}"

    def day(self, day: date) -> str:
        """„3.11.2026“, "03/11/2026", «03.11.2026»."""
        forms = {"et": f"{day.day}.{day.month:02}.{day.year}", "en": f"{day:%d/%m/%Y}", "ru": f"{day:%d.%m.%Y}"}
        return forms[self._language]

    def device(self, name: str | None) -> str:
        """„Firefox, Windows“ of what a browser calls itself."""
        told = name or ""
        browser = next((said for sign, said in (*BROWSERS, *ENGINES) if sign in told), "")
        system = next((said for sign, said in SYSTEMS if sign in told), "")
        return ", ".join(part for part in (browser, system) if part) or self._texts.say(self._language, "people.device")

    def role(self, role: str) -> str:
        return self._texts.say(self._language, f"people.role.{role}") if role in set(Role) else role

    @property
    def everybody(self) -> str:
        """Whoever has no times of their own."""
        return self._texts.say(self._language, "times.everybody")

    def act(self, act: str) -> str:
        """The act in words; one that has none yet shows its name."""
        said = self._texts.say(self._language, f"people.act.{act}")
        return act.replace("_", " ") if said.startswith("[?") else said

    def target(self, row: AuditRow, names: Mapping[str, str]) -> Target:
        """Whom or what the act was about: people and teams by name, conversations as a link."""
        told = row.target or ""
        first, *rest = told.split(" ") if told else [""]
        if row.act.endswith("_conversation"):
            return Target(first[:8], f"/desk/{first}")
        if first in names:
            roles = f" ({' → '.join(map(self.role, rest))})" if row.act == "changed_role" else ""
            return Target(names[first] + roles)
        return Target(re.sub(r"[0-9a-f]{40,}", lambda found: f"{found[0][:8]}…", told))
