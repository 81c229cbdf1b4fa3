"""What is published, as readers of the help page see it: in their language, by topic, found by words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.understanding import FaqEntry, Language

_MARKS = re.compile("[\u0300-\u036f]")
_NO_WORD = re.compile(r"[\W_]+")
_STEM = 5  # letters that stay in most forms of an Estonian word
_USUAL = 4  # shorter words say little of what a question is about


@dataclass(frozen=True)
class Article:
    """One entry in one language. `language` is that of the words: Estonian where a translation is still to come."""

    id: str
    topic: str
    question: str
    answer: str
    language: Language


def article(entry: FaqEntry, language: Language) -> Article:
    """The entry in the reader's language, else in Estonian."""
    words = entry.translations.get(language)
    if words and words.get("question") and words.get("answer"):
        return Article(entry.id, entry.topic, words["question"], words["answer"], language)
    return Article(entry.id, entry.topic, entry.question, entry.answer, "et")


def by_topic(entries: Iterable[FaqEntry]) -> dict[str, list[FaqEntry]]:
    """Entries by topic, in the order they came; what has no topic comes last."""
    topics: dict[str, list[FaqEntry]] = {}
    for one in entries:
        topics.setdefault(one.topic, []).append(one)
    return {topic: topics[topic] for topic in sorted(topics, key=lambda topic: not topic)}


class Words:
    """The words of all entries without their diacritics, made once for a catalogue and looked through for each search."""

    def __init__(self, entries: Sequence[FaqEntry]) -> None:
        self._all = [(entry.id, *_said(entry)) for entry in entries]

    def containing(self, query: str) -> list[str]:
        """Ids of entries that hold every word of the query in any language, whatever the diacritics; best first.

        Entries with the words in the question come before those that have them only in the answer.
        """
        words = plain(query).split()
        if not words:
            return []
        found = []
        for place, (entry_id, questions, answers) in enumerate(self._all):
            if all(word in questions or word in answers for word in words):
                found.append((-sum(word in questions for word in words), place, entry_id))
        return [entry_id for _, _, entry_id in sorted(found)]


def related(entry: FaqEntry, others: Iterable[FaqEntry], about: Mapping[str, frozenset[str]], asked: Collection[str], most: int) -> list[FaqEntry]:
    """Neighbours of the same topic: those that share words or tags first (`about`: each entry's `stems`), then what is asked most."""
    own = about[entry.id]
    near = [other for other in others if other.topic == entry.topic and other.id != entry.id]
    return sorted(near, key=lambda other: (-len(own & about[other.id]), other.id not in asked))[:most]


def stems(entry: FaqEntry) -> frozenset[str]:
    """The beginnings of the longer words of its question and tags."""
    return frozenset(word[:_STEM] for word in plain(" ".join((entry.question, *entry.tags))).split() if len(word) > _USUAL)


def plain(text: str) -> str:
    """Small letters without diacritics, words apart by one space."""
    return _NO_WORD.sub(" ", _MARKS.sub("", unicodedata.normalize("NFD", text.lower())))


def _said(entry: FaqEntry) -> tuple[str, str]:
    """Everything that stands in its questions, and in its answers."""
    translated = list(entry.translations.values())
    questions = (entry.question, *entry.examples, *entry.tags, *(one.get("question", "") for one in translated))
    steps = (text for step in entry.steps for text in (step.text, *step.translations.values()))
    answers = (entry.answer, *(one.get("answer", "") for one in translated), *steps)
    return plain(" ".join(questions)), plain(" ".join(answers))
