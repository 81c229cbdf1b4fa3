"""„Küsi kohe“: what the bot would do with a question if what is being written were published."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.understanding import FaqEntry, Probe, Reading, Understanding
from handoff.editor.content import Form
from handoff.entries.store import as_faq_entry

NEW = "#new"  # the id of an entry that is not saved yet; no other can have it
SHOWN = 5  # candidates whose grounds are told


def draft_of(form: Form | None) -> FaqEntry | None:
    """The entry as it is being written; None while it has no question or no answer, and so could not be published."""
    if form is None or not form.question.strip() or not form.answer.strip():
        return None
    content = form.unfinished()
    content["examples"] = [example.strip() for example in content["examples"] if example.strip()]
    content["translations"] = {code: texts for code, texts in content["translations"].items() if texts["question"].strip() and texts["answer"].strip()}
    return as_faq_entry(form.id or NEW, form.topic.strip(), content)


async def tried(bot: Understanding, text: str, draft: FaqEntry | None) -> tuple[Reading, list[dict[str, Any]]]:
    """The reading, and its candidates, the likelier ones with their nearest wording and the words in common. Raises `BotUnavailable`."""
    reading = (await bot.rehearse([Probe(text)], draft=draft))[0] if draft else await bot.ask(text)
    likelier = [one.entry_id for one in reading.candidates[:SHOWN]]
    grounds = {one.entry_id: {"wording": one.wording, "words": one.words} for one in await bot.grounds(text, likelier, draft=draft)}
    return reading, [asdict(one) | grounds.get(one.entry_id, {}) for one in reading.candidates]
