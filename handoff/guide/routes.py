"""The guides' pages and their pictures, for whoever is logged in."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from handoff.accounts.service import Person
from handoff.errors import NotFound
from handoff.guide.chapters import AGENTS, EDITORS, Guide, picture, read_guide
from handoff.services import Services
from handoff.web import Guard, Pages, remember_language


@dataclass(frozen=True)
class Volume:
    """A guide and where it is read."""

    name: str
    path: str
    folder: Path


FOR_AGENTS, FOR_EDITORS = Volume("agents", "/guide", AGENTS), Volume("editors", "/guide/editors", EDITORS)


@cache
def _guide(volume: Volume) -> Guide:
    """Read once: the text changes with the program."""
    return read_guide(volume.folder, pictures=f"{volume.path}/pictures")


def router(services: Services) -> APIRouter:
    """`/guide`, `/guide/editors` and what they show."""
    pages, guard = Pages(Path(__file__).parent), Guard(services.database)
    router = APIRouter(include_in_schema=False)
    reader = Annotated[Person, Depends(guard.person)]

    def page(request: Request, person: Person, volume: Volume, other: Volume | None) -> Response:
        return remember_language(request, pages.page(request, "guide.html", person=person, here="guide", guide=_guide(volume), other=other))

    @router.get(FOR_EDITORS.path)
    def for_editors(request: Request, person: reader) -> Response:
        return page(request, person, FOR_EDITORS, FOR_AGENTS if person.answers else None)

    @router.get(FOR_AGENTS.path)
    def for_agents(request: Request, person: reader) -> Response:
        return page(request, person, FOR_AGENTS, FOR_EDITORS if person.edits else None)

    @router.get(f"{FOR_AGENTS.path}/pictures/{{name}}")
    def agents_picture(name: str, person: reader) -> Response:
        return _shown(FOR_AGENTS, name)

    @router.get(f"{FOR_EDITORS.path}/pictures/{{name}}")
    def editors_picture(name: str, person: reader) -> Response:
        return _shown(FOR_EDITORS, name)

    return router


def _shown(volume: Volume, name: str) -> Response:
    path = picture(volume.folder, name)
    if path is None:
        raise NotFound("The guide has no such picture.")
    return FileResponse(path, media_type="image/webp", headers={"Cache-Control": "private, max-age=3600"})
