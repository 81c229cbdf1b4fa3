"""What an entry in a file may hold, as pydantic checks it. `bot.faq.entries` reads and writes the files and says what is wrong with its place."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

MOST_STEPS = 40
MOST_BUTTONS = 3


def is_web_address(address: str) -> bool:
    """Whether it is an address that a browser opens: http or https, with a host, in one piece."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(letter.isspace() or letter in '<>"' for letter in address)


def _web(address: str) -> str:
    if not is_web_address(address):
        raise ValueError("must be one address that begins with https:// or http://")
    return address


def _day(value: Any) -> Any:
    """YAML reads 2026-12-24 as a day; in quotes it is a text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _no_flag(value: Any) -> Any:
    """YAML reads a bare `yes`, `no` or `on` as true or false: as a key of a step it is meant as written."""
    return {{True: "yes", False: "no"}.get(key, key) if isinstance(key, bool) else key: one for key, one in value.items()} if isinstance(value, dict) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Slug = Annotated[str, StringConstraints(pattern=r"^\w[\w.:-]{0,99}$")]
StepId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Web = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000), AfterValidator(_web)]
Day = Annotated[date, BeforeValidator(_day)]


class Translation(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    question: Text
    answer: Text
    steps: dict[StepId, Text] = Field(default_factory=dict)
    buttons: list[Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]] = Field(default_factory=list)


class Translations(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    en: Translation | None = None
    ru: Translation | None = None


class StepForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: StepId
    text: Text
    yes: StepId | None = None
    no: StepId | None = None
    end: bool = False


class ButtonForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: Title
    url: Web | None = None
    entry: Slug | None = None


class EntryForm(BaseModel):
    """One entry as it stands in a file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Slug
    question: Text
    answer: Text
    examples: list[Text] = Field(default_factory=list)
    translations: Translations = Field(default_factory=Translations)
    tags: list[Text] = Field(default_factory=list)
    topic: str = Field("", max_length=100)
    needs_identity: bool = False
    steps: list[Annotated[StepForm, BeforeValidator(_no_flag)]] = Field(default_factory=list, max_length=MOST_STEPS)
    buttons: list[ButtonForm] = Field(default_factory=list, max_length=MOST_BUTTONS)
    video: Web | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
