"""An entry as plain data, the way it stands in files and in the database, and back. A leaf like `bot.understanding`.

Where a field is empty nothing stands, so that an entry written before there was such a field is the same entry still. Texts in other languages
stand under `translations`: those of steps by the step's id, titles of buttons in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.understanding import EntryButton, FaqEntry, Step

OPTIONAL = ("needs_identity", "steps", "buttons", "video", "valid_from", "valid_until")
"""Fields that stand only where they are not empty."""


def optional(entry: FaqEntry) -> dict[str, Any]:
    """Those of the `OPTIONAL` fields that the entry has. Days are written as `2026-12-24`."""
    fields = {
        "needs_identity": entry.needs_identity,
        "steps": [_step(step) for step in entry.steps],
        "buttons": [_button(button) for button in entry.buttons],
        "video": entry.video,
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else "",
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else "",
    }
    return {name: value for name, value in fields.items() if value}


def translations(entry: FaqEntry) -> dict[str, dict[str, Any]]:
    """Everything the entry says in other languages."""
    said: dict[str, dict[str, Any]] = {}
    for language, texts in entry.translations.items():
        steps = {step.id: step.translations[language] for step in entry.steps if step.translations.get(language)}
        titles = [button.translations.get(language, "") for button in entry.buttons]
        said[language] = dict(texts) | ({"steps": steps} if steps else {}) | ({"buttons": titles} if any(titles) else {})
    return said


def entry_of(plain: Mapping[str, Any], *, id: str, topic: str) -> FaqEntry:
    """The entry that these fields say; they have been checked before."""
    said: Mapping[str, Mapping[str, Any]] = plain.get("translations") or {}
    steps: list[Mapping[str, Any]] = plain.get("steps") or []
    buttons: list[Mapping[str, Any]] = plain.get("buttons") or []
    return FaqEntry(
        id=id,
        topic=topic,
        question=plain["question"],
        answer=plain["answer"],
        examples=tuple(plain.get("examples") or ()),
        translations={language: {name: texts[name] for name in ("question", "answer") if name in texts} for language, texts in said.items()},
        tags=tuple(plain.get("tags") or ()),
        needs_identity=bool(plain.get("needs_identity")),
        steps=tuple(_step_of(step, said) for step in steps),
        buttons=tuple(_button_of(place, button, said) for place, button in enumerate(buttons)),
        video=plain.get("video") or "",
        valid_from=day(plain.get("valid_from")),
        valid_until=day(plain.get("valid_until")),
    )


def day(written: str | date | None) -> date | None:
    """`2026-12-24` as a day; None for nothing. Raises `ValueError`."""
    return date.fromisoformat(written) if isinstance(written, str) and written else written or None


def _step(step: Step) -> dict[str, Any]:
    ways = {"yes": step.yes, "no": step.no, "end": step.end}
    return {"id": step.id, "text": step.text} | {name: value for name, value in ways.items() if value}


def _step_of(step: Mapping[str, Any], said: Mapping[str, Mapping[str, Any]]) -> Step:
    texts = {language: texts["steps"][step["id"]] for language, texts in said.items() if (texts.get("steps") or {}).get(step["id"])}
    return Step(step["id"], step["text"], step.get("yes") or "", step.get("no") or "", bool(step.get("end")), texts)


def _button(button: EntryButton) -> dict[str, Any]:
    return {"title": button.title} | ({"url": button.url} if button.url else {"entry": button.entry})


def _button_of(place: int, button: Mapping[str, Any], said: Mapping[str, Mapping[str, Any]]) -> EntryButton:
    titles = {language: texts["buttons"][place] for language, texts in said.items() if (texts.get("buttons") or [])[place : place + 1] not in ([], [""])}
    return EntryButton(button["title"], button.get("url") or "", button.get("entry") or "", titles)
