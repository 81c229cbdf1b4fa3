"""Order numbers and parcel codes in a text: what an agent looks up, and nobody's personal data."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PARCEL = re.compile(r"\b[A-Z]{2}\d{9}[A-Z]{2}\b")
_NAMED = re.compile(
    r"\b(?:tellimus\w*|tell\.|ost\w{0,4}|saadetis\w*|paki\w*|arve\w*|order|zakaz\w*|заказ\w*)"
    r"(?:\s*\b(?:number\w*|numbriga|nr\.?|no\.?|num|kood\w*|on|mu|minu|номер\w*))*\s*[:#№]?\s*(?P<value>[A-Z]{0,4}-?\d[\dA-Z-]{3,15})\b",
    re.IGNORECASE,
)
_HASHED = re.compile(r"#\s?(?P<value>[A-Z]{0,4}-?\d[\dA-Z-]{2,15})\b", re.IGNORECASE)


def find(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each; two may overlap, the surer one first."""
    yield from (match.span() for match in _PARCEL.finditer(text))
    for pattern in (_NAMED, _HASHED):
        yield from (match.span("value") for match in pattern.finditer(text))
