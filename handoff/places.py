"""Places in a text as browsers count them."""

from __future__ import annotations

from collections.abc import Callable


def as_browsers_count(text: str) -> Callable[[int], int]:
    """A character's place in UTF-16: what stands outside the first plane (emoji) counts twice."""
    if text.isascii() or max(text, default="") < "\U00010000":
        return lambda place: place
    return lambda place: len(text[:place].encode("utf-16-le")) // 2
