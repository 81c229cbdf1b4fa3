"""The guide's page and its pictures, for whoever is logged in."""

from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from handoff.accounts.service import Person
from handoff.errors import NotFound
from handoff.guide.chapters import FOLDER, Guide, picture, read_guide
from handoff.services import Services
from handoff.web import Guard, Pages, remember_language

PATH = "/guide"


@cache
def _guide() -> Guide:
    """Read once: the text changes with the program."""
    return read_guide(FOLDER, pictures=f"{PATH}/pictures")


def router(services: Services) -> APIRouter:
    """`/guide` and what it shows."""
    pages, guard = Pages(Path(__file__).parent), Guard(services.database)
    router = APIRouter(prefix=PATH, include_in_schema=False)
    reader = Annotated[Person, Depends(guard.person)]

    @router.get("")
    def guide(request: Request, person: reader) -> Response:
        return remember_language(request, pages.page(request, "guide.html", person=person, here="guide", guide=_guide()))

    @router.get("/pictures/{name}")
    def show(name: str, person: reader) -> Response:
        path = picture(FOLDER, name)
        if path is None:
            raise NotFound("The guide has no such picture.")
        return FileResponse(path, media_type="image/webp", headers={"Cache-Control": "private, max-age=3600"})

    return router
