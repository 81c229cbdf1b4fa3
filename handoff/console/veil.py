"""What an agent sees of personal data where `ABILINE_MASK_FOR_AGENTS` is set: its kind, until they ask for a message (`handoff.console.revealing`).

The contact that a customer left stands on its card, because it was left to be used.
"""

from __future__ import annotations

from typing import Any

from handoff.console.shapes import LastWords, Line, Opened
from handoff.covering import Cover, Mask
from handoff.services import Services


class Veil:
    """Covers what goes to the desk; everything passes as it is where nothing is to be covered."""

    def __init__(self, mask: Mask | None) -> None:
        self._mask, self._cover = mask, Cover(mask)

    def event(self, view: dict[str, Any]) -> dict[str, Any]:
        """An event as `events.for_agent` gives it; `masked` says that there is more to it."""
        return self._cover.event(view)

    def line(self, line: Line) -> Line:
        """One conversation of a list."""
        return line if self._mask is None else line.model_copy(update={"last": self._last(line.last)})

    def opened(self, opened: Opened) -> Opened:
        """A conversation with everything that stands beside it."""
        if self._mask is None:
            return opened
        handoff, earlier, covered = opened.handoff, opened.earlier, self._cover.values
        return opened.model_copy(
            update={
                "conversation": opened.conversation.model_copy(update={"last": self._last(opened.conversation.last)}),
                "events": [self.event(event) for event in opened.events],
                "earlier": [one.model_copy(update={"last": self._last(one.last)}) for one in earlier],
                "handoff": handoff.model_copy(update={"request": covered(handoff.request)}) if handoff else None,
                "decisions": [one.model_copy(update={"entities": covered(one.entities)}) for one in opened.decisions],
            }
        )

    def _last(self, last: LastWords | None) -> LastWords | None:
        return last.model_copy(update={"text": self._mask(last.text)}) if last and self._mask else last


def veil(services: Services) -> Veil:
    """The house's, by its setting."""
    return Veil(services.bot.mask if services.settings.mask_for_agents else None)
