"""What the two processes tell each other. A leaf: the house's process loads nothing of Rasa with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.understanding import FaqEntry

REPLACE = "replace_entries"
FORESEE = "foresee"
"""A call that nothing comes back of."""


@dataclass(frozen=True)
class Call:
    """To the bot: this method, please. A negative number is never answered."""

    number: int
    method: str
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Amended:
    """The entries to answer from, told by what is new against those that were told before: of ten thousand usually one."""

    ids: tuple[str, ...]  # in their order
    new: tuple[FaqEntry, ...]

    @staticmethod
    def between(before: Mapping[str, FaqEntry], now: Sequence[FaqEntry]) -> Amended:
        return Amended(tuple(entry.id for entry in now), tuple(entry for entry in now if not same(before.get(entry.id), entry)))

    def after(self, before: Mapping[str, FaqEntry]) -> list[FaqEntry]:
        """The entries."""
        new = {entry.id: entry for entry in self.new}
        return [new.get(one) or before[one] for one in self.ids]


def same(one: FaqEntry | None, other: FaqEntry) -> bool:
    """Also in the ids that they had, which two alike may differ in."""
    return one is other or (one == other and one is not None and one.formerly == other.formerly)


@dataclass(frozen=True)
class GiveUp:
    """To the bot: nobody waits for this call any more."""

    number: int


@dataclass(frozen=True)
class Standing:
    """What of the bot is asked without waiting."""

    revision: int
    sketch_form: str


@dataclass(frozen=True)
class Done:
    """From the bot: what came of a call, how long the parts of turns took since the last one, and how it stands now."""

    number: int
    value: Any
    error: Exception | None
    parts: tuple[tuple[str, float], ...]
    standing: Standing


@dataclass(frozen=True)
class Awake:
    """From the bot, first of all: it can be asked."""

    standing: Standing


@dataclass(frozen=True)
class Asleep:
    """From the bot, first and last of all: it could not be started."""

    error: Exception


@dataclass(frozen=True)
class Logged:
    """From the bot: a line for the house's log."""

    logger: str
    level: int
    message: str
