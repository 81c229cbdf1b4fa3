"""The look at known questions before publishing, over HTTP: lines of JSON as it goes on, so that the page can tell how far it is."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from bot.understanding import BotUnavailable, FaqEntry
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations.known_answers import known_answers
from handoff.editor.content import Form
from handoff.editor.gate import Got, Moved, moved, neighbours, to_ask
from handoff.editor.trying import draft_of
from handoff.services import Services
from handoff.web import Guard


def gate_routes(services: Services, guard: Guard) -> APIRouter:
    """POST /api/editor/check."""
    router = APIRouter(tags=["editor"])
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]

    @router.post("/api/editor/check")
    async def check(form: Form, _person: editor) -> StreamingResponse:
        """Which known questions would be answered otherwise if this were published.

        Each line is `{"done", "of"}`, the last one `{"changes": […]}` as well. Without the bot, and for what can't be published yet, there
        are none: this look only advises.
        """
        return StreamingResponse(_lines(services, form), media_type="application/x-ndjson", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    return router


async def _lines(services: Services, form: Form) -> AsyncIterator[str]:
    changes: list[dict[str, Any]] = []
    done = total = 0
    try:
        async for done, total, found in _looked(services, form):
            changes += found
            yield _line({"done": done, "of": total})
    except BotUnavailable:
        changes = []
    yield _line({"done": done, "of": total, "changes": sorted(changes, key=lambda one: one["better"])})


async def _looked(services: Services, form: Form) -> AsyncIterator[tuple[int, int, list[dict[str, Any]]]]:
    draft = draft_of(form)
    published, _ = await asyncio.to_thread(services.entries.published)
    if draft is None or draft in published:
        return
    known = await asyncio.to_thread(known_answers, services.database)
    if not known:
        return
    questions = to_ask(await neighbours(services.bot, draft), known, published)
    titles = {draft.id: draft.question} | {entry.id: entry.question for entry in published}
    async for done, found in moved(services.bot, draft, questions):
        yield done, len(questions), [_shown(services, one, titles, draft) for one in found]


def _shown(services: Services, change: Moved, titles: dict[str, str], draft: FaqEntry) -> dict[str, Any]:
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
        "after": told(change.after, titles | {draft.id: draft.question}),
    }


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False) + "\n"
