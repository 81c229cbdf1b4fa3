"""The look at known questions before publishing, over HTTP: lines of JSON as it goes on, so that the page can tell how far it is."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from bot.understanding import BotUnavailable
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations.known_answers import known_answers
from handoff.editor.content import Form
from handoff.editor.gate import Got, Moved, Plan, moved, neighbours, to_ask
from handoff.editor.trying import draft_of
from handoff.entries.store import as_faq_entry
from handoff.services import Services
from handoff.web import Guard


def gate_routes(services: Services, guard: Guard) -> APIRouter:
    """POST /api/editor/check and /api/editor/entries/{id}/check-archive."""
    router = APIRouter(tags=["editor"])
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]

    @router.post("/api/editor/check")
    async def check(form: Form, _person: editor) -> StreamingResponse:
        """Which known questions would be answered otherwise if this were published.

        Each line is `{"done", "of"}`, the last one `{"changes": […]}` as well. Without the bot, and for what can't be published yet, there
        are none: this look only advises.
        """
        draft = draft_of(form)
        return told_in_lines(services, Plan(published=(draft,)) if draft else Plan())

    @router.post("/api/editor/entries/{entry_id}/check-archive")
    async def check_archive(entry_id: str, _person: editor) -> StreamingResponse:
        """Which known questions would lose their answer if this entry were archived; as `check`."""
        entry = await asyncio.to_thread(services.entries.get, entry_id)
        gone = as_faq_entry(entry.id, entry.topic, entry.published) if entry.published else None
        return told_in_lines(services, Plan(archived=(gone,)) if gone else Plan())

    return router


def told_in_lines(services: Services, plan: Plan) -> StreamingResponse:
    """The look at a plan as it goes on."""
    return StreamingResponse(_lines(services, plan), media_type="application/x-ndjson", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _lines(services: Services, plan: Plan) -> AsyncIterator[str]:
    changes: list[dict[str, Any]] = []
    done = total = 0
    try:
        async for done, total, found in _looked(services, plan):
            changes += found
            yield _line({"done": done, "of": total})
    except BotUnavailable:
        changes = []
    yield _line({"done": done, "of": total, "changes": sorted(changes, key=lambda one: one["better"])})


async def _looked(services: Services, plan: Plan) -> AsyncIterator[tuple[int, int, list[dict[str, Any]]]]:
    published, _ = await asyncio.to_thread(services.entries.published)
    present = {entry.id: entry for entry in published}
    plan = Plan(tuple(entry for entry in plan.published if present.get(entry.id) != entry), plan.archived)
    if not (plan.published or plan.archived):
        return
    known = await asyncio.to_thread(known_answers, services.database)
    if not known:
        return
    questions = to_ask(await neighbours(services.bot, *plan.published, *plan.archived), known, published, plan.archived)
    new = {entry.id: entry.question for entry in plan.published}
    titles = new | {entry.id: entry.question for entry in published}
    async for done, found in moved(services.bot, plan, questions):
        yield done, len(questions), [_shown(services, one, titles, new) for one in found]


def _shown(services: Services, change: Moved, titles: dict[str, str], new: dict[str, str]) -> dict[str, Any]:
    """A customer's words go to the page without what identifies a person."""
    text = change.asked.text if change.asked.own else services.bot.mask(change.asked.text)

    def told(what: Got, names: dict[str, str]) -> dict[str, Any]:
        return {"action": what.action, "entry_id": what.entry_id, "question": names.get(what.entry_id or "")}

    right = {"entry_id": change.asked.entry_id, "question": titles.get(change.asked.entry_id, "")}
    return {
        "text": text,
        "own": change.asked.own,
        "better": change.better,
        "right": right,
        "before": told(change.before, titles),
        "after": told(change.after, titles | new),
    }


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False) + "\n"
