"""Rows as this room's pages show them, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.understanding import Language
from handoff.coaching.criteria import Criterion
from handoff.coaching.reviews import Looked
from handoff.coaching.week import Week
from handoff.conversations.events import words_of
from handoff.conversations.tables import EventRow
from handoff.dates import as_date
from handoff.texts import Texts

DASH = "–"


@dataclass(frozen=True)
class Message:
    """One message of the talk. `mine`: of the agent whose work is looked at."""

    number: int
    actor: str
    name: str
    at: datetime
    when: str
    text: str
    mine: bool
    note: str


class Words:
    """Moments and figures as people say them."""

    def __init__(self, texts: Texts, language: Language, zone: ZoneInfo) -> None:
        self._texts, self._language, self._zone = texts, language, zone

    def say(self, key: str, **filled: object) -> str:
        """A text of this room."""
        return self._texts.say(self._language, f"coaching.{key}", **filled)

    def topic(self, topic: str) -> str:
        """As people call it; by its own name where nobody has said how."""
        said = self._texts.say(self._language, f"topics.{topic}")
        return topic.capitalize() if said.startswith("[?") else said

    def criterion(self, criteria: Sequence[Criterion], name: str) -> str:
        """As it is called now; by its id where it is no longer there."""
        return next((one.names[self._language] for one in criteria if one.id == name), name.replace("_", " "))

    def when(self, at: datetime) -> str:
        """„21. november 2026 9.05“."""
        local = at.astimezone(self._zone)
        return f"{as_date(local.date(), self._language)} {self.clock(at)}"

    def clock(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{local.hour}{'.' if self._language == 'et' else ':'}{local.minute:02}"

    def number(self, value: float | None, digits: int = 1) -> str:
        """With the comma of the language; a dash for none."""
        if value is None:
            return DASH
        said = f"{value:.{digits}f}"
        return said if self._language == "en" else said.replace(".", ",")

    def wait(self, seconds: float | None) -> str:
        """„40 s“, „3 min 20 s“, „2 h 5 min“."""
        if seconds is None:
            return DASH
        minutes, rest = divmod(round(seconds), 60)
        hours, left = divmod(minutes, 60)
        parts = [(hours, "h"), (left, "min")] if hours else [(minutes, "min"), (rest, "s")] if minutes else [(rest, "s")]
        return " ".join(f"{number}\N{NO-BREAK SPACE}{unit}" for number, unit in parts if number or len(parts) == 1)

    def figures(self, *weeks: Week) -> Sequence[tuple[str, Sequence[str]]]:
        """By name, the figure in each week; scores only where somebody gave one."""
        asked = dict.fromkeys(score.scale for one in weeks for score in one.scores)
        return [
            ("conversations", [str(one.conversations) for one in weeks]),
            ("first_response", [self._of(self.wait(one.first_response), one.responses) for one in weeks]),
            *((scale.value, [self._score(one, scale.value) for one in weeks]) for scale in asked),
            ("review", [self._of(self.number(one.review), one.reviews) for one in weeks]),
        ]

    def _score(self, week: Week, kind: str) -> str:
        return next((self._of(self.number(score.mean), score.count) for score in week.scores if score.scale == kind), DASH)

    def _of(self, said: str, count: int) -> str:
        return said if said == DASH else f"{said} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{count})"


def talk(looked: Looked, words: Words, covered: Callable[[str], str] = str) -> Sequence[Message]:
    """What was said, with the notes on it. `covered` masks what customers wrote, where the house wants that."""
    notes: Mapping[int, str] = looked.notes
    return [
        Message(
            event.number,
            event.actor,
            str(event.body.get("name", "")),
            event.at,
            words.when(event.at),
            _said(event, covered),
            event.agent_id == looked.agent.id,
            notes.get(event.number, ""),
        )
        for event in looked.said
    ]


def _said(event: EventRow, covered: Callable[[str], str]) -> str:
    if event.body.get("text") is None:
        return ""
    return words_of(event) if event.actor == "agent" or event.body.get("entry_id") else covered(words_of(event))
