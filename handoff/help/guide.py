"""Walking a guide that asks. The way taken stands in the address, a letter a step, so that it works without a script and „back“ goes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.understanding import Language, Step

YES, NO, ON = "y", "n", "x"
LONGEST = 60  # steps: a guide may lead round, a reader does not


@dataclass(frozen=True)
class Taken:
    """A step that lies behind: what was chosen there (`y`, `n` or `x` for going on), and the way to it."""

    step: Step
    chosen: str
    way: str


@dataclass(frozen=True)
class Walk:
    """The way so far and the step where the reader stands."""

    taken: tuple[Taken, ...]
    here: Step
    is_end: bool

    @property
    def way(self) -> str:
        return "".join(one.chosen for one in self.taken)

    @property
    def number(self) -> int:
        return len(self.taken) + 1


def walk(steps: Sequence[Step], way: str) -> Walk:
    """Go the way as far as it leads today; what no longer fits (the guide was changed meanwhile) is left off. `steps` has at least one."""
    place = {step.id: number for number, step in enumerate(steps)}
    here, taken = steps[0], list[Taken]()
    for chosen in way[:LONGEST]:
        target = _after(steps, place[here.id], chosen)
        if target is None or target not in place:
            break
        taken.append(Taken(here, chosen, way[: len(taken)]))
        here = steps[place[target]]
    return Walk(tuple(taken), here, not here.asks and _after(steps, place[here.id], ON) is None)


def told(done: Walk, language: Language, words: dict[str, str]) -> str:
    """What was tried, one line a step, for whoever helps on. `words` names `y` and `n`."""
    lines = [f"{number}. {_line(one.step, language)}" + (f" – {words[one.chosen]}" if one.chosen in words else "") for number, one in enumerate(done.taken, 1)]
    return "\n".join([*lines, f"{done.number}. {_line(done.here, language)}"])


def _line(step: Step, language: Language) -> str:
    return " ".join(step.text_in(language).split())


def _after(steps: Sequence[Step], place: int, chosen: str) -> str | None:
    """The id of the next step; None where this choice leads nowhere."""
    step = steps[place]
    if step.asks:
        return {YES: step.yes, NO: step.no}.get(chosen)
    if step.end or chosen != ON or place + 1 == len(steps):
        return None
    return steps[place + 1].id
