"""Moments put together by the database before the house's clock is asked: a year has a hundred thousand of them and some nine thousand hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, func, literal_column, type_coerce
from sqlalchemy.orm import Session

from handoff.reports.wanted import Wanted, ends

HOUR, MINUTE = 13, 16  # signs of „2026-11-20 09:30“


def slot(session: Session, moment: Any, of: Wanted, zone: ZoneInfo) -> Any:
    """The hour in UTC in which the moment lies, or its minute where the house's clock differs by half an hour: either lies within one local hour."""
    fine = not _by_whole_hours(of, zone)
    if session.get_bind().dialect.name == "sqlite":
        return func.substr(type_coerce(moment, String), literal_column("1"), literal_column(str(MINUTE if fine else HOUR)))
    return func.date_trunc(literal_column("'minute'" if fine else "'hour'"), moment, literal_column("'UTC'"))


def moment(slot: str | datetime) -> datetime:
    """The moment with which the slot begins."""
    return slot if isinstance(slot, datetime) else datetime.fromisoformat(slot).replace(tzinfo=UTC)


def _by_whole_hours(of: Wanted, zone: ZoneInfo) -> bool:
    first, end = ends(of, zone)
    offsets = ((first + timedelta(days=day)).astimezone(zone).utcoffset() or timedelta() for day in range((end - first).days + 2))
    return all(offset % timedelta(hours=1) == timedelta() for offset in offsets)
