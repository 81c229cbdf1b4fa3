"""How it stands among the others: the same wording, the same question with another answer, translations, use and ratings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.understanding import LANGUAGES, Candidate, Language
from handoff.conversations.usage import Usage
from handoff.editor.lint.finding import Finding

NEAR = 0.95  # how likely another entry must be to answer this one's question; mere neighbours reach 0.9 where the entry itself is away
UNASKED_DAYS = 90
FEWEST_RATINGS, FEWEST_HELPFUL = 5, 0.5
_NUMBER = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[^\W\d_]{2,}|[€%])")
_UNIT_LETTERS = 4  # „päeva“ and „päevaga“ are one unit
SHARED_BY = 2  # an address that stands in so many other answers is the house's own
_NOT_A_WORD = re.compile(r"[\W_]+")
_ADDRESS = re.compile(r"\]\([^)]*\)|\S+@\S+|https?://\S+")


@dataclass(frozen=True)
class Standing:
    """What is known of an entry's days: since when it is answered from, and when the bot was first asked anything."""

    published: bool
    changed_at: datetime | None
    first_question: datetime | None
    lately: Usage  # in UNASKED_DAYS
    rated: Usage  # for as long as ratings are counted


def plain(text: str) -> str:
    """A wording for comparing: small letters, no marks."""
    return _NOT_A_WORD.sub(" ", text.lower()).strip()


def wordings(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, dict[str, str]]:
    """Every wording, and which entries (id → question) have it."""
    found: dict[str, dict[str, str]] = {}
    for entry_id, content in entries:
        for text in (content["question"], *content.get("examples", ())):
            found.setdefault(plain(text), {})[entry_id] = content["question"]
    return found


def same_wordings(entry_id: str, content: Mapping[str, Any], known: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """Wordings that another entry has as well: the bot can't tell whose they are."""
    texts = [("question", content["question"]), *((f"examples.{place}", text) for place, text in enumerate(content.get("examples", ())))]
    for name, text in texts:
        others = {other: question for other, question in known.get(plain(text), {}).items() if other != entry_id}
        if plain(text) and others:
            other, question = next(iter(others.items()))
            yield Finding("same_wording", name, 0, len(text), {"question": question}, other)


def near(content: Mapping[str, Any], candidates: Sequence[Candidate], answers: Mapping[str, str]) -> Iterator[Finding]:
    """Another entry that answers this one's question. `candidates` are those for the question as if this entry weren't there, `answers` the
    others' answers by id; where the two name different numbers of the same thing they contradict each other."""
    best = next(iter(candidates), None)
    if best is None or best.probability < NEAR or best.entry_id not in answers:
        return
    own, other = _numbers(content["answer"]), _numbers(answers[best.entry_id])
    values = {"question": best.question, "chance": f"{best.probability:.0%}".replace("%", "\u00a0%")}
    unit = next((unit for unit in own if unit in other and not {*own[unit]} & {*other[unit]}), None)
    if unit:
        yield Finding("conflict", "answer", values=values | {"own": own[unit][0], "other": other[unit][0]}, other=best.entry_id)
    else:
        yield Finding("duplicate", "question", values=values, other=best.entry_id)


def missing_translations(content: Mapping[str, Any], usual: Iterable[Language]) -> Iterator[Finding]:
    """Languages that most entries are translated into and this one is not."""
    for language in usual:
        if not content.get("translations", {}).get(language, {}).get("answer"):
            yield Finding("no_translation", f"translations.{language}.question", values={"language": language})


def usual_languages(contents: Sequence[Mapping[str, Any]]) -> tuple[Language, ...]:
    """Languages that more than half of the entries are translated into."""
    counts = {
        language: sum(bool(one.get("translations", {}).get(language, {}).get("answer")) for one in contents) for language in LANGUAGES if language != "et"
    }
    return tuple(language for language, count in counts.items() if count * 2 > len(contents))


def unasked(standing: Standing, now: datetime) -> Iterator[Finding]:
    """Published for so many days, and in none of them asked; a house that is younger than that tells nothing."""
    since = now - timedelta(days=UNASKED_DAYS)
    old = all(moment is not None and moment < since for moment in (standing.changed_at, standing.first_question))
    if standing.published and old and not standing.lately.asked:
        yield Finding("never_asked", "question", values={"days": str(UNASKED_DAYS)})


def badly_rated(standing: Standing) -> Iterator[Finding]:
    """More thumbs down than up, of enough."""
    count = standing.rated.helpful + standing.rated.unhelpful
    if count >= FEWEST_RATINGS and standing.rated.helpful / count < FEWEST_HELPFUL:
        yield Finding("badly_rated", "answer", values={"helpful": str(standing.rated.helpful), "count": str(count)})


def is_shared(words: str, entry_id: str, answers: Mapping[str, str]) -> bool:
    """Whether these words (small letters) stand in several other answers."""
    return sum(words in answer.lower() for other, answer in answers.items() if other != entry_id) >= SHARED_BY


def _numbers(answer: str) -> dict[str, list[str]]:
    """Numbers by what they count, such as „14“ for „päev“."""
    found: dict[str, list[str]] = {}
    for match in _NUMBER.finditer(_ADDRESS.sub("", answer)):
        found.setdefault(match["unit"].lower()[:_UNIT_LETTERS], []).append(match["number"])
    return found
