"""Two forms of an entry side by side, field by field, with the words that differ. Pure.

A side is a list of `[mark, text]`: mark "" for what both have, "del" for what only the first has, "ins" for what only the second has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from bot.understanding import LANGUAGES

Side = list[list[str]]
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
LONGEST_STRETCH = 4_000  # words of a changed stretch that are held against each other one by one


def compared(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields that either has, in the order of the form: `{field, same, first, second}`."""
    one, other = dict(_texts(first)), dict(_texts(second))
    fields = [name for name in dict.fromkeys((*one, *other)) if one.get(name) or other.get(name)]
    return [_field(name, one.get(name, ""), other.get(name, "")) for name in sorted(fields, key=_order)]


def _field(name: str, first: str, second: str) -> dict[str, Any]:
    left, right = differing(first, second)
    return {"field": name, "same": first == second, "first": left, "second": right}


def differing(first: str, second: str) -> tuple[Side, Side]:
    """Both texts in stretches. Lines are held against each other first, then the words of those that differ."""
    left: Side = []
    right: Side = []
    lines = first.splitlines(keepends=True), second.splitlines(keepends=True)
    for tag, a, b, c, d in SequenceMatcher(None, *lines, autojunk=False).get_opcodes():
        before, after = "".join(lines[0][a:b]), "".join(lines[1][c:d])
        if tag == "equal":
            _add(left, "", before)
            _add(right, "", after)
        else:
            _add_words(left, right, _WORD.findall(before), _WORD.findall(after))
    return left, right


def _add_words(left: Side, right: Side, before: Sequence[str], after: Sequence[str]) -> None:
    if max(len(before), len(after)) > LONGEST_STRETCH:
        _add(left, "del", "".join(before))
        _add(right, "ins", "".join(after))
        return
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        _add(left, "" if tag == "equal" else "del", "".join(before[a:b]))
        _add(right, "" if tag == "equal" else "ins", "".join(after[c:d]))


def _add(side: Side, mark: str, text: str) -> None:
    if not text:
        return
    if side and side[-1][0] == mark:
        side[-1][1] += text
    else:
        side.append([mark, text])


def _texts(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every field as text, by its name."""
    yield from ((name, content.get(name) or "") for name in ("topic", "question", "answer", "video", "valid_from", "valid_until"))
    yield "examples", "\n".join(content.get("examples") or ())
    yield "tags", ", ".join(content.get("tags") or ())
    yield "needs_identity", "✓" if content.get("needs_identity") else ""
    steps: Sequence[Mapping[str, Any]] = content.get("steps") or ()
    numbers = {step["id"]: number for number, step in enumerate(steps, 1)}
    yield "steps", "\n".join(f"{number}. {step['text']}{_ways(step, numbers)}" for number, step in enumerate(steps, 1))
    yield "buttons", "\n".join(f"{button['title']} → {button.get('url') or button.get('entry', '')}" for button in content.get("buttons") or ())
    for language in LANGUAGES:
        texts: Mapping[str, Any] = (content.get("translations") or {}).get(language, {})
        said = [texts.get("question", ""), texts.get("answer", ""), *(texts.get("steps") or {}).values(), *(texts.get("buttons") or ())]
        yield f"translations.{language}", "\n".join(text for text in said if text)


def _ways(step: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
    if step.get("end"):
        return " ■"
    return f" (✓ → {numbers.get(step['yes'], '?')}, ✗ → {numbers.get(step.get('no', ''), '?')})" if step.get("yes") else ""


_ORDER = ("question", "answer", "steps", "buttons", "video", "examples", "topic", "tags", "needs_identity", "valid_from", "valid_until")


def _order(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
