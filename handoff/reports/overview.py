"""Everything on the page of figures, seen at one moment, and the same as tables to take along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from handoff.conversations.scores import Scale
from handoff.database import Database
from handoff.reports import asked, counting
from handoff.reports import voices as hearing
from handoff.reports.asked import Asked, Bin, Opinion, bins
from handoff.reports.counting import By, Counts
from handoff.reports.grievances import Grievance, OfProduct, grievances, products
from handoff.reports.intervals import Estimate
from handoff.reports.sheets import Cell, Sheet
from handoff.reports.voices import Heard, Voices
from handoff.reports.wanted import Wanted

COUNT_COLUMNS = (
    *("conversations", "bot_alone_share", "bot_alone_low", "bot_alone_high", "bot_listened", "unanswered_share", "questions", "calls", "calls_answered"),
    *("first_response_p50_s", "first_response_p80_s", "first_response_p95_s", "calls_taken", "waiting_p50_s", "waiting_p80_s", "waiting_p95_s"),
    *("handled_mean_s", "handled_low_s", "handled_high_s", "handled"),
    *("solved_at_once_share", "solved_at_once_low", "solved_at_once_high", "ended", "again_7d", "known_customers", "lost", "saved_hours"),
)
VOICE_COLUMNS = (
    *("helpful_share", "helpful_low", "helpful_high", "ratings", "promised_mean"),
    *(f"{kind.value}{end}" for kind in Scale for end in ("", "_low", "_high", "_answers")),
    *("in_time_share", "in_time_low", "in_time_high", "judged"),
    *("agreed_share", "agreed_low", "agreed_high", "picks"),
)
CURVE_COLUMNS = ("from", "promised_mean", "kept_share", "kept_low", "kept_high", "ratings")


@dataclass(frozen=True)
class Overview:
    """One period, the one before, and what they are made of."""

    now: Counts
    before: Counts
    parts: dict[str, Counts]
    names: Mapping[str, str]
    busiest: dict[tuple[int, int], int]
    reasons: list[tuple[str, int]]
    entries: list[Asked]
    calibration: list[Bin]
    opinions: list[Opinion]
    opinions_before: list[Opinion]
    outside: Estimate
    grievances: list[Grievance]
    products: list[OfProduct]
    voices: Mapping[str, Voices]
    heard: Heard
    heard_before: Heard


def overview(database: Database, of: Wanted, what: By, *, zone: ZoneInfo, until: datetime) -> Overview:
    """All of it, in one look at the database."""
    with database.read() as session:
        said = hearing.voices(session, of, what, zone=zone)
        whole, parts = counting.counted(session, of, what, until=until)
        return Overview(
            now=whole,
            before=counting.counts(session, of.before, until=until),
            parts=parts,
            names=counting.names(session, what),
            busiest=counting.busiest(session, of),
            reasons=counting.reasons(session, of),
            entries=asked.entries(session, of, zone),
            calibration=bins(pair for one in said.values() for pair in one.rated),
            opinions=asked.opinions(session, of, zone),
            opinions_before=asked.opinions(session, of.before, zone),
            grievances=grievances(session, of),
            products=products(session, of),
            outside=counting.outside(session, of),
            voices=said,
            heard=hearing.together(said),
            heard_before=hearing.heard(session, of.before, zone=zone),
        )


def sheet(database: Database, name: str, of: Wanted, *, zone: ZoneInfo, until: datetime) -> Sheet | None:
    """The table of this name; None where there is none of it."""
    makers: dict[str, Callable[[Session], Sheet]] = {f"by-{what.value}": lambda session, what=what: _by(session, of, what, until) for what in By}  # type: ignore[misc]
    for way in By:
        makers |= _heard_by(of, way, zone)
    makers |= {
        "hours": lambda session: Sheet(
            "hours", ("weekday", "hour", "conversations"), [(*at, many) for at, many in sorted(counting.busiest(session, of).items())]
        ),
        "reasons": lambda session: Sheet("reasons", ("reason", "calls"), counting.reasons(session, of)),
        "complaints": lambda session: _grievances(grievances(session, of)),
        "complaints-by-product": lambda session: _products(products(session, of)),
        "entries": lambda session: _entries(asked.entries(session, of, zone)),
        "calibration": lambda session: _calibration(asked.calibration(session, of, zone)),
        "opinions": lambda session: _opinions(asked.opinions(session, of, zone)),
    }
    maker = makers.get(name)
    if maker is None:
        return None
    with database.read() as session:
        return maker(session)


def _by(session: Session, of: Wanted, what: By, until: datetime) -> Sheet:
    parts, names = counting.by(session, of, what, until=until), counting.names(session, what)
    rows: list[tuple[Cell, ...]] = [(names.get(part, part), *_cells(counts)) for part, counts in parts.items()]
    return Sheet(f"by-{what.value}", (what.value, *COUNT_COLUMNS), rows)


def _heard_by(of: Wanted, what: By, zone: ZoneInfo) -> dict[str, Callable[[Session], Sheet]]:
    """What people said, and what they came for, by the same parts."""

    def heard(session: Session) -> Sheet:
        parts, names = hearing.voices(session, of, what, zone=zone), counting.names(session, what)
        return Sheet(f"voices-by-{what.value}", (what.value, *VOICE_COLUMNS), [(names.get(part, part), *_voice(one)) for part, one in parts.items()])

    def most(session: Session, kind: str, columns: tuple[str, str]) -> Sheet:
        parts, names = hearing.voices(session, of, what, zone=zone), counting.names(session, what)
        rows = [(names.get(part, part), *pair) for part, one in parts.items() for pair in getattr(one, kind)]
        return Sheet(f"{kind}-by-{what.value}", (what.value, *columns), rows)

    def curves(session: Session) -> Sheet:
        parts, names = hearing.voices(session, of, what, zone=zone), counting.names(session, what)
        rows = [(names.get(part, part), *_bin(tenth)) for part, one in parts.items() for tenth in one.curve]
        return Sheet(f"calibration-by-{what.value}", (what.value, *CURVE_COLUMNS), rows)

    return {
        f"calibration-by-{what.value}": curves,
        f"voices-by-{what.value}": heard,
        f"reasons-by-{what.value}": lambda session: most(session, "reasons", ("reason", "calls")),
        f"entries-by-{what.value}": lambda session: most(session, "entries", ("entry_id", "conversations")),
    }


def _voice(one: Voices) -> tuple[Cell, ...]:
    scores = [one.opinions.get(kind) for kind in Scale]
    told = [cell for score in scores for cell in (_whole(score) if score else (None, None, None, 0))]
    return (*_whole(one.helpful), one.promised, *told, *_whole(one.in_time), *_whole(one.agreed))


def _whole(one: Estimate) -> tuple[Cell, ...]:
    return one.value, one.low, one.high, one.size


def _cells(one: Counts) -> tuple[Any, ...]:
    alone, handled, once = one.alone, one.handled, one.solved_at_once
    bot = (one.conversations, alone.value, alone.low, alone.high, alone.size, one.unanswered.value, one.unanswered.size)
    people = (one.calls, one.answered, *one.waits.values(), one.taken, *one.waiting.values(), handled.value, handled.low, handled.high, handled.size)
    return (*bot, *people, once.value, once.low, once.high, once.size, one.again, one.known, one.lost, one.saved_hours)


def _entries(found: list[Asked]) -> Sheet:
    columns = ("entry", "asked", "asked_before", "answered", "helpful_share", "helpful_low", "helpful_high", "ratings")
    rows = [(one.entry_id, one.asked, one.asked_before, one.answered, one.helpful.value, one.helpful.low, one.helpful.high, one.helpful.size) for one in found]
    return Sheet("entries", columns, rows)


def _grievances(found: list[Grievance]) -> Sheet:
    rows = [(one.topic, one.entry_id, one.now, one.before, int(one.rising)) for one in found]
    return Sheet("complaints", ("topic", "entry", "complaints", "complaints_before", "rising"), rows)


def _products(found: list[OfProduct]) -> Sheet:
    rows = [(one.product, one.now, one.before, int(one.rising)) for one in found]
    return Sheet("complaints-by-product", ("product", "complaints", "complaints_before", "rising"), rows)


def _calibration(found: list[Bin]) -> Sheet:
    return Sheet("calibration", CURVE_COLUMNS, [_bin(one) for one in found])


def _bin(one: Bin) -> tuple[Cell, ...]:
    return one.low, one.promised, *_whole(one.kept)


def _opinions(found: list[Opinion]) -> Sheet:
    rows = [(one.kind.value, one.figure.value, one.figure.low, one.figure.high, one.figure.size, one.asked) for one in found]
    return Sheet("opinions", ("kind", "figure", "low", "high", "answers", "asked"), rows)
