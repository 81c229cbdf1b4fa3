"""What is done with a whole entry: reviewed, restored, compared, renamed, merged, split; and who else has it open."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.editor.compare import compared
from handoff.editor.content import LONGEST_QUESTION, MOST_EXAMPLES, Form, checked_id
from handoff.editor.views import entry_view, names
from handoff.entries import moving, presence, review
from handoff.entries.history import revision
from handoff.entries.store import Entry
from handoff.services import Services
from handoff.web import Guard

Strict = ConfigDict(extra="forbid")


class Begun(BaseModel):
    """The revision that the page shows."""

    model_config = Strict
    revision: int


class SentBack(Begun):
    note: str = ""


class Restored(Begun):
    """`wanted` is the revision to bring back."""

    wanted: int
    publish: bool = False


class Renamed(BaseModel):
    model_config = Strict
    id: str


class Merged(BaseModel):
    model_config = Strict
    into: str


class Split(BaseModel):
    model_config = Strict
    examples: list[Annotated[str, Field(max_length=LONGEST_QUESTION)]] = Field(max_length=MOST_EXAMPLES)


class Presence(BaseModel):
    model_config = Strict
    writing: bool = False


def move_routes(services: Services, guard: Guard) -> APIRouter:
    """Everything under /api/editor/entries/{id} that does more than save. Roles: editor, supervisor, admin."""
    router = APIRouter(prefix="/api/editor/entries/{entry_id}", tags=["editor"])
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]
    done = Done(services)
    database = services.database

    @router.post("/send")
    async def send(entry_id: str, begun: Begun, person: editor) -> dict[str, Any]:
        """Ask for another person to look at the words as they are saved."""
        return await done(person, "sent_entry", lambda: review.send(database, entry_id, revision=begun.revision, by=person.id))

    @router.post("/send-back")
    async def send_back(entry_id: str, sent: SentBack, person: editor) -> dict[str, Any]:
        """Give the words back to whoever wrote them, saying why."""
        return await done(person, "returned_entry", lambda: review.send_back(database, entry_id, revision=sent.revision, note=sent.note, by=person.id))

    @router.post("/restore")
    async def restore(entry_id: str, asked: Restored, person: editor) -> dict[str, Any]:
        """Bring an earlier form back as a new one: a draft, or published. An archived entry comes back too."""
        entries = services.entries
        return await done(
            person,
            "restored_entry",
            lambda: entries.restore(entry_id, asked.wanted, publish=asked.publish, by=person.id, base_revision=asked.revision),
            follow=asked.publish,
        )

    @router.post("/rename")
    async def rename(entry_id: str, asked: Renamed, person: editor) -> dict[str, Any]:
        """Another id; addresses, ratings and decisions with the old one follow."""
        return await done(person, "renamed_entry", lambda: moving.rename(database, entry_id, checked_id(asked.id), by=person.id), follow=True)

    @router.post("/merge")
    async def merge(entry_id: str, asked: Merged, person: editor) -> dict[str, Any]:
        """Its wordings go to another entry, which is given; this one is archived."""
        return await done(person, "merged_entry", lambda: moving.merge(database, entry_id, asked.into, by=person.id), follow=True)

    @router.post("/split", status_code=201)
    async def split(entry_id: str, asked: Split, person: editor) -> dict[str, Any]:
        """These wordings go to a new draft, which is given."""
        return await done(person, "split_entry", lambda: moving.split(database, entry_id, asked.examples, by=person.id))

    @router.get("/compare")
    def compare(entry_id: str, first: int, second: int, _person: editor) -> dict[str, Any]:
        """Two revisions field by field, with the words that differ."""
        return {"fields": compared(revision(database, entry_id, first), revision(database, entry_id, second))}

    @router.post("/compare")
    def compare_written(entry_id: str, form: Form, _person: editor) -> dict[str, Any]:
        """What is kept now beside what is written here."""
        entry = services.entries.get(entry_id)
        return {"fields": compared(entry.content | {"topic": entry.topic}, form.unfinished() | {"topic": form.topic.strip()})}

    @router.post("/presence")
    def here(entry_id: str, told: Presence, person: editor) -> dict[str, Any]:
        """This person has it open; who else has, and at which revision it is."""
        entry = services.entries.get(entry_id)
        return {"revision": entry.revision, "others": [asdict(one) for one in presence.tell(database, entry_id, person.id, writing=told.writing)]}

    @router.delete("/presence")
    def gone(entry_id: str, person: editor) -> dict[str, Any]:
        presence.leave(database, entry_id, person.id)
        return {}

    return router


class Done:
    """Does one thing in a worker thread, writes it into the trail and gives the entry that came of it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, person: Person, act: str, do: Callable[[], Entry], *, follow: bool = False) -> dict[str, Any]:
        services = self._services

        def written() -> dict[str, Any]:
            entry = do()
            accounts.audit(services.database, person.id, act, entry.id)
            return entry_view(entry, names(services.database), today=services.entries.today(), reader=person.id)

        view = await asyncio.to_thread(written)
        if follow:
            await services.follow()
        return view
