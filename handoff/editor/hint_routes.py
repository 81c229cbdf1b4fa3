"""Hints over HTTP: on what is being written, on everything, and put aside."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.editor.content import Form
from handoff.editor.hints import Hints
from handoff.editor.lint.finding import RULES, Finding, fields
from handoff.entries.asides import asides, put_aside, take_back
from handoff.entries.store import as_faq_entry
from handoff.places import as_browsers_count
from handoff.services import Services
from handoff.web import Guard
from handoff.writing import known_words

SECONDS = 0.6  # that one request for the review takes at most, but for its last entries


class Aside(BaseModel):
    """A rule whose hints about an entry are meant so, or no longer."""

    rule: Literal[RULES]  # type: ignore[valid-type]
    aside: bool = True


class Word(BaseModel):
    """One word that is right."""

    word: str = Field(max_length=200)


def hint_routes(services: Services, guard: Guard) -> APIRouter:
    """POST /api/editor/lint, GET /api/editor/review, POST /api/editor/entries/{id}/aside, POST /api/editor/known-words."""
    router = APIRouter(tags=["editor"])
    hints = Hints(services)
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]

    @router.post("/api/editor/lint")
    async def lint(form: Form, person: editor) -> dict[str, Any]:
        """Hints on an entry as it is being written; nothing is kept, and nothing has to be finished."""
        content = form.unfinished()
        found = await hints.of_draft(as_faq_entry(form.id, form.topic, content), content, person.id)
        aside = (await asyncio.to_thread(asides, services.database)).get(form.id, frozenset())
        return _shown(content, found, aside)

    @router.get("/api/editor/review")
    async def review(person: editor, after: int = 0) -> dict[str, Any]:
        """Hints on all entries, some at a time: ask again with `next` until it is null."""
        found, total = await hints.review(max(after, 0), SECONDS, person.id)
        meant = await asyncio.to_thread(asides, services.database)
        entries = [
            {"id": entry.id, "question": entry.content["question"], **_shown(entry.content, own, meant.get(entry.id, frozenset()))} for entry, own in found
        ]
        seen = max(after, 0) + len(found)
        return {"total": total, "next": seen if seen < total else None, "entries": entries}

    @router.post("/api/editor/entries/{entry_id}/aside", status_code=204)
    def meant_so(entry_id: str, told: Aside, person: editor) -> Response:
        """Keep or drop that hints of a rule about this entry are meant so."""
        if told.aside:
            put_aside(services.database, entry_id, told.rule, by=person.id)
        else:
            take_back(services.database, entry_id, told.rule)
        accounts.audit(services.database, person.id, "put_hint_aside" if told.aside else "took_hint_back", entry_id)
        return Response(status_code=204)

    @router.post("/api/editor/known-words", status_code=204)
    def learn(told: Word, person: editor) -> Response:
        """Pass over this word in this editor's hints from now on. Raises `Unreadable`."""
        known_words.learn(services.database, person.id, told.word)
        return Response(status_code=204)

    return router


def _shown(content: Mapping[str, Any], found: list[Finding], aside: frozenset[str]) -> dict[str, Any]:
    """Hints with their places as browsers count them; rules put aside only by name."""
    texts = {one.name: one.text for one in fields(content)}
    hints = [_hint(one, texts.get(one.field, "")) for one in found if one.rule not in aside]
    return {"hints": hints, "aside": sorted({one.rule for one in found if one.rule in aside})}


def _hint(found: Finding, text: str) -> dict[str, Any]:
    place = as_browsers_count(text)
    span = {"start": place(found.start), "end": place(found.end)} if found.start is not None and found.end is not None else {}
    return {"rule": found.rule, "field": found.field, "values": dict(found.values), "other": found.other, **span}
