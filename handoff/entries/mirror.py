"""The published entries as one worker has seen them last: of thousands only those that have changed since are read again."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.plain import entry_of
from bot.understanding import FaqEntry
from handoff.entries.rows import pointed, present_ids
from handoff.entries.tables import EntryRow

_AT_ONCE = 500


@dataclass(frozen=True)
class _Seen:
    """`rows` are ids with each row's revision and what it said; `moved` the ids that others have now."""

    revision: int = -1
    moved: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, tuple[int, FaqEntry]] = field(default_factory=dict)


class Mirror:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._seen = _Seen()
        self._looking = threading.Lock()

    def published(self, session: Session, revision: int) -> list[FaqEntry]:
        """All published entries by topic and id, whatever the day. `revision` is the catalogue's in this session's look at the database."""
        with self._looking:
            if self._seen.revision != revision:
                self._seen = _looked(session, revision, self._seen)
            return [entry for _, entry in self._seen.rows.values()]


def _looked(session: Session, revision: int, before: _Seen) -> _Seen:
    moved = present_ids(session)
    known = before.rows if moved == before.moved else {}
    query = select(EntryRow.id, EntryRow.revision).where(EntryRow.published.is_not(None), EntryRow.status != "archived")
    present = [(entry_id, of_entry) for entry_id, of_entry in session.execute(query.order_by(EntryRow.topic, EntryRow.id))]
    changed = [entry_id for entry_id, of_entry in present if entry_id not in known or known[entry_id][0] != of_entry]
    read = _read(session, changed, moved)
    fresh = set(changed)
    rows = ((entry_id, read.get(entry_id) if entry_id in fresh else known[entry_id]) for entry_id, _ in present)
    return _Seen(revision, moved, {entry_id: row for entry_id, row in rows if row})


def _read(session: Session, ids: list[str], moved: Mapping[str, str]) -> dict[str, tuple[int, FaqEntry]]:
    former: dict[str, tuple[str, ...]] = {}
    for old, new in moved.items():
        former[new] = (*former.get(new, ()), old)
    read: dict[str, tuple[int, FaqEntry]] = {}
    for at in range(0, len(ids), _AT_ONCE):
        columns = select(EntryRow.id, EntryRow.topic, EntryRow.revision, EntryRow.published)
        for row in session.execute(columns.where(EntryRow.id.in_(ids[at : at + _AT_ONCE]))):
            if not row.published:  # a null that was once written as JSON
                continue
            entry = entry_of(pointed(row.published, moved), id=row.id, topic=row.topic)
            read[row.id] = row.revision, replace(entry, formerly=former.get(row.id, ()))
    return read
