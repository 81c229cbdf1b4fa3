"""Before publishing: are questions whose answer is known still answered as well? Asked of the bot with the change and without it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.understanding import FaqEntry, Probe, Reading, Understanding
from handoff.conversations.known_answers import KnownAnswer

MOST_REAL, MOST_OWN = 200, 60  # questions that are asked again: customers', and entries' own wordings
MOST_CHANGED = 200  # entries of an import that are looked at: one that was never read takes a tenth of a second
MOST_ASKED_ABOUT = 6  # of the draft's own wordings, how many say which entries are near
BATCH = 10
NEAR, NEAR_CHANCE = 3, 0.05  # a neighbour is among so many candidates for the draft's own wordings, with some likelihood
SUGGESTED = 3  # what a customer sees of a list
RIGHT, OFFERED, PERSON, WRONG = 3, 2, 1, 0  # what a customer gets, from best to worst


@dataclass(frozen=True)
class Asked:
    """A question to be asked again, and the entry that answers it. `own` is a wording that the entry has: it is asked as if it were new."""

    text: str
    entry_id: str
    own: bool = False

    @property
    def probe(self) -> Probe:
        return Probe(self.text, self.entry_id if self.own else None)


@dataclass(frozen=True)
class Got:
    """What the customer gets: an answer (`entry_id`), a list that holds the right one or doesn't, or the offer of a person."""

    action: str
    entry_id: str | None
    worth: int


@dataclass(frozen=True)
class Moved:
    """A question that would be answered otherwise."""

    asked: Asked
    before: Got
    after: Got

    @property
    def better(self) -> bool:
        return self.after.worth > self.before.worth


@dataclass(frozen=True)
class Plan:
    """What is about to happen: entries as they would be published, and those (as they are) that would be archived."""

    published: tuple[FaqEntry, ...] = ()
    archived: tuple[FaqEntry, ...] = ()


async def neighbours(bot: Understanding, *entries: FaqEntry) -> list[str]:
    """The entries themselves and those that the bot thinks of now when their own questions are asked; likelier ones first."""
    each = max(1, MOST_ASKED_ABOUT // len(entries))
    probes = [Probe(text, entry.id) for entry in entries[:MOST_CHANGED] for text in (entry.question, *entry.examples)[:each]]
    chances: dict[str, float] = {}
    for reading in await bot.rehearse(probes):
        for one in reading.candidates[:NEAR]:
            if one.probability >= NEAR_CHANCE:
                chances[one.entry_id] = max(chances.get(one.entry_id, 0.0), one.probability)
    own = [entry.id for entry in entries]
    return [*own, *sorted((entry_id for entry_id in chances if entry_id not in own), key=lambda one: -chances[one])]


def to_ask(near: Sequence[str], known: Sequence[KnownAnswer], published: Sequence[FaqEntry], gone: Sequence[FaqEntry] = ()) -> list[Asked]:
    """The nearest questions: those about the entry itself first, then its neighbours'. Nothing where nobody ever asked near.

    Of entries that would be `gone`, only what customers asked: that their own wordings lose the answer goes without saying.
    """
    order = {entry_id: place for place, entry_id in enumerate(near)}
    there = {entry.id for entry in published}
    asked = [(min(order.get(one, len(order)) for one in {entry.entry_id, *entry.near}), entry) for entry in known if entry.entry_id in there]
    real = [Asked(entry.text, entry.entry_id) for place, entry in sorted(asked, key=lambda pair: pair[0]) if place < len(order)]
    if not real:
        return []
    leaving = {entry.id for entry in gone}
    entries = sorted((entry for entry in published if entry.id in order and entry.id not in leaving), key=lambda entry: order[entry.id])
    own = [Asked(example, entry.id, own=True) for entry in entries for example in entry.examples]
    return list({one.text: one for one in [*own[:MOST_OWN], *real[:MOST_REAL]]}.values())


async def moved(bot: Understanding, plan: Plan, questions: Sequence[Asked]) -> AsyncIterator[tuple[int, list[Moved]]]:
    """Ask all again, some at a time; gives how many are done and which of those would get something better or worse."""
    gone = [entry.id for entry in plan.archived]
    for start in range(0, len(questions), BATCH):
        some = questions[start : start + BATCH]
        probes = [one.probe for one in some]
        before, after = await bot.rehearse(probes), await bot.rehearse(probes, others=plan.published[:MOST_CHANGED], without=gone)
        found = [Moved(one, got(old, one.entry_id), got(new, one.entry_id)) for one, old, new in zip(some, before, after, strict=True)]
        yield start + len(some), [one for one in found if one.before.worth != one.after.worth]


def got(reading: Reading, right: str) -> Got:
    """What a customer whose question is answered by the entry `right` gets from this reading."""
    best = reading.candidates[0].entry_id if reading.candidates else None
    if reading.action == "answer":
        parts = {part.candidates[0].entry_id for part in reading.parts if part.action == "answer" and part.candidates}
        answered = parts or {best or ""}
        return Got("answer", right if right in answered else best, RIGHT if right in answered else WRONG)
    if reading.action == "suggest":
        return Got("suggest", None, OFFERED if right in {one.entry_id for one in reading.candidates[:SUGGESTED]} else WRONG)
    return Got("human", None, PERSON)
