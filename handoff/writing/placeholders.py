"""What may stand between double braces in a reply template. Pure; the page that fills them follows the same rules (`console/static/gaps.js`)."""

from __future__ import annotations

import re

FILLED = ("name", "order", "agent", "company", "contact", "due")  # known from the conversation, mostly
ASKED = ("date", "time", "amount", "product", "address", "tracking", "link", "step", "reason")  # the agent's own words
KNOWN = frozenset((*FILLED, *ASKED))

_ANY = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_WRITTEN = re.compile(r"\s*(\w+)\s*(\??)\s*")


def unknown(text: str) -> list[str]:
    """What stands between braces and is no placeholder, in order."""
    return [inside for inside in _ANY.findall(text) if not (found := _WRITTEN.fullmatch(inside)) or found[1] not in KNOWN]


def names(text: str) -> list[str]:
    """The placeholders of a text, in order, each as often as it stands there."""
    return [found[1] for inside in _ANY.findall(text) if (found := _WRITTEN.fullmatch(inside))]
