"""Routes of this room: the desk's page, what it reads and what agents change."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends

from handoff.console import changes, files, informing, moves, page, proofreading, reading, replies, verifying, writing
from handoff.console.seeing import seeing
from handoff.services import Services
from handoff.web import Guard, Pages, take_over


def router(services: Services) -> APIRouter:
    """All of the desk."""
    pages, guard = Pages(Path(__file__).parent), Guard(services.database)
    whole, seen = APIRouter(), [Depends(seeing(services, guard))]
    take_over(whole, page.router(services, pages, guard), replies.router(services, pages, guard))
    whole.include_router(reading.router(services, pages, guard), prefix="/api/desk", tags=["desk"], dependencies=seen)
    whole.include_router(changes.router(services, guard), prefix="/api/desk", tags=["desk"])
    whole.include_router(moves.router(services, guard), prefix="/api/desk", tags=["desk"])
    whole.include_router(verifying.router(services, guard), prefix="/api/desk", tags=["desk"])
    whole.include_router(informing.router(services, guard), prefix="/api/desk", tags=["desk"])
    whole.include_router(writing.router(services, guard), prefix="/api/desk", tags=["desk"], dependencies=seen)
    whole.include_router(proofreading.router(services, guard), prefix="/api/desk", tags=["desk"])
    whole.include_router(files.router(services, guard), prefix="/api/desk", tags=["desk"], dependencies=seen)
    return whole
