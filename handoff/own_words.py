"""What the house says of itself: its contacts are nobody's personal data, and stay where people's are masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from handoff.services import Services

SHORTEST = 5  # letters and digits; what is shorter stands in anything
_BETWEEN = re.compile(r"[\W_]+")


def own_words(services: Services) -> Callable[[str], bool]:
    """Whether a piece of text (an address, a number) stands in the settings or in a published answer, however it is spaced there."""
    settings = services.settings
    told = (settings.privacy_contact, settings.accessibility_contact, settings.mail_from, settings.company)
    published = [text for entry in services.entries.all() if entry.published is not None for text in _texts(entry.published)]
    known = "\0".join(_bare(text) for text in (*told, *published))

    def ours(words: str) -> bool:
        bare = _bare(words)
        return len(bare) >= SHORTEST and bare in known

    return ours


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _bare(text: str) -> str:
    return _BETWEEN.sub("", text.lower())
