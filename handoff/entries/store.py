"""Saving and publishing entries. What is published is what the bot answers from; a draft changes nothing yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.plain import OPTIONAL, entry_of, optional, translations
from bot.spoken import spoken
from bot.understanding import FaqEntry
from handoff.database import Database, locked, now
from handoff.entries.mirror import Mirror
from handoff.entries.moving import come_back
from handoff.entries.review import check_another, looked_at
from handoff.entries.rows import Act, Entry, answer_from, begun_from, catalogue, entry_of_row, found, keep, present_id, present_ids
from handoff.entries.tables import CatalogueRow, EntryRevisionRow, EntryRow
from handoff.errors import AlreadyTaken, NotFound, Unreadable

__all__ = ["FIELDS", "Entry", "EntryStore", "as_content", "as_faq_entry"]

FIELDS = ("question", "answer", "examples", "translations", "tags")  # those of `OPTIONAL` stand in the content only where they are not empty

HOME = ZoneInfo("Europe/Tallinn")


class EntryStore:
    """The catalogue of entries in the database. In `zone` a day begins at midnight: entries come and go with their days.
    With `reviewed`, nobody publishes their own words (`handoff.entries.review`)."""

    def __init__(self, database: Database, zone: ZoneInfo = HOME, *, reviewed: bool = False) -> None:
        self._database = database
        self._zone = zone
        self._mirror = Mirror()
        self.reviewed = reviewed

    def today(self) -> date:
        """The day it is where the operator is."""
        return now().astimezone(self._zone).date()

    def all(self) -> list[Entry]:
        """Every entry, by topic and id."""
        with self._database.read() as session:
            moved = present_ids(session)
            return [entry_of_row(row, moved) for row in session.scalars(select(EntryRow).order_by(EntryRow.topic, EntryRow.id))]

    def made_from(self, conversation_id: str) -> list[Entry]:
        """The entries that agents made of a conversation, the newest change first."""
        with self._database.read() as session:
            query = select(EntryRow).where(EntryRow.conversation_id == conversation_id).order_by(EntryRow.changed_at.desc())
            return [entry_of_row(row) for row in session.scalars(query)]

    def get(self, entry_id: str) -> Entry:
        """One entry. Raises `NotFound`."""
        with self._database.read() as session:
            return entry_of_row(found(session, entry_id), present_ids(session))

    def published(self, *, whenever: bool = False) -> tuple[list[FaqEntry], int]:
        """What the bot answers from today, and the revision of the whole catalogue. `whenever`: also what begins later or has ended."""
        with self._database.read() as session:
            today = self._day(session)
            revision = _revision(session)
            return [entry for entry in self._mirror.published(session, revision) if whenever or entry.valid_on(today)], revision

    def any_public(self) -> bool:
        """Whether the help page has anything for everyone today."""
        with self._database.read() as session:
            today = self._day(session)
            return any(entry.valid_on(today) and not entry.needs_identity for entry in self._mirror.published(session, _revision(session)))

    def revision(self) -> int:
        """Of the whole catalogue, without reading any entry."""
        with self._database.read() as session:
            return _revision(session)

    def turn(self) -> bool:
        """Move the catalogue's revision on where a new day has made an entry come or go: every worker follows it. True when one did."""
        today = self.today()
        with self._database.read() as session:
            row = session.get(CatalogueRow, 1)
            if row is None or (row.day is not None and row.day >= today):
                return False
        with self._database.write() as session:
            whole = catalogue(session)
            before, whole.day = whole.day, today
            if before is not None and before >= today:
                return False
            contents = session.scalars(select(EntryRow.published).where(EntryRow.published.is_not(None), EntryRow.status != "archived"))
            entries = [as_faq_entry("", "", content) for content in contents if content]
            moved = any(entry.valid_on(before) != entry.valid_on(today) if before else entry.valid_from or entry.valid_until for entry in entries)
            whole.revision += moved
            return moved

    def _day(self, session: Session) -> date:
        """Today; where another worker's clock has come to tomorrow already, that."""
        row = session.get(CatalogueRow, 1)
        return max(self.today(), row.day) if row and row.day else self.today()

    def answer(self, entry_id: str, language: str, *, site: str = "") -> tuple[str, bool]:
        """What customers are answered now, in their language or in Estonian where there is no other, and whether it is for verified ones only.
        Links to the help page begin with `site`. Raises `NotFound` for what is not published."""
        entry = self._answered(entry_id)
        return spoken(entry, language, site=site), entry.needs_identity

    def question(self, entry_id: str, language: str) -> str:
        """The question that is answered so. Raises `NotFound` for what is not published."""
        entry = self._answered(entry_id)
        return entry.translations.get(language, {}).get("question") or entry.question

    def _answered(self, entry_id: str) -> FaqEntry:
        with self._database.read() as session:
            row = found(session, present_id(session, entry_id))
            entry = as_faq_entry(row.id, row.topic, row.published) if row.published and row.status != "archived" else None
            if entry is None or not entry.valid_on(self._day(session)):
                raise NotFound("This entry is not published.")
            return entry

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
        kept = _tidy(content)
        with self._database.write() as session:
            row = self._begun(session, entry_id, base_revision, conversation_id)
            if row.content != kept or row.topic != topic:
                row.topic, row.content, row.written_by = topic, kept, by
            if publish:
                self._publish(session, row, by)
            elif row.status == "archived":
                row.status = "draft"
                come_back(session, row)
            keep(session, row, Act.PUBLISHED if publish else Act.SAVED, by=by)
            return entry_of_row(row)

    def restore(self, entry_id: str, revision: int, *, publish: bool, by: str | None, base_revision: int) -> Entry:
        """Bring back the form that the entry had at a revision, as a new one: as a draft, or published. Raises `NotFound`, and as `save` does."""
        with self._database.write() as session:
            row = begun_from(session, entry_id, base_revision)
            past = session.scalar(select(EntryRevisionRow).where(EntryRevisionRow.entry_id == entry_id, EntryRevisionRow.revision == revision))
            if past is None:
                raise NotFound(f"The entry {entry_id!r} has no revision {revision}.")
            if row.content != past.content:
                row.content, row.written_by = past.content, by
            if publish:
                self._publish(session, row, by)
            elif row.status == "archived":
                row.status = "draft"
                come_back(session, row)
            keep(session, row, Act.RESTORED, by=by, note=str(revision))
            return entry_of_row(row)

    def archive(self, entry_id: str, *, by: str | None) -> None:
        """Take an entry out of the answers; it is kept and can be published again."""
        with self._database.write() as session:
            row = found(session, entry_id, lock=True)
            row.status = "archived"
            looked_at(row)
            answer_from(session, row, None)
            keep(session, row, Act.ARCHIVED, by=by)

    def import_all(
        self, entries: Sequence[FaqEntry], *, by: str | None, publish: bool = True, archive: Collection[str] = (), revision: int | None = None
    ) -> int:
        """Publish these entries, new or changed, or keep them as drafts, and archive others, in one transaction; gives how many differed.

        Where answers are reviewed, what a person imports is kept as drafts that wait for another to publish them, and nothing is archived.
        Others stay as they are. Raises `AlreadyTaken` when somebody has published since the catalogue's `revision`.
        """
        for_review = self.reviewed and by is not None
        publish = publish and not for_review
        with self._database.write() as session:
            renamed = present_ids(session)
            taken = sum(self._take_in(session, entry, renamed, by=by, publish=publish, for_review=for_review) for entry in entries)
            gone = [row for one in archive if (row := found(session, one, lock=True)).status != "archived"] if not for_review else []
            for row in gone:
                row.status, row.published = "archived", None
                looked_at(row)
                keep(session, row, Act.ARCHIVED, by=by)
            whole = catalogue(session)
            if revision is not None and revision != whole.revision:
                raise AlreadyTaken("Somebody has published since the list was made. Look at the changes again; nothing was imported.")
            whole.revision += bool(gone or (taken and publish))
            return taken + len(gone)

    def _take_in(self, session: Session, entry: FaqEntry, renamed: Mapping[str, str], *, by: str | None, publish: bool, for_review: bool) -> bool:
        """Write an entry's words into its row, which it may have under another id by now. False where they stand there already."""
        content = _tidy(as_content(entry))
        target = entry.id if session.get(EntryRow, entry.id) else renamed.get(entry.id, entry.id)
        row = locked(session, EntryRow, target, id=target, revision=0, content={})
        there = row.published if publish or (for_review and not row.review_at) else row.content
        if row.topic == entry.topic and content == there and row.status != "archived":
            return False
        row.topic, row.content, row.written_by = entry.topic, content, by
        if row.merged_into:
            come_back(session, row)
        if publish:
            row.status, row.published = "published", content
            looked_at(row)
        else:
            row.status = row.status if row.published else "draft"
            row.review_at, row.review_note = (now(), None) if for_review else (row.review_at, row.review_note)
        keep(session, row, Act.IMPORTED, by=by)
        return True

    def _begun(self, session: Session, entry_id: str, base_revision: int | None, conversation_id: str | None) -> EntryRow:
        """The row to write into, locked: an old one that is as the writer knows it, or a new one."""
        if base_revision is not None:
            return begun_from(session, entry_id, base_revision)
        row = locked(session, EntryRow, entry_id, id=entry_id, revision=0, content={}, conversation_id=conversation_id)
        if row.revision or present_id(session, entry_id) != entry_id:
            raise Unreadable(f"There is an entry {entry_id!r} already, or was.", code="id_taken", field="id")
        return row

    def _publish(self, session: Session, row: EntryRow, by: str | None) -> None:
        """Answer from the row's words. Raises `handoff.entries.review.OwnWords`."""
        if self.reviewed:
            check_another(row.written_by or row.changed_by, by)
        row.status = "published"
        looked_at(row)
        come_back(session, row)
        answer_from(session, row, row.content)

    def differing(self, entries: Sequence[FaqEntry]) -> list[str]:
        """Ids of file entries that the database does not hold in the same form."""
        with self._database.read() as session:
            rows = {row.id: row for row in session.scalars(select(EntryRow))}
            rows |= {old: rows[new] for old, new in present_ids(session).items() if old not in rows and new in rows}
        held = {entry_id: (row.topic, row.published) for entry_id, row in rows.items()}
        return [entry.id for entry in entries if held.get(entry.id) != (entry.topic, _tidy(as_content(entry)))]


def as_faq_entry(entry_id: str, topic: str, content: dict[str, Any]) -> FaqEntry:
    """The bot's form of an entry's content."""
    return entry_of(content, id=entry_id, topic=topic)


def as_content(entry: FaqEntry) -> dict[str, Any]:
    """An entry's content as it is kept."""
    return {
        "question": entry.question,
        "answer": entry.answer,
        "examples": list(entry.examples),
        "translations": translations(entry),
        "tags": list(entry.tags),
    } | optional(entry)


def _check(content: dict[str, Any]) -> None:
    unknown = sorted(set(content) - {*FIELDS, *OPTIONAL})
    if unknown:
        raise Unreadable(f"Unknown field {unknown[0]!r}; an entry has {', '.join(FIELDS)}.", code="unknown_field", field=unknown[0])
    for name in ("question", "answer"):
        if not str(content.get(name) or "").strip():
            raise Unreadable(f"The entry needs its {name}.", code=f"missing_{name}", field=name)


def _tidy(content: dict[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = {"examples": [], "translations": {}, "tags": []}
    return {name: content.get(name) or empty.get(name, "") for name in FIELDS} | {name: content[name] for name in OPTIONAL if content.get(name)}


def _revision(session: Session) -> int:
    """Only looks: a reading transaction that began to write would fail beside a writer on SQLite."""
    row = session.get(CatalogueRow, 1)
    return row.revision if row else 0
