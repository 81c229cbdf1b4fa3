"""What every change of an entry has in common: finding its row, by an id of old too, and keeping the form it has now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.plain import day
from handoff.database import locked, now
from handoff.entries.tables import CatalogueRow, EntryAliasRow, EntryRevisionRow, EntryRow
from handoff.errors import AlreadyTaken, NotFound


class Act(StrEnum):
    """What was done, in a word, beside each form that an entry has had."""

    SAVED = "saved"
    PUBLISHED = "published"
    SENT = "sent"  # for review
    RETURNED = "returned"  # to whoever wrote it, with a note
    ARCHIVED = "archived"
    RESTORED = "restored"  # note: the revision that is back
    IMPORTED = "imported"
    RENAMED = "renamed"  # note: the id before
    MERGED = "merged"  # note: the other entry
    SPLIT = "split"  # note: the other entry


@dataclass(frozen=True)
class Entry:
    """An entry as editors see it."""

    id: str
    topic: str
    status: str
    revision: int
    content: dict[str, Any]
    published: dict[str, Any] | None
    conversation_id: str | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None  # id of the account
    written_by: str | None = None  # who wrote `content`
    review_at: datetime | None = None
    review_note: str | None = None
    merged_into: str | None = None

    @property
    def has_unpublished_change(self) -> bool:
        return self.published is not None and self.published != self.content

    def season(self, today: date) -> str | None:
        """`scheduled` for a published entry that begins later than this day, `expired` for one that ended before, else None."""
        valid_from, valid_until = (day((self.published or {}).get(name)) for name in ("valid_from", "valid_until"))
        if valid_from and today < valid_from:
            return "scheduled"
        return "expired" if valid_until and valid_until < today else None


def entry_of_row(row: EntryRow, moved: Mapping[str, str] | None = None) -> Entry:
    """With `moved` (`present_ids`), its buttons name other entries by the ids that these have now."""
    return Entry(
        row.id,
        row.topic,
        row.status,
        row.revision,
        pointed(row.content, moved or {}),
        pointed(row.published, moved or {}) if row.published else None,
        row.conversation_id,
        row.changed_at,
        row.changed_by,
        row.written_by or row.changed_by,
        row.review_at,
        row.review_note,
        row.merged_into,
    )


def found(session: Session, entry_id: str, *, lock: bool = False) -> EntryRow:
    """The row with this id. Raises `NotFound`."""
    row = session.get(EntryRow, entry_id, with_for_update=lock)
    if row is None:
        raise NotFound(f"There is no entry {entry_id!r}.")
    return row


def begun_from(session: Session, entry_id: str, revision: int) -> EntryRow:
    """The row, locked, if it is still at the revision from which somebody began. Raises `NotFound`, `AlreadyTaken`."""
    row = found(session, entry_id, lock=True)
    if row.revision != revision:
        raise AlreadyTaken(f"Somebody saved this entry while you were writing (revision {row.revision}). Reload to see their words; yours are still here.")
    return row


def present_id(session: Session, entry_id: str) -> str:
    """The id that the entry has now: of one that was renamed or merged, where it went."""
    alias = session.get(EntryAliasRow, entry_id)
    return alias.entry_id if alias else entry_id


def present_ids(session: Session) -> dict[str, str]:
    """Where entries went that were renamed or merged: id of old → id now. What has its id still is not in it."""
    return {alias.id: alias.entry_id for alias in session.scalars(select(EntryAliasRow))}


def pointed(content: dict[str, Any], moved: Mapping[str, str]) -> dict[str, Any]:
    """The content with its buttons asking entries by the ids that these have now."""
    buttons: list[dict[str, Any]] = content.get("buttons", [])
    if not any(button.get("entry") in moved for button in buttons):
        return content
    return content | {"buttons": [button | {"entry": moved[button["entry"]]} if button.get("entry") in moved else button for button in buttons]}


def keep(session: Session, row: EntryRow, act: Act, *, by: str | None, note: str | None = None) -> None:
    """Count the entry's revision up and keep the form that the row has now. Its words have been written by whom `written_by` says."""
    row.revision += 1
    row.changed_at, row.changed_by = now(), by
    session.flush()
    session.add(EntryRevisionRow(entry_id=row.id, revision=row.revision, status=row.status, content=row.content, by=by, act=act.value, note=note))


def answer_from(session: Session, row: EntryRow, content: dict[str, Any] | None) -> None:
    """Answer from this content, or with None no more; every worker follows."""
    row.published = content
    catalogue(session).revision += 1


def catalogue(session: Session) -> CatalogueRow:
    """The catalogue's one row, locked."""
    return locked(session, CatalogueRow, 1, id=1, revision=0)
