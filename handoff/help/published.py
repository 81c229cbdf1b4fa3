"""The catalogue as the help page shows it, read from the database once for each revision of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import select

from bot.understanding import FaqEntry
from handoff.conversations.usage import usage
from handoff.database import Database, now
from handoff.entries.store import EntryStore
from handoff.entries.tables import CatalogueRow, EntryAliasRow, EntryRow
from handoff.help.catalogue import Words, by_topic, stems
from handoff.services import Services

MOST_ASKED = 6
ASKED_DAYS = 30
COUNTED_SECONDS = 3600  # what is asked most changes slowly


@dataclass(frozen=True)
class Published:
    """What is public now: entries for everyone, when each last changed, and what became of addresses of old."""

    revision: int
    entries: Mapping[str, FaqEntry]
    changed: Mapping[str, datetime]
    moved: Mapping[str, str]  # id of old → id now
    gone: Mapping[str, str]  # id of an archived entry → its topic
    asked: tuple[str, ...] = ()  # what was asked most lately

    @cached_property
    def topics(self) -> dict[str, list[FaqEntry]]:
        return by_topic(self.entries.values())

    @cached_property
    def stems(self) -> dict[str, frozenset[str]]:
        return {entry_id: stems(entry) for entry_id, entry in self.entries.items()}

    @cached_property
    def words(self) -> Words:
        return Words(list(self.entries.values()))

    def leads_to(self, entry_id: str) -> str | None:
        """Where an address of old leads to; None where nowhere public."""
        target = self.moved.get(entry_id)
        return target if target in self.entries else None


def read_published(database: Database, store: EntryStore) -> Published:
    """All of it anew. What is told to verified customers only is not in it."""
    entries, revision = store.published()
    public = {entry.id: entry for entry in entries if not entry.needs_identity}
    with database.read() as session:
        rows = session.execute(select(EntryRow.id, EntryRow.topic, EntryRow.status, EntryRow.merged_into, EntryRow.published_at, EntryRow.changed_at)).all()
        moved = {alias.id: alias.entry_id for alias in session.scalars(select(EntryAliasRow))}
    merged = {row.id: row.merged_into for row in rows if row.merged_into}
    counts = usage(database, now() - timedelta(days=ASKED_DAYS))
    most = sorted((entry_id for entry_id in counts if entry_id in public and counts[entry_id].asked), key=lambda entry_id: -counts[entry_id].asked)
    return Published(
        revision=revision,
        entries=public,
        changed={row.id: row.published_at or row.changed_at for row in rows if row.id in public},
        moved=moved | merged,
        gone={row.id: row.topic for row in rows if row.status == "archived"},
        asked=tuple(most[:MOST_ASKED]),
    )


class Shelf:
    """Holds what is published and looks for each page whether that is still so: one small row."""

    def __init__(self, services: Services) -> None:
        self._database, self._store = services.database, services.entries
        self._held: Published | None = None
        self._counted = 0.0
        self._reading = asyncio.Lock()

    async def now(self) -> Published:
        """What is published now."""
        revision = await asyncio.to_thread(self._revision)
        async with self._reading:
            if self._held is None or self._held.revision != revision or time.monotonic() - self._counted > COUNTED_SECONDS:
                self._held = await asyncio.to_thread(read_published, self._database, self._store)
                self._counted = time.monotonic()
            return self._held

    def _revision(self) -> int:
        with self._database.read() as session:
            return session.scalar(select(CatalogueRow.revision).where(CatalogueRow.id == 1)) or 0
