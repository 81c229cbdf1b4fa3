"""What the API takes and gives of entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from handoff.api.shapes import TIME, shown


class Translation(BaseModel):
    """An entry's words in another language."""

    model_config = shown(question="When does my parcel arrive?", answer="In two working days.")

    question: str = Field("", max_length=1_000)
    answer: str = Field("", max_length=20_000)


class Written(BaseModel):
    """What is written in an entry. What else an entry may have (steps, buttons, dates) stays as it is; the editor changes it."""

    model_config = shown(topic="tarne", question="Millal pakk jõuab?", answer="Kahe tööpäevaga.", examples=["Kus mu pakk on?"], tags=[], translations={})

    topic: str = Field("", max_length=100)
    question: str = Field(min_length=1, max_length=1_000)
    answer: str = Field(min_length=1, max_length=20_000)
    examples: list[str] = Field([], max_length=200)
    tags: list[str] = Field([], max_length=50)
    translations: dict[Literal["en", "ru"], Translation] = {}


class NewEntry(Written):
    """An entry that is not there yet; without an id it gets one from its question."""

    model_config = shown(topic="tarne", question="Millal pakk jõuab?", answer="Kahe tööpäevaga.", examples=["Kus mu pakk on?"])

    id: str | None = Field(None, min_length=1, max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")


class Rewritten(Written):
    """What an entry says from now on. `revision` is the one that the writing began from: nothing of anybody else's is overwritten."""

    model_config = shown(topic="tarne", question="Millal pakk jõuab?", answer="Ühe tööpäevaga.", revision=3)

    revision: int = Field(ge=0)


class Revision(BaseModel):
    """The revision that is meant."""

    model_config = shown(revision=4)

    revision: int = Field(ge=0)


class Entry(BaseModel):
    """An entry with what is written in it; `published` says that customers are answered so, `changed`, that something newer waits to be published."""

    model_config = shown(
        id="millal-pakk-jouab",
        topic="tarne",
        status="published",
        revision=3,
        published=True,
        changed=False,
        question="Millal pakk jõuab?",
        answer="Kahe tööpäevaga.",
        examples=["Kus mu pakk on?"],
        tags=[],
        translations={},
        changed_at=TIME,
    )

    id: str
    topic: str
    status: str
    revision: int
    published: bool
    changed: bool
    question: str
    answer: str
    examples: list[str]
    tags: list[str]
    translations: dict[str, Any]
    changed_at: datetime | None
