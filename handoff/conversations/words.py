"""What a customer or an agent may send as text. Bad input gets an error whose `code` the page says in its own language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from handoff.errors import Unreadable

LONGEST = 4_000
MOST_MARKS = 4  # combining marks on one letter; more is „Zalgo“
INVISIBLE = frozenset("\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u2800\u3164\ufeff\uffa0")
NEW_EMOJI = frozenset(map(chr, range(0x1F300, 0x1FB00)))  # phones know emoji that this Python's Unicode tables call unassigned


def clean(text: str) -> str:
    """The text in NFC, without control and direction characters. Raises `Unreadable` with code
    `empty`, `too_long` (over `LONGEST` characters) or `not_text` (mostly control or private characters)."""
    if len(text) > LONGEST:
        raise Unreadable(f"The message has {len(text)} characters; up to {LONGEST} fit.", code="too_long", field="text")
    composed = unicodedata.normalize("NFC", text).strip()
    readable = [character for character in composed if _is_readable(character)]
    if len(readable) * 2 < len(composed):
        raise Unreadable("The message is not text.", code="not_text", field="text")
    if not any(_is_visible(character) for character in readable):
        raise Unreadable("The message is empty.", code="empty", field="text")
    return _without_piled_marks(readable).strip()


def _is_readable(character: str) -> bool:
    if character in "\n\t":
        return True
    if character in NEW_EMOJI:
        return True
    return character not in INVISIBLE and unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn") and character != "\ufffd"


def _is_visible(character: str) -> bool:
    """A letter, number, sign or emoji: something to look at by itself."""
    return character in NEW_EMOJI or unicodedata.category(character)[0] in "LNPS"


def _without_piled_marks(characters: Iterable[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in characters:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0  # not by combining class: enclosing marks have none
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
