"""What an editor may save: limits and completeness, each refusal naming the field and carrying a code for the page."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from handoff.editor import parts
from handoff.entries.slugs import ID
from handoff.errors import Unreadable

LONGEST_QUESTION = 500
LONGEST_ANSWER = 10_000
MOST_EXAMPLES = 200
MOST_TAGS = 30
LONGEST_WORD = 80  # a tag, a topic
LONGEST_ID = 100  # as in the file form


class Translation(BaseModel):
    """The entry in another language; empty on both sides means there is none."""

    model_config = ConfigDict(extra="forbid")

    question: str = ""
    answer: str = ""
    steps: dict[str, str] = Field({}, description="texts of steps, by the step's id")
    buttons: list[str] = Field([], description="titles of buttons, in their order")


class Form(BaseModel):
    """An entry as the editor's page sends it. `revision` is the one the writing began from; None makes a new entry."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field("", description="only for a new entry; empty makes one from the question")
    revision: int | None = None
    topic: str = ""
    question: str = ""
    answer: str = ""
    examples: list[str] = []
    tags: list[str] = []
    needs_identity: bool = Field(False, description="told to verified customers only")
    translations: dict[Literal["en", "ru"], Translation] = {}
    steps: list[parts.StepForm] = []
    buttons: list[parts.ButtonForm] = []
    video: str = Field("", description="address of a film that shows it")
    valid_from: str = Field("", description="the first day it is answered from, as 2026-12-24, in the operator's time zone")
    valid_until: str = Field("", description="the last day")

    def content(self) -> dict[str, Any]:
        """The tidy content to keep. Raises `Unreadable` naming the first field that needs a mend."""
        question, answer = self.question.strip(), self.answer.strip()
        _filled("question", question, LONGEST_QUESTION)
        _filled("answer", answer, LONGEST_ANSWER)
        steps, buttons = parts.steps(self.steps), parts.buttons(self.buttons)
        return {
            "question": question,
            "answer": answer,
            "examples": _lines("examples", self.examples, MOST_EXAMPLES, LONGEST_QUESTION),
            "translations": self._translations(steps, len(buttons)),
            "tags": _lines("tags", self.tags, MOST_TAGS, LONGEST_WORD),
            "needs_identity": self.needs_identity,
            "steps": steps,
            "buttons": buttons,
            "video": parts.video(self.video),
            **parts.days(self.valid_from, self.valid_until),
        }

    def unfinished(self) -> dict[str, Any]:
        """The content as far as it is written, for looking at: texts and the places of other wordings stay exactly as they are."""
        return {
            "question": self.question[:LONGEST_QUESTION],
            "answer": self.answer[:LONGEST_ANSWER],
            "examples": [line[:LONGEST_QUESTION] for line in self.examples[:MOST_EXAMPLES]],
            "translations": {
                language: {
                    "question": texts.question[:LONGEST_QUESTION],
                    "answer": texts.answer[:LONGEST_ANSWER],
                    "steps": texts.steps,
                    "buttons": texts.buttons,
                }
                for language, texts in self.translations.items()
                if texts.question.strip() or texts.answer.strip()
            },
            "tags": self.tags[:MOST_TAGS],
            "needs_identity": self.needs_identity,
            **parts.unfinished(self.steps, self.buttons, self.video, self.valid_from, self.valid_until),
        }

    def tidy_topic(self) -> str:
        topic = self.topic.strip()
        _short("topic", topic, LONGEST_WORD)
        return topic

    def tidy_id(self) -> str:
        """The id that was asked for, or "". Raises `Unreadable` for one that can't stand in an address."""
        return checked_id(self.id) if self.id.strip() else ""

    def _translations(self, steps: list[dict[str, Any]], buttons: int) -> dict[str, dict[str, Any]]:
        kept: dict[str, dict[str, Any]] = {}
        for language, texts in self.translations.items():
            question, answer = texts.question.strip(), texts.answer.strip()
            more = parts.translated(language, texts.steps, texts.buttons, steps, buttons)
            if not question and not answer and not more:
                continue
            for name, text, longest in (("question", question, LONGEST_QUESTION), ("answer", answer, LONGEST_ANSWER)):
                field = f"translations.{language}.{name}"
                if not text:
                    raise Unreadable(f"The translation needs its {name} too, or neither: {field}.", code="half_translation", field=field)
                _short(field, text, longest)
            kept[language] = {"question": question, "answer": answer} | more
        return kept


def checked_id(wanted: str) -> str:
    """The id, if it can stand in an address. Raises `Unreadable`."""
    tidy = wanted.strip()
    if len(tidy) > LONGEST_ID or not ID.fullmatch(tidy):
        raise Unreadable(f"The id {tidy!r} has other than small letters a–z, digits and single hyphens.", code="bad_id", field="id")
    return tidy


def _filled(field: str, text: str, longest: int) -> None:
    if not text:
        raise Unreadable(f"The entry needs its {field}.", code=f"missing_{field}", field=field)
    _short(field, text, longest)


def _short(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise Unreadable(f"{field} has {len(text)} characters; up to {longest} fit.", code="too_long", field=field)


def _lines(field: str, lines: list[str], most: int, longest: int) -> list[str]:
    kept = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if len(kept) > most:
        raise Unreadable(f"{field} has {len(kept)} lines; up to {most} fit.", code="too_many_lines", field=field)
    for line in kept:
        _short(field, line, longest)
    return kept
