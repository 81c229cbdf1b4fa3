"""The bot's first words by page, as the operator wrote them.

They stand on the server, not on the site's tag: the greeting opens the conversation's record, and what the bot is said to have said
must not come from a page that anyone can change in their own browser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from urllib.parse import quote, urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from bot.understanding import Language
from handoff.errors import SettingsError
from handoff.settings import Settings
from handoff.texts import Texts

SAYS_MACHINE = re.compile(r"tehis(?:aru|intellekt)|\b(?:juturobot|robot|bot|AI)\b|\bИИ\b|искусственн|\b(?:ро)?бот\b", re.IGNORECASE)


class Rule(BaseModel):
    """`page` is a path; with `*` at its end, every path that begins so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: str = Field(pattern=r"^[/*]")
    et: str = ""
    en: str = ""
    ru: str = ""

    @field_validator("page")
    @classmethod
    def _as_in_addresses(cls, page: str) -> str:
        return quote(page, safe="/*%:@!$&'()+,;=~")  # browsers name `/järelmaks` as `/j%C3%A4relmaks`

    def fits(self, path: str) -> bool:
        """The widget's `fits` in pages.js decides the same way."""
        return path.startswith(self.page[:-1]) if self.page.endswith("*") else path == self.page


@dataclass(frozen=True)
class Greetings:
    """The first rule that fits the page and has the language speaks; otherwise the house's own greeting."""

    texts: Texts
    settings: Settings
    rules: Sequence[Rule] = ()

    def all(self, language: Language) -> list[tuple[str, str]]:
        """Page and words, in order; the last one fits every page."""
        written = [
            (rule.page, self._openly(Template(words).safe_substitute(self._names), language)) for rule in self.rules if (words := getattr(rule, language))
        ]
        return [*written, ("*", self.texts.say(language, "widget.greeting", **self._names))]

    def on(self, page: str | None, language: Language) -> str:
        """The greeting for the address of a page."""
        path = urlsplit(page or "").path or "/"
        return next(words for pattern, words in self.all(language) if Rule(page=pattern).fits(path))

    def _openly(self, words: str, language: Language) -> str:
        """The operator's words; where they leave it out, they are preceded by who speaks: a machine (EU AI Act, article 50)."""
        return words if SAYS_MACHINE.search(words) else f"{self.texts.say(language, 'machine_speaks', **self._names)} {words}"

    @property
    def _names(self) -> dict[str, str]:
        return {"bot": self.settings.bot_name, "company": self.settings.company}


def read_greetings(texts: Texts, settings: Settings) -> Greetings:
    """From the file that `ABILINE_GREETINGS` names. Raises `SettingsError`."""
    if not settings.greetings:
        return Greetings(texts, settings)
    path = Path(settings.greetings)
    try:
        rules = TypeAdapter(list[Rule]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"ABILINE_GREETINGS: can't read {path} ({error.strerror})") from None
    except (yaml.YAMLError, ValidationError) as error:
        raise SettingsError(f"ABILINE_GREETINGS: {path} is not a list of page and words: {error}") from None
    return Greetings(texts, settings, rules)
