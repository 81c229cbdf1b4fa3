"""What is missing over HTTP: the page, more of a group's questions, and what an editor does with one."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from bot.understanding import BotUnavailable, Probe
from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.editor.content import LONGEST_QUESTION, MOST_EXAMPLES
from handoff.editor.gaps import collecting, drafting
from handoff.editor.gaps.book import PAGE, REASONS, Gaps, State
from handoff.editor.gaps.views import GapViews, looked_view
from handoff.services import Services
from handoff.web import Guard, Pages, page_language

NEAR = 8  # entries to choose from


class Dismissal(BaseModel):
    """Why nobody is to answer this; saying so is left to the editor."""

    reason: Literal[REASONS] | None = None  # type: ignore[valid-type]


class Given(BaseModel):
    """The entry that is written for a group."""

    entry_id: str = Field(max_length=120)


class Wordings(Given):
    """Customers' words, without what identifies a person, that the entry is to know as its own."""

    texts: list[Annotated[str, Field(max_length=LONGEST_QUESTION)]] = Field(min_length=1, max_length=MOST_EXAMPLES)


def gap_routes(services: Services, guard: Guard, pages: Pages) -> APIRouter:
    """GET /editor/missing and everything under /api/editor/missing."""
    router = APIRouter(tags=["editor"])
    gaps = Gaps(services.database, services.bot.mask)
    views = GapViews(services, pages.texts)
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]

    @router.get("/editor/missing", include_in_schema=False)
    def missing(request: Request, person: editor, state: State = "open", after: Annotated[int, Query(ge=0)] = 0) -> HTMLResponse:
        """Groups of questions without an answer, and drafts that colleagues have saved from their replies."""
        language = page_language(request)
        words = {key.removeprefix("missing."): text for key, text in pages.texts.all(language).items() if key.startswith("missing.")}
        found, whole = gaps.page(state, after=after)
        shown = views.page(found, language)
        return pages.page(
            request, "missing.html", person=person, here="editor", words=words, state=state, gaps=shown, whole=whole, after=after, size=PAGE,
            looked=views.looked(gaps.looked(), language), drafts=views.drafts() if state == "open" and not after else [], reasons=REASONS,
        )  # fmt: skip

    @router.get("/api/editor/missing/look")
    def looked(_person: editor) -> dict[str, Any]:
        """How far the look is, and how many groups there are."""
        return looked_view(gaps.looked()) | {"count": gaps.count()}

    @router.post("/api/editor/missing/look", status_code=202)
    def look(_person: editor) -> dict[str, Any]:
        """Look now; some seconds later it has begun."""
        collecting.want(services.database)
        return looked_view(gaps.looked())

    @router.get("/api/editor/missing/{gap_id}/questions")
    def questions(gap_id: str, _person: editor, after: Annotated[int, Query(ge=0)] = 0) -> dict[str, Any]:
        """What customers wrote, masked, the newest first."""
        return {"questions": [{"text": one.text, "language": one.language, "at": one.at.isoformat()} for one in gaps.examples(gap_id, after=after)]}

    @router.get("/api/editor/missing/{gap_id}/draft")
    def draft(gap_id: str, _person: editor) -> dict[str, Any]:
        """A new entry for the group as far as it writes itself: question, other wordings, topic, and what a colleague has answered."""
        return drafting.draft(services, gaps, gap_id)

    @router.get("/api/editor/missing/{gap_id}/near", response_model=None)
    async def near(gap_id: str, _person: editor, q: Annotated[str, Query(max_length=LONGEST_QUESTION)] = "") -> dict[str, Any] | JSONResponse:
        """Entries that come near by meaning: to what is searched for, or to the group itself."""
        group = await asyncio.to_thread(gaps.one, gap_id)
        text = q.strip() or (group.examples[0].text if group.examples else "")
        try:
            (reading,) = await services.bot.rehearse([Probe(text)])
        except BotUnavailable as error:
            return JSONResponse({"code": "bot_unavailable", "message": str(error)}, status_code=503)
        return {"entries": [{"id": one.entry_id, "question": one.question, "probability": one.probability} for one in reading.candidates[:NEAR]]}

    @router.post("/api/editor/missing/{gap_id}/wordings")
    def add_wordings(gap_id: str, form: Wordings, person: editor) -> dict[str, Any]:
        """The entry knows these wordings from now on, as a change that is still to be published."""
        entry = drafting.add_wordings(services, gaps, gap_id, form.entry_id, form.texts, by=person.id)
        accounts.audit(services.database, person.id, "saved_entry", entry.id)
        return {"entry_id": entry.id, "revision": entry.revision}

    @router.post("/api/editor/missing/{gap_id}/entry", status_code=204)
    def give(gap_id: str, form: Given, person: editor) -> Response:
        """This entry was written for the group."""
        services.entries.get(form.entry_id)
        gaps.give(gap_id, form.entry_id, by=person.id)
        return Response(status_code=204)

    @router.post("/api/editor/missing/{gap_id}/dismiss", status_code=204)
    def dismiss(gap_id: str, form: Dismissal, person: editor) -> Response:
        """Not shown again, nor what asks the same later."""
        gaps.dismiss(gap_id, by=person.id, reason=form.reason)
        accounts.audit(services.database, person.id, "dismissed_questions", gap_id)
        return Response(status_code=204)

    @router.post("/api/editor/missing/{gap_id}/reopen", status_code=204)
    def reopen(gap_id: str, person: editor) -> Response:
        """Back into the list."""
        gaps.reopen(gap_id, by=person.id)
        accounts.audit(services.database, person.id, "reopened_questions", gap_id)
        return Response(status_code=204)

    return router
