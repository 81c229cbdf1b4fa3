"""Entries, revisions and readings as the editor's page gets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from bot.understanding import Reading
from handoff.accounts.tables import AgentRow
from handoff.database import Database
from handoff.entries.history import Revision
from handoff.entries.store import Entry


def names(database: Database) -> dict[str, str]:
    """Names of all accounts by id."""
    with database.read() as session:
        return {row.id: row.name for row in session.execute(select(AgentRow.id, AgentRow.name))}


def entry_view(entry: Entry, people: dict[str, str]) -> dict[str, Any]:
    """One entry: its present words, flat, and how it stands."""
    return {
        "id": entry.id,
        "topic": entry.topic,
        "status": entry.status,
        "revision": entry.revision,
        "published": entry.published is not None,
        "published_answer": (entry.published or {}).get("answer"),  # what the bot says now, whatever stands in the draft
        "unpublished_change": entry.has_unpublished_change,
        "conversation_id": entry.conversation_id,
        "changed_at": entry.changed_at.isoformat() if entry.changed_at else None,
        "changed_by": people.get(entry.changed_by or ""),
        **entry.content,
    }


def revision_view(revision: Revision) -> dict[str, Any]:
    return asdict(revision) | {"at": revision.at.isoformat()}


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
