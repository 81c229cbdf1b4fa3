"""What a rule reads and what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as of_dataclass
from typing import Any

from bot.understanding import LANGUAGES, Language

RULES = (
    "personal", "conflict", "duplicate", "same_wording", "dead_link", "cut_link", "past_date", "badly_rated", "spelling", "wording", "long_sentence",
    "too_long", "no_translation", "never_asked",
)  # fmt: skip
"""Every rule, what presses most first."""


@dataclass(frozen=True)
class Field:
    """One text of an entry: `name` is that of the form's field, such as `translations.en.answer` or `examples.2`."""

    name: str
    text: str
    language: Language
    is_answer: bool = False


@dataclass(frozen=True)
class Finding:
    """One hint. `start` and `end` (exclusive, characters) are its place in the field's text; None means the whole field.

    `values` fill the sentence that is shown; `other` is an entry it is about besides this one.
    """

    rule: str
    field: str
    start: int | None = None
    end: int | None = None
    values: Mapping[str, str] = of_dataclass(default_factory=dict)
    other: str | None = None


def fields(content: Mapping[str, Any]) -> Iterator[Field]:
    """Every text of an entry's content that is not empty."""
    yield from (one for one in _all(content) if one.text.strip())


def answers(content: Mapping[str, Any]) -> Iterator[Field]:
    """The answer and its steps in each language that they are written in."""
    return (one for one in fields(content) if one.is_answer)


def _all(content: Mapping[str, Any]) -> Iterator[Field]:
    yield Field("question", content["question"], "et")
    yield Field("answer", content["answer"], "et", is_answer=True)
    for place, example in enumerate(content.get("examples", ())):
        yield Field(f"examples.{place}", example, "et")
    for place, step in enumerate(content.get("steps", ())):
        yield Field(f"steps.{place}.text", step["text"], "et", is_answer=True)
    for language in LANGUAGES:
        texts = content.get("translations", {}).get(language, {})
        for name in ("question", "answer"):
            yield Field(f"translations.{language}.{name}", texts.get(name, ""), language, is_answer=name == "answer")
        for step_id, text in texts.get("steps", {}).items():
            yield Field(f"translations.{language}.steps.{step_id}", text, language, is_answer=True)
