"""Whether the steps of a guide lead everywhere they say and always come to an end. Pure: the file form and the editor both ask here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.understanding import Step


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one step: its place in the list from 0, the part of it, a code for pages and a sentence with the mend."""

    place: int
    part: str
    code: str
    message: str


def wrong_steps(steps: Sequence[Step]) -> list[Wrong]:
    """Everything to mend. Whether steps are reached and end is told once every target is known."""
    return [*_doubled(steps), *_ways(steps)] or [*_unreached(steps), *_endless(steps)]


def following(steps: Sequence[Step], place: int) -> list[str]:
    """Ids of the steps that may come after this one; none at an end."""
    step = steps[place]
    if step.asks:
        return [step.yes, step.no]
    return [] if step.end or place + 1 == len(steps) else [steps[place + 1].id]


def _doubled(steps: Sequence[Step]) -> Iterable[Wrong]:
    seen: set[str] = set()
    for place, step in enumerate(steps):
        if step.id in seen:
            yield Wrong(place, "id", "step_twice", f"the step „{step.id}“ stands here a second time; give it another id")
        seen.add(step.id)


def _ways(steps: Sequence[Step]) -> Iterable[Wrong]:
    known = {step.id for step in steps}
    for place, step in enumerate(steps):
        if bool(step.yes) != bool(step.no):
            missing = "no" if step.yes else "yes"
            yield Wrong(place, missing, "step_one_way", f"the step „{step.id}“ asks and has one way only; add „{missing}“")
        if step.end and (step.yes or step.no):
            yield Wrong(place, "end", "step_end_asks", f"the step „{step.id}“ asks and ends; keep „end“ or the two ways")
        for part, target in (("yes", step.yes), ("no", step.no)):
            if target and target not in known:
                yield Wrong(
                    place, part, "step_unknown", f"the step „{step.id}“ leads to „{target}“, which there is not; choose one of {', '.join(sorted(known))}"
                )


def _unreached(steps: Sequence[Step]) -> Iterable[Wrong]:
    after = _after(steps)
    reached = _spread(after, [step.id for step in steps[:1]])
    for place, step in enumerate(steps):
        if step.id not in reached:
            yield Wrong(place, "text", "step_unreached", f"no way leads to the step „{step.id}“; let one lead there or take it out")


def _endless(steps: Sequence[Step]) -> Iterable[Wrong]:
    """Steps from which no way ends: somebody would go round for ever."""
    after = _after(steps)
    before: dict[str, list[str]] = {step.id: [] for step in steps}
    for one, targets in after.items():
        for target in targets:
            before[target].append(one)
    ending = _spread(before, [one for one, targets in after.items() if not targets])
    around = [(place, step) for place, step in enumerate(steps) if step.id not in ending]
    if around:
        place = around[0][0]
        round_trip = ", ".join(f"„{one.id}“" for _, one in around)
        yield Wrong(place, "text", "step_endless", f"the steps {round_trip} lead round and round; let one of them end or lead to an end")


def _after(steps: Sequence[Step]) -> dict[str, list[str]]:
    return {step.id: following(steps, place) for place, step in enumerate(steps)}


def _spread(ways: Mapping[str, Sequence[str]], begin: Iterable[str]) -> set[str]:
    """Everything that can be come to from there."""
    reached: set[str] = set()
    left = list(begin)
    while left:
        here = left.pop()
        if here not in reached:
            reached.add(here)
            left += ways[here]
    return reached
