"""The editor's API: list, save, publish, archive, history, ask."""

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from bot.understanding import BotUnavailable
from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.editor.content import Form
from handoff.editor.shown import preview_view, said
from handoff.editor.trying import draft_of, tried
from handoff.editor.views import entry_view, names, reading_view, revision_views
from handoff.entries.history import revisions
from handoff.entries.slugs import slug
from handoff.entries.store import Entry
from handoff.errors import AlreadyTaken, Unreadable
from handoff.explain import explain
from handoff.services import Services
from handoff.texts import Texts
from handoff.web import Guard, page_language

TRIES = 5  # two editors may make the same id from the same question at once


class Question(BaseModel):
    """A text to ask the bot as a customer would. `draft` is the entry that is open, as it is written now."""

    text: str = Field(max_length=4_000)
    draft: Form | None = None


class NewEntry(Form):
    publish: bool = False


def api(services: Services, guard: Guard, texts: Texts) -> APIRouter:
    """Everything under /api/editor but import. Roles: editor, supervisor, admin."""
    router = APIRouter(prefix="/api/editor", tags=["editor"])
    desk = Desk(services)
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]

    @router.get("/entries")
    def entries(person: editor) -> dict[str, Any]:
        """Every entry with its words, by topic and id: the page searches in them itself."""
        people, today = names(services.database), services.entries.today()
        return {"entries": [entry_view(entry, people, today=today, reader=person.id) for entry in services.entries.all()]}

    @router.post("/entries", status_code=201)
    async def create(form: NewEntry, person: editor) -> dict[str, Any]:
        """A new entry, as a draft or published at once."""
        entry = await asyncio.to_thread(desk.create, form, person)
        return await desk.shown(entry, person, follow=form.publish)

    @router.get("/entries/{entry_id}")
    async def one(entry_id: str, person: editor) -> dict[str, Any]:
        return await desk.shown(await asyncio.to_thread(services.entries.get, entry_id), person)

    @router.put("/entries/{entry_id}")
    async def save(entry_id: str, form: Form, person: editor) -> dict[str, Any]:
        """Keep the words as a draft; what is published stays as it is."""
        return await desk.shown(await asyncio.to_thread(desk.save, entry_id, form, person, False), person)

    @router.post("/entries/{entry_id}/publish")
    async def publish(entry_id: str, form: Form, person: editor) -> dict[str, Any]:
        """Keep the words and answer from them: when this returns, the next question finds them."""
        return await desk.shown(await asyncio.to_thread(desk.save, entry_id, form, person, True), person, follow=True)

    @router.post("/entries/{entry_id}/archive")
    async def archive(entry_id: str, person: editor) -> dict[str, Any]:
        """Stop answering from it; it is kept and can be published again."""
        return await desk.shown(await asyncio.to_thread(desk.archive, entry_id, person), person, follow=True)

    @router.get("/entries/{entry_id}/revisions")
    def history(entry_id: str, _person: editor) -> dict[str, Any]:
        services.entries.get(entry_id)
        return {"revisions": revision_views(revisions(services.database, entry_id))}

    @router.post("/preview")
    def preview(form: Form, _person: editor) -> dict[str, Any]:
        """What is written, in each language, as the chat shows it."""
        return preview_view(form)

    @router.post("/ask", response_model=None)
    async def ask(request: Request, question: Question, _person: editor) -> dict[str, Any] | JSONResponse:
        """What the bot would do with this text, and why; with a draft, as if that were published."""
        if not question.text.strip():
            raise Unreadable("The question is empty.", code="empty", field="text")
        try:
            draft = draft_of(question.draft)
            reading, candidates = await tried(services.bot, question.text.strip(), draft)
            shown = reading_view(reading, partial(explain, texts, page_language(request)))
            return shown | {"candidates": candidates, "draft": draft.id if draft else None, "answer": said(services.entries, reading, draft)}
        except BotUnavailable as error:
            return JSONResponse({"code": "bot_unavailable", "message": str(error)}, status_code=503)

    return router


class Desk:
    """What the routes do, one transaction each."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def create(self, form: NewEntry, person: Person) -> Entry:
        content, topic, wanted = form.content(), form.tidy_topic(), form.tidy_id()
        for left in reversed(range(TRIES)):
            entry_id = wanted or slug(form.question, {entry.id for entry in self._services.entries.all()})
            try:
                entry = self._services.entries.save(entry_id, topic=topic, content=content, publish=form.publish, by=person.id)
            except Unreadable as error:
                if error.code != "id_taken" or wanted or not left:
                    raise
                continue
            self._write_down(person, "published_entry" if form.publish else "saved_entry", entry.id)
            return entry
        raise AssertionError("the last try returns or raises")

    def save(self, entry_id: str, form: Form, person: Person, publish: bool) -> Entry:
        content, topic = form.content(), form.tidy_topic()
        present = self._services.entries.get(entry_id)
        if form.revision is None:
            raise AlreadyTaken(f"Say which revision the writing began from; the entry is at {present.revision} now.")
        entry = self._services.entries.save(entry_id, topic=topic, content=content, publish=publish, by=person.id, base_revision=form.revision)
        self._write_down(person, "published_entry" if publish else "saved_entry", entry_id)
        return entry

    def archive(self, entry_id: str, person: Person) -> Entry:
        self._services.entries.archive(entry_id, by=person.id)
        self._write_down(person, "archived_entry", entry_id)
        return self._services.entries.get(entry_id)

    async def shown(self, entry: Entry, person: Person, *, follow: bool = False) -> dict[str, Any]:
        """The entry for the page; with `follow`, once the bot answers from what is published."""
        if follow:
            await self._services.follow()
        people = await asyncio.to_thread(names, self._services.database)
        return entry_view(entry, people, today=self._services.entries.today(), reader=person.id)

    def _write_down(self, person: Person, act: str, entry_id: str) -> None:
        accounts.audit(self._services.database, person.id, act, entry_id)
