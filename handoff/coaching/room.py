"""What the routes of this room share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.coaching import reviews
from handoff.coaching.criteria import Criterion
from handoff.coaching.shown import Words
from handoff.conversations import low_scores
from handoff.services import Services
from handoff.web import Guard, Pages, page_language


@dataclass(frozen=True)
class Room:
    """`criteria` is what a conversation is reviewed by."""

    services: Services
    pages: Pages
    guard: Guard
    criteria: Sequence[Criterion]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.services.settings.time_zone)

    def covered(self, text: str) -> str:
        """What a customer wrote, as whoever looks back at it may read it (`ABILINE_MASK_FOR_AGENTS`)."""
        return self.services.bot.mask(text) if self.services.settings.mask_for_agents else text

    def words(self, request: Request) -> Words:
        return Words(self.pages.texts, page_language(request), self.zone)

    def page(self, request: Request, name: str, person: Person, part: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page with the room's navigation; it says how many low scores wait for who may review, and how many reviews are new to their agent."""
        waits = low_scores.waiting(self.services.database, person.id) if person.may(Permission.REVIEW) else 0
        new = reviews.new_ones(self.services.database, person.id) if person.answers else 0
        return self.pages.page(request, name, status=status, person=person, here="coaching", part=part, waits=waits, new=new, **values)
