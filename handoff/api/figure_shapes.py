"""What the API gives of figures."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from handoff.api.shapes import TIME, shown


class Share(BaseModel):
    """`part` of `whole`: the size of the sample is always told."""

    model_config = shown(part=18, whole=25)

    part: int
    whole: int


class Day(BaseModel):
    """A day and its conversations."""

    day: date
    conversations: int


class Handoffs(BaseModel):
    """How many customers needed a person for a reason."""

    reason: str
    count: int


class Responses(BaseModel):
    """How soon people answered after a handoff."""

    median_seconds: float | None
    answered: int
    unanswered: int


class Figures(BaseModel):
    """The overview's figures of a period, from `since` up to `until`."""

    model_config = shown(
        since=TIME,
        until=TIME,
        conversations=25,
        by_day=[{"day": "2026-03-02", "conversations": 25}],
        answered_by_bot={"part": 18, "whole": 25},
        handoffs=[{"reason": "asked", "count": 5}],
        first_response={"median_seconds": 41.5, "answered": 5, "unanswered": 0},
        promises_kept={"part": 4, "whole": 5},
        helpful={"part": 9, "whole": 10},
        all_well={"part": 2, "whole": 2},
        unanswered=2,
    )

    since: datetime
    until: datetime
    conversations: int
    by_day: list[Day]
    answered_by_bot: Share
    handoffs: list[Handoffs]
    first_response: Responses
    promises_kept: Share
    helpful: Share
    all_well: Share
    unanswered: int
