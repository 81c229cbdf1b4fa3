"""What is published, as readers of the help page see it: in their language, by topic, found by words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.understanding import FaqEntry, Language


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


def by_topic(articles: Iterable[Article]) -> dict[str, list[Article]]:
    """Articles by topic, in the order they came."""
    topics: dict[str, list[Article]] = {}
    for one in articles:
        topics.setdefault(one.topic, []).append(one)
    return topics


def containing(entries: Sequence[FaqEntry], query: str) -> list[str]:
    """Ids of entries that hold every word of the query in any language, whatever the diacritics; best first.

    Entries with the words in the question come before those that have them only in the answer.
    """
    words = _plain(query).split()
    if not words:
        return []
    found = []
    for place, entry in enumerate(entries):
        translated = list(entry.translations.values())
        questions = _plain(" ".join([entry.question, *entry.examples, *entry.tags, *(one.get("question", "") for one in translated)]))
        answers = _plain(" ".join([entry.answer, *(one.get("answer", "") for one in translated)]))
        if all(word in questions or word in answers for word in words):
            found.append((-sum(word in questions for word in words), place, entry.id))
    return [entry_id for _, _, entry_id in sorted(found)]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter if letter.isalnum() else " " for letter in decomposed if not unicodedata.combining(letter))
