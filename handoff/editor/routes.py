"""Routes of the editor's room: the page, its API, import and export."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.editor.api import api
from handoff.editor.exchange import exchange
from handoff.editor.gaps.book import Gaps
from handoff.editor.gaps.routes import gap_routes
from handoff.editor.gate_routes import gate_routes
from handoff.editor.hint_routes import hint_routes
from handoff.editor.move_routes import move_routes
from handoff.editor.pictures import picture_routes
from handoff.editor.reader_routes import reader_routes
from handoff.services import Services
from handoff.web import Guard, Pages, page_language, take_over

HERE = Path(__file__).parent


def router(services: Services) -> APIRouter:
    """/editor and /api/editor, for editors, supervisors and admins."""
    pages, guard = Pages(HERE), Guard(services.database)
    router = APIRouter()
    gaps = Gaps(services.database, services.bot.mask)
    reader = Annotated[Person, Depends(guard.may(Permission.EDIT))]

    @router.get("/editor", include_in_schema=False)
    def editor(request: Request, person: reader) -> HTMLResponse:
        words = pages.texts.all(page_language(request)).items()
        mine = {key.removeprefix("editor."): text for key, text in words if key.startswith(("editor.", "topics."))}
        return pages.page(
            request,
            "editor.html",
            person=person,
            here="editor",
            words=mine,
            bot_name=services.settings.bot_name,
            reviewed=services.entries.reviewed,
            missing=gaps.count(),
        )

    take_over(
        router,
        api(services, guard, pages.texts),
        hint_routes(services, guard),
        gate_routes(services, guard),
        exchange(services, guard, pages.texts),
        picture_routes(services, guard),
        move_routes(services, guard),
        reader_routes(services, guard),
        gap_routes(services, guard, pages),
    )
    return router
