"""Entries, revisions and readings as the editor's page gets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import select

from bot.plain import OPTIONAL
from bot.understanding import Reading
from handoff.accounts.tables import AgentRow
from handoff.database import Database
from handoff.entries.history import Revision
from handoff.entries.store import FIELDS, Entry


def names(database: Database) -> dict[str, str]:
    """Names of all accounts by id."""
    with database.read() as session:
        return {row.id: row.name for row in session.execute(select(AgentRow.id, AgentRow.name))}


def entry_view(entry: Entry, people: dict[str, str], *, today: date, reader: str) -> dict[str, Any]:
    """One entry: its present words, flat, and how it stands. `own` tells the reader that these are words of theirs."""
    return {
        "id": entry.id,
        "topic": entry.topic,
        "status": entry.status,
        "revision": entry.revision,
        "published": entry.published is not None,
        "published_answer": (entry.published or {}).get("answer"),  # what the bot says now, whatever stands in the draft
        "unpublished_change": entry.has_unpublished_change,
        "season": entry.season(today),
        "review_at": entry.review_at.isoformat() if entry.review_at else None,
        "review_note": entry.review_note,
        "merged_into": entry.merged_into,
        "own": entry.written_by == reader,
        "conversation_id": entry.conversation_id,
        "changed_at": entry.changed_at.isoformat() if entry.changed_at else None,
        "changed_by": people.get(entry.changed_by or ""),
        **entry.content,
    }


def revision_views(kept: Sequence[Revision]) -> list[dict[str, Any]]:
    """Every form, newest first, each with the fields in which it differs from the one before."""
    before: Sequence[Revision | None] = [*kept[1:], None]
    return [asdict(one) | {"at": one.at.isoformat(), "changed": _changed(one, earlier)} for one, earlier in zip(kept, before, strict=True)]


def _changed(one: Revision, earlier: Revision | None) -> list[str]:
    if earlier is None:
        return []
    return [name for name in (*FIELDS, *OPTIONAL) if (one.content.get(name) or None) != (earlier.content.get(name) or None)]


def reading_view(reading: Reading, explained: Callable[[str], str]) -> dict[str, Any]:
    """What the bot would do with a text, and why."""
    return {
        "text": reading.text,
        "language": reading.language,
        "action": reading.action,
        "intent": reading.intent,
        "intent_confidence": reading.intent_confidence,
        "why": explained(reading.why),
    }
