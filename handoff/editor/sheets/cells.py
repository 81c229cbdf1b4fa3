"""An entry as the texts of one row, and back. What comes back is the same, whatever stood in it.

A list has one item a line; a line break within an item is written as \\n. Steps are numbered lines with their id and where they lead in braces:
„1. Kas tuli põleb? {tuli; jah: lopp; ei: juhe}“. A button is „Vaata hinda → https://…“, or with „#“ and the id of another entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from handoff.editor.sheets.fields import FIELDS, TOLD_ONLY
from handoff.entries.slugs import ID

ARROW = " → "
YES, NO, END = "jah", "ei", "lõpp"
MEANT = {YES: "yes", "yes": "yes", "да": "yes", NO: "no", "no": "no", "нет": "no", END: "end", "end": "end", "конец": "end"}
TRUE = {"jah", "yes", "true", "1", "x", "да", "tõene", "✓"}
FALSE = {"", "ei", "no", "false", "0", "нет", "väär", "-"}
_STEP = re.compile(r"\s*(?:(?:\d+[.)]|[-*•])\s+)?(?P<text>.*?)\s*(?:\{(?P<ways>[^{}]*)\})?\s*$", re.DOTALL)
_LINK = re.compile(r"(?P<title>.*?)\s*(?:→|->|=>|\|)\s*(?P<target>\S+)\s*$", re.DOTALL)
_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})(?:\s.*)?$")


def written(entry_id: str, topic: str, content: Mapping[str, Any], status: str = "") -> dict[str, str]:
    """The row of an entry: each field's text, empty where there is nothing."""
    row = {
        "id": entry_id,
        "topic": topic,
        "question": content["question"],
        "answer": content["answer"],
        "examples": _lines(content.get("examples", ())),
        "tags": _tags(content.get("tags", ())),
        "steps": _lines(_step(number, step) for number, step in enumerate(content.get("steps", ()), 1)),
        "buttons": _lines(_button(button) for button in content.get("buttons", ())),
        "video": content.get("video") or "",
        "valid_from": content.get("valid_from") or "",
        "valid_until": content.get("valid_until") or "",
        "needs_identity": YES if content.get("needs_identity") else "",
        TOLD_ONLY: status,
    }
    for language, texts in content.get("translations", {}).items():
        row[f"{language}.question"], row[f"{language}.answer"] = texts.get("question", ""), texts.get("answer", "")
        row[f"{language}.steps"] = _lines(f"{number}. {text} {{{step}}}" for number, (step, text) in enumerate(texts.get("steps", {}).items(), 1))
        row[f"{language}.buttons"] = "\n".join(texts.get("buttons", ()))
    return {field: row.get(field, "") for field in FIELDS}


def read(cells: Mapping[str, str]) -> dict[str, Any]:
    """What a row says, in the shape of the editor's form, for the fields that it has a cell for. Raises `ValueError` naming the field."""
    form: dict[str, Any] = {}
    for field, text in cells.items():
        language, _, name = field.rpartition(".")
        value = _value(name, text, translated=bool(language))
        if language:
            form.setdefault("translations", {}).setdefault(language, {})[name] = value
        elif field != TOLD_ONLY:
            form[field] = value
    return form


def _value(name: str, text: str, *, translated: bool) -> Any:
    if name in ("valid_from", "valid_until"):
        return _day(name, text.strip())
    if name == "needs_identity":
        return _flag(name, text.strip().casefold())
    listed: dict[str, Callable[[str], Any]] = {
        "examples": _items,
        "tags": _tags_read,
        "steps": _step_texts if translated else _steps_read,
        "buttons": (lambda titles: titles.split("\n")) if translated else _buttons_read,
    }
    return listed[name](text) if name in listed else text


def _lines(items: Any) -> str:
    """One item a line: a line break within one becomes \\n, and backslashes that stand before an n are doubled, so that they are told apart."""
    return "\n".join(re.sub(r"(\\*)(\n|n)", lambda found: found[1] * 2 + ("\\n" if found[2] == "\n" else "n"), item) for item in items)


def _items(text: str) -> list[str]:
    return [_unfold(line.strip()) for line in text.split("\n") if line.strip()]


def _unfold(line: str) -> str:
    return re.sub(r"(\\+)n", lambda found: found[1][: len(found[1]) // 2] + ("\n" if len(found[1]) % 2 else "n"), line)


def _tags(tags: Sequence[str]) -> str:
    """On one line where that can be read back; else one a line, the last with its break, so that one alone is told apart."""
    return ", ".join(tags) if not any(re.search("[,;\n]", tag) for tag in tags) else _lines(tags) + "\n"


def _tags_read(text: str) -> list[str]:
    return _items(text) if "\n" in text else [tag for tag in (one.strip() for one in re.split("[,;]", text)) if tag]


def _steps_read(text: str) -> list[dict[str, Any]]:
    return [_step_read(number, line) for number, line in enumerate(_items(text), 1)]


def _step_texts(text: str) -> dict[str, str]:
    return {step["id"]: step["text"] for step in _steps_read(text)}


def _buttons_read(text: str) -> list[dict[str, str]]:
    return [_button_read(line) for line in _items(text)]


def _step(number: int, step: Mapping[str, Any]) -> str:
    ways = [f"{word}: {step[way]}" for word, way in ((YES, "yes"), (NO, "no")) if step.get(way)] + [END] * bool(step.get("end"))
    return f"{number}. {step['text']} {{{'; '.join([step['id'], *ways])}}}"


def _step_read(number: int, line: str) -> dict[str, Any]:
    """A step of a plain list gets an id from its place."""
    match = _STEP.match(line)
    text, ways = (match["text"], match["ways"]) if match else (line, None)
    parts = [part.strip() for part in (ways or "").split(";") if part.strip()]
    step: dict[str, Any] = {"id": f"samm-{number}"}
    for place, part in enumerate(parts):
        word, _, target = (piece.strip() for piece in part.partition(":"))
        way = MEANT.get(word.casefold())
        if place == 0 and ID.fullmatch(part):
            step["id"] = part
        elif way == "end":
            step["end"] = True
        elif way and target:
            step[way] = target
        else:  # braces that are words of the step
            return {"id": f"samm-{number}", "text": f"{text} {{{ways}}}"}
    return step | {"text": text}


def _button(button: Mapping[str, Any]) -> str:
    return f"{button['title']}{ARROW}{button.get('url') or '#' + button.get('entry', '')}"


def _button_read(line: str) -> dict[str, str]:
    match = _LINK.match(line)
    if match is None:
        return {"title": line}
    target = match["target"]
    return {"title": match["title"]} | ({"entry": target[1:]} if target.startswith("#") else {"url": target})


def _day(name: str, text: str) -> str:
    """`2026-12-24` or „24.12.2026“; a time behind it falls away."""
    if match := _DATE.match(text):
        day, month, year = map(int, match.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            raise ValueError(name) from None
    return text[:10] if re.match(r"\d{4}-\d\d-\d\d[T ]", text) else text


def _flag(name: str, word: str) -> bool:
    if word not in TRUE | FALSE:
        raise ValueError(name)
    return word in TRUE
