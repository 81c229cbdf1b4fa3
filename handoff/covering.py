"""Personal data covered before those who answer, where `ABILINE_MASK_FOR_AGENTS` is set: at the desk, and before keys of the API
and endpoints of webhooks.

What customers write is covered, and what the bot says after them; notes and answers are words of colleagues.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handoff.conversations.events import Kind
from handoff.services import Services

Mask = Callable[[str], str]
WORDS = frozenset({"text", "value", "comment", "subject", "from"})  # under these names stands what somebody said
COLLEAGUES = frozenset({Kind.NOTE, Kind.EDITED, Kind.WITHDRAWN})


class Cover:
    """Covers words by a mask; everything passes as it is where there is none."""

    def __init__(self, mask: Mask | None) -> None:
        self.mask = mask

    def event(self, view: dict[str, Any]) -> dict[str, Any]:
        """An event as `events.for_agent` gives it, or what an endpoint is told of it; `masked` says that there is more to it."""
        body = view["body"]
        if self.mask is None or view["actor"] == "agent" or view["kind"] in COLLEAGUES or body.get("entry_id"):
            return view
        covered = self.values(body)
        for files in ("files", "left_out"):
            if files in body:
                covered[files] = [file | {"name": self.mask(file["name"])} for file in body[files]]
        return view | {"body": covered, "masked": True} if covered != body else view

    def values(self, value: Any) -> Any:
        """The same with what stands under `WORDS` covered, however deep."""
        if isinstance(value, list):
            return [self.values(one) for one in value]
        if not isinstance(value, dict) or self.mask is None:
            return value
        return {name: self.mask(one) if name in WORDS and isinstance(one, str) else self.values(one) for name, one in value.items()}


def cover(services: Services) -> Cover:
    """The house's, by its setting."""
    return Cover(services.bot.mask if services.settings.mask_for_agents else None)
