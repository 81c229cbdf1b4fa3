"""What the encoder is taught, step by step: questions and the entries that answer them, texts that ask nothing, words that mean the same.

Each step asks questions of two businesses at once, some without diacritics or with a slip, as people type. `bot.adapt` learns from it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.faq.bank import Asked, Business
from bot.mendable import Mendable
from bot.understanding import FaqEntry

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast
_BARE = str.maketrans("õäöüšžÕÄÖÜŠŽ", "oaouszOAOUSZ")


class LearningFailed(Mendable):
    """The lessons can't be learned from; the message says why."""


@dataclass(frozen=True)
class Plan:
    """How long and how hard to learn."""

    steps: int = 440
    rate: float = 5e-4
    rank: int = 16
    token_dim: int = 128
    temperature: float = 0.05
    questions: int = 4  # asked of each entry in a step
    unanswered: int = 8  # questions without an entry, of each business
    chatter: int = 24  # texts of other intents
    words: int = 48  # groups of words, three of each
    alike: float = 0.3  # weight of questions among themselves
    vocabulary: float = 0.3  # weight of words among themselves
    tokens: float = 0.5  # weight of tokens compared one by one
    dropout: float = 0.1


@dataclass(frozen=True)
class Query:
    """A text as asked; two with a group in common mean the same, and `groups` holds the ids of the entries that answer it."""

    text: str
    groups: frozenset[str]


@dataclass(frozen=True)
class Lessons:
    """What is learned from: businesses, texts of other intents by intent, and groups of expressions that mean the same."""

    businesses: Sequence[Business]
    chatter: Mapping[str, Sequence[str]]
    words: Sequence[Sequence[str]] = ()


def read_words(folder: Path) -> list[list[str]]:
    """The groups of all files in a folder, each a YAML list of lists of expressions. Raises `LearningFailed`."""
    groups: list[list[str]] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            found = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - it is the safe one
        except (OSError, yaml.YAMLError) as error:
            raise LearningFailed(f"{path}: {error}") from error
        for number, group in enumerate(found if isinstance(found, list) else [found], start=1):
            if not isinstance(group, list) or not all(isinstance(text, str) for text in group):
                raise LearningFailed(f"{path}, group {number}: write expressions in brackets, [one, other], with quotes round numbers, on, off, yes and no")
            groups += [group] if len(group) > 1 else []
    return groups


def steps(lessons: Lessons, plan: Plan, dice: random.Random) -> Iterator[tuple[list[Query], list[FaqEntry]]]:
    """One step's questions and the entries they are asked of. Every business comes as often as every other."""
    turns: list[Business] = []
    for _ in range(plan.steps):
        if len(turns) < 2:  # an odd one out waits for its turn no longer: it would meet itself
            turns = dice.sample(list(lessons.businesses), len(lessons.businesses))
        pair = [turns.pop(), turns.pop()]
        queries = [query for business in pair for query in _asked_of(business, plan, dice)] + _chatter(lessons.chatter, plan, dice)
        yield [Query(as_typed(query.text, dice), query.groups) for query in queries], [entry for business in pair for entry in business.entries]


def _asked_of(business: Business, plan: Plan, dice: random.Random) -> Iterator[Query]:
    by_entry: dict[str, list[Asked]] = {entry.id: [] for entry in business.entries}
    unanswered: list[str] = []
    for one in business.asked:
        if one.kind == "followup":
            continue
        if one.right:
            by_entry[one.topic].append(one)
        elif one.kind == "out_of_scope":
            unanswered.append(one.text)
    for entry in business.entries:
        own = by_entry[entry.id]
        yield from (Query(one.text, one.right) for one in dice.sample(own, min(plan.questions, len(own))))
        if dice.random() < 1 / plan.questions:
            yield Query(entry.question, frozenset([entry.id]))
    yield from (Query(text, frozenset()) for text in dice.sample(unanswered, min(plan.unanswered, len(unanswered))))


def _chatter(chatter: Mapping[str, Sequence[str]], plan: Plan, dice: random.Random) -> list[Query]:
    """A few texts each of a few intents: none is a question to an FAQ, and those of one intent mean much the same."""
    intents = dice.sample(sorted(chatter), min(plan.chatter // plan.questions, len(chatter)))
    return [
        Query(text, frozenset([f"intent {intent}"]))
        for intent in intents
        for text in dice.sample(list(chatter[intent]), min(plan.questions, len(chatter[intent])))
    ]


def words_of(groups: Sequence[Sequence[str]], plan: Plan, dice: random.Random) -> list[Query]:
    """Three expressions each of some groups; one that stands in several of them belongs to all."""
    chosen = dice.sample(list(groups), min(plan.words, len(groups)))
    texts = [text for group in chosen for text in dice.sample(list(group), min(3, len(group)))]
    return [Query(text, frozenset(str(number) for number, group in enumerate(chosen) if text in group)) for text in texts]


def as_typed(text: str, dice: random.Random) -> str:
    """Now and then without diacritics, without capitals or with a slip, as people type."""
    chance = dice.random()
    if chance < 0.12:
        return text.translate(_BARE)
    if chance < 0.22:
        return text.lower()
    if chance < 0.32 and len(text) > 6:
        at = dice.randrange(1, len(text) - 1)
        slips = (text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :])
        return dice.choice(slips)
    return text
