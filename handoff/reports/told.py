"""The overview's figures as data, for other programs."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from handoff.database import Database, now
from handoff.reports.figures import Share, figures, period


def told(database: Database, zone: ZoneInfo, days: int) -> dict[str, Any]:
    """The figures of the last `days` days, today included."""
    of = period(now(), days, zone)
    found = figures(database, of)
    return {
        "since": of.since,
        "until": of.until,
        "conversations": found.conversations,
        "by_day": [{"day": day, "conversations": count} for day, count in found.by_day],
        "answered_by_bot": _share(found.answered_by_bot),
        "handoffs": [{"reason": reason, "count": count} for reason, count in found.handoffs],
        "first_response": {
            "median_seconds": found.first_response.median_seconds,
            "answered": found.first_response.answered,
            "unanswered": found.first_response.unanswered,
        },
        "promises_kept": _share(found.promises),
        "helpful": _share(found.helpful),
        "all_well": _share(found.all_well),
        "unanswered": found.unanswered,
    }


def _share(share: Share) -> dict[str, int]:
    return {"part": share.part, "whole": share.whole}
