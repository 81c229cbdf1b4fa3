"""What is written, as the chat shows it: the same elements, made in the same place."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from bot.plain import entry_of
from bot.spoken import answers, spoken
from bot.understanding import LANGUAGES, FaqEntry, Language, Reading
from handoff import elements
from handoff.editor.content import Form
from handoff.entries.store import EntryStore
from handoff.errors import NotFound


def preview_view(form: Form) -> dict[str, Any]:
    """By language: the question, the answer as elements, and titles of the buttons under it. A language in which nothing is written has neither."""
    content = form.unfinished()
    content["steps"] = [step for step in content["steps"] if step["text"].strip()]
    content["buttons"] = [button for button in content["buttons"] if button["title"].strip()]
    entry = entry_of(content, id=form.id or "-", topic="")
    return {language: _in(entry, language) for language in LANGUAGES}


def said(entries: EntryStore, reading: Reading, draft: FaqEntry | None) -> list[elements.Node] | None:
    """The answer that a sure reading gives, as elements; None when it gives none."""
    best = reading.candidates[0] if reading.candidates else None
    if reading.action != "answer" or best is None:
        return None
    if draft is not None and best.entry_id == draft.id:
        return elements.answer(spoken(draft, reading.language))
    with suppress(NotFound):  # taken out of the answers since
        return elements.answer(entries.answer(best.entry_id, reading.language)[0])
    return None


def _in(entry: FaqEntry, language: Language) -> dict[str, Any]:
    texts = {"question": entry.question, "answer": entry.answer} if language == "et" else entry.translations.get(language, {})
    written = bool(texts.get("answer", "").strip()) or (language == "et" and bool(entry.steps))
    return {
        "question": texts.get("question", "").strip(),
        "shown": elements.answer(spoken(entry, language)) if written else [],
        "buttons": [title for title, _ in answers(entry, language)] if written else [],
    }
