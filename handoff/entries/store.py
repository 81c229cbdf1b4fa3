"""Saving and publishing entries. What is published is what the bot answers from; a draft changes nothing yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.understanding import FaqEntry
from handoff.database import Database, locked, now
from handoff.entries.tables import CatalogueRow, EntryRevisionRow, EntryRow
from handoff.errors import AlreadyTaken, NotFound, Unreadable

FIELDS = ("question", "answer", "examples", "translations", "tags")
NEEDS_IDENTITY = "needs_identity"  # stands in the content only where it is so


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

    @property
    def has_unpublished_change(self) -> bool:
        return self.published is not None and self.published != self.content


class EntryStore:
    """The catalogue of entries in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Entry]:
        """Every entry, by topic and id."""
        with self._database.read() as session:
            return [_entry(row) for row in session.scalars(select(EntryRow).order_by(EntryRow.topic, EntryRow.id))]

    def made_from(self, conversation_id: str) -> list[Entry]:
        """The entries that agents made of a conversation, the newest change first."""
        with self._database.read() as session:
            query = select(EntryRow).where(EntryRow.conversation_id == conversation_id).order_by(EntryRow.changed_at.desc())
            return [_entry(row) for row in session.scalars(query)]

    def get(self, entry_id: str) -> Entry:
        """One entry. Raises `NotFound`."""
        with self._database.read() as session:
            return _entry(_row(session, entry_id))

    def published(self) -> tuple[list[FaqEntry], int]:
        """What the bot answers from, and the revision of the whole catalogue."""
        with self._database.read() as session:
            rows = session.scalars(select(EntryRow).where(EntryRow.published.is_not(None), EntryRow.status != "archived").order_by(EntryRow.topic, EntryRow.id))
            return [as_faq_entry(row.id, row.topic, row.published or {}) for row in rows], _revision(session)

    def answer(self, entry_id: str, language: str) -> tuple[str, bool]:
        """What customers are answered now, in their language or in Estonian where there is no other, and whether it is for verified ones only.
        Raises `NotFound` for what is not published."""
        entry = self._answered(entry_id)
        return entry.translations.get(language, {}).get("answer") or entry.answer, entry.needs_identity

    def question(self, entry_id: str, language: str) -> str:
        """The question that is answered so. Raises `NotFound` for what is not published."""
        entry = self._answered(entry_id)
        return entry.translations.get(language, {}).get("question") or entry.question

    def _answered(self, entry_id: str) -> FaqEntry:
        with self._database.read() as session:
            row = _row(session, entry_id)
            if row.published is None or row.status == "archived":
                raise NotFound("This entry is not published.")
            return as_faq_entry(row.id, row.topic, row.published)

    def save(
        self,
        entry_id: str,
        *,
        topic: str,
        content: dict[str, Any],
        publish: bool,
        by: str | None,
        base_revision: int | None = None,
        conversation_id: str | None = None,
    ) -> Entry:
        """Write a new form of an entry; `base_revision` None makes a new one.

        Raises `Unreadable` for a missing question or answer or a taken id, `NotFound` for a `base_revision` of nothing,
        `AlreadyTaken` when somebody has saved since `base_revision`: nothing of theirs is overwritten.
        """
        _check(content)
        with self._database.write() as session:
            if base_revision is not None:
                row = _row(session, entry_id, lock=True)
            else:
                row = locked(session, EntryRow, entry_id, id=entry_id, revision=0, content={}, conversation_id=conversation_id)
            if base_revision is None and row.revision:
                raise Unreadable(f"There is an entry {entry_id!r} already.", code="id_taken", field="id")
            if row.revision != (base_revision or 0):
                raise AlreadyTaken(
                    f"Somebody saved this entry while you were writing (revision {row.revision}). Reload to see their words; yours are still here."
                )
            row.revision, row.topic, row.content = row.revision + 1, topic, _tidy(content)
            row.changed_at, row.changed_by = now(), by
            if publish:
                row.published, row.status = row.content, "published"
                _catalogue(session).revision += 1
            session.flush()
            session.add(EntryRevisionRow(entry_id=row.id, revision=row.revision, status=row.status, content=row.content, by=by))
            return _entry(row)

    def archive(self, entry_id: str, *, by: str | None) -> None:
        """Take an entry out of the answers; it is kept and can be published again."""
        with self._database.write() as session:
            row = _row(session, entry_id, lock=True)
            row.status, row.published, row.revision = "archived", None, row.revision + 1
            row.changed_at, row.changed_by = now(), by
            _catalogue(session).revision += 1
            session.add(EntryRevisionRow(entry_id=row.id, revision=row.revision, status=row.status, content=row.content, by=by))

    def import_all(self, entries: Sequence[FaqEntry], *, by: str | None) -> int:
        """Publish these entries, new or changed, in one transaction; gives how many differed. Others stay as they are."""
        changed = 0
        with self._database.write() as session:
            for entry in entries:
                content = _tidy(as_content(entry))
                row = locked(session, EntryRow, entry.id, id=entry.id, revision=0, content={})
                if row.published == content and row.topic == entry.topic:
                    continue
                row.revision, row.topic, row.content, row.published, row.status = row.revision + 1, entry.topic, content, content, "published"
                row.changed_at, row.changed_by = now(), by
                session.flush()
                session.add(EntryRevisionRow(entry_id=row.id, revision=row.revision, status=row.status, content=content, by=by))
                changed += 1
            if changed:
                _catalogue(session).revision += 1
        return changed

    def differing(self, entries: Sequence[FaqEntry]) -> list[str]:
        """Ids of file entries that the database does not hold in the same form."""
        with self._database.read() as session:
            rows = {row.id: row for row in session.scalars(select(EntryRow))}
        held = {entry_id: (row.topic, row.published) for entry_id, row in rows.items()}
        return [entry.id for entry in entries if held.get(entry.id) != (entry.topic, _tidy(as_content(entry)))]


def as_faq_entry(entry_id: str, topic: str, content: dict[str, Any]) -> FaqEntry:
    """The bot's form of an entry's content."""
    return FaqEntry(
        id=entry_id,
        topic=topic,
        question=content["question"],
        answer=content["answer"],
        examples=tuple(content.get("examples", ())),
        translations=content.get("translations", {}),
        tags=tuple(content.get("tags", ())),
        needs_identity=bool(content.get(NEEDS_IDENTITY)),
    )


def as_content(entry: FaqEntry) -> dict[str, Any]:
    """An entry's content as it is kept."""
    return {
        "question": entry.question,
        "answer": entry.answer,
        "examples": list(entry.examples),
        "translations": {language: dict(texts) for language, texts in entry.translations.items()},
        "tags": list(entry.tags),
    } | ({NEEDS_IDENTITY: True} if entry.needs_identity else {})


def _check(content: dict[str, Any]) -> None:
    unknown = sorted(set(content) - {*FIELDS, NEEDS_IDENTITY})
    if unknown:
        raise Unreadable(f"Unknown field {unknown[0]!r}; an entry has {', '.join(FIELDS)}.", code="unknown_field", field=unknown[0])
    for name in ("question", "answer"):
        if not str(content.get(name) or "").strip():
            raise Unreadable(f"The entry needs its {name}.", code=f"missing_{name}", field=name)


def _tidy(content: dict[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = {"examples": [], "translations": {}, "tags": []}
    return {name: content.get(name) or empty.get(name, "") for name in FIELDS} | ({NEEDS_IDENTITY: True} if content.get(NEEDS_IDENTITY) else {})


def _row(session: Session, entry_id: str, *, lock: bool = False) -> EntryRow:
    row = session.get(EntryRow, entry_id, with_for_update=lock)
    if row is None:
        raise NotFound(f"There is no entry {entry_id!r}.")
    return row


def _revision(session: Session) -> int:
    """Only looks: a reading transaction that began to write would fail beside a writer on SQLite."""
    row = session.get(CatalogueRow, 1)
    return row.revision if row else 0


def _catalogue(session: Session) -> CatalogueRow:
    return locked(session, CatalogueRow, 1, id=1, revision=0)


def _entry(row: EntryRow) -> Entry:
    return Entry(row.id, row.topic, row.status, row.revision, row.content, row.published, row.conversation_id, row.changed_at, row.changed_by)
