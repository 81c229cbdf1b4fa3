"""Entries of the FAQ: read, written, published and taken out of the answers, as in the editor."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from handoff.accounts import service as accounts
from handoff.accounts.keys import Caller, Scope
from handoff.api import cursors, entry_shapes, shapes
from handoff.api.conversations import Key
from handoff.api.door import Door
from handoff.entries.slugs import slug
from handoff.entries.store import Entry
from handoff.errors import AlreadyTaken
from handoff.services import Services

WRITTEN = ("question", "answer", "examples", "tags", "translations")


def router(services: Services, door: Door, api: APIRouter) -> None:
    """Add the routes of entries."""
    database, entries = services.database, services.entries
    reader = Annotated[Caller, Depends(door.may(Scope.ENTRIES_READ))]
    writer = Annotated[Caller, Depends(door.may(Scope.ENTRIES_WRITE))]
    publisher = Annotated[Caller, Depends(door.may(Scope.ENTRIES_PUBLISH))]

    @api.get("/entries")
    def list_entries(
        _caller: reader,
        *,
        topic: Annotated[str | None, Query(max_length=100)] = None,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
    ) -> shapes.Page[entry_shapes.Entry]:
        """All of them, by id."""
        (after,) = cursors.read(cursor, str) if cursor else ("",)
        found = sorted((one for one in entries.all() if one.id > after and topic in (None, one.topic)), key=lambda one: one.id)
        shown = [_entry(one) for one in found[:limit]]
        return shapes.Page(items=shown, next=cursors.written(shown[-1].id) if len(found) > limit else None)

    @api.get("/entries/{entry_id}")
    def read_entry(entry_id: str, _caller: reader) -> entry_shapes.Entry:
        """One entry."""
        return _entry(entries.get(entry_id))

    @api.post("/entries", status_code=201)
    def create_entry(wanted: entry_shapes.NewEntry, caller: writer, _key: Key = None) -> entry_shapes.Entry:
        """A new entry, as a draft."""
        entry_id = wanted.id or slug(wanted.question, {one.id for one in entries.all()})
        made = entries.save(entry_id, topic=wanted.topic, content=_content(wanted), publish=False, by=caller.person.id)
        accounts.audit(database, caller.person.id, "saved_entry", made.id)
        return _entry(made)

    @api.put("/entries/{entry_id}")
    def write_entry(entry_id: str, wanted: entry_shapes.Rewritten, caller: writer) -> entry_shapes.Entry:
        """Keep the words as a draft; what is published stays as it is. 409 when somebody has saved since `revision`."""
        present = entries.get(entry_id)
        content = present.content | _content(wanted)
        saved = entries.save(entry_id, topic=wanted.topic, content=content, publish=False, by=caller.person.id, base_revision=wanted.revision)
        accounts.audit(database, caller.person.id, "saved_entry", entry_id)
        return _entry(saved)

    @api.post("/entries/{entry_id}/publish")
    async def publish_entry(entry_id: str, meant: entry_shapes.Revision, caller: publisher, _key: Key = None) -> entry_shapes.Entry:
        """Answer from what is written at this revision: when this returns, the next question finds it."""

        def publish() -> Entry:
            present = entries.get(entry_id)
            if present.revision != meant.revision:
                raise AlreadyTaken(f"Somebody has saved since; the entry is at {present.revision} now.")
            done = entries.save(entry_id, topic=present.topic, content=present.content, publish=True, by=caller.person.id, base_revision=meant.revision)
            accounts.audit(database, caller.person.id, "published_entry", entry_id)
            return done

        published = await asyncio.to_thread(publish)
        await services.follow()
        return _entry(published)

    @api.post("/entries/{entry_id}/archive")
    async def archive_entry(entry_id: str, caller: publisher, _key: Key = None) -> entry_shapes.Entry:
        """Stop answering from it; it is kept and can be published again."""
        await asyncio.to_thread(lambda: entries.archive(entry_id, by=caller.person.id))
        await asyncio.to_thread(accounts.audit, database, caller.person.id, "archived_entry", entry_id)
        await services.follow()
        return _entry(await asyncio.to_thread(entries.get, entry_id))


def _content(wanted: entry_shapes.Written) -> dict[str, Any]:
    return {
        "question": wanted.question,
        "answer": wanted.answer,
        "examples": wanted.examples,
        "tags": wanted.tags,
        "translations": {language: one.model_dump() for language, one in wanted.translations.items()},
    }


def _entry(entry: Entry) -> entry_shapes.Entry:
    return entry_shapes.Entry(
        id=entry.id,
        topic=entry.topic,
        status=entry.status,
        revision=entry.revision,
        published=entry.status == "published",
        changed=entry.has_unpublished_change,
        changed_at=entry.changed_at,
        **{name: entry.content[name] for name in WRITTEN},
    )
