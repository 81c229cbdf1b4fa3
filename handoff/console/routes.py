"""Routes of this room: the desk's page, what it reads and what agents change."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from handoff.console import changes, files, informing, keeping, moves, naming, page, proofreading, reading, replies, revealing, verifying, writing
from handoff.services import Services
from handoff.web import Guard, Pages, take_over


def router(services: Services) -> APIRouter:
    """All of the desk."""
    pages, guard = Pages(Path(__file__).parent), Guard(services.database)
    whole = APIRouter()
    take_over(whole, page.router(services, pages, guard), replies.router(services, pages, guard), reading.router(services, pages, guard))
    take_over(
        whole, *(part.router(services, guard) for part in (changes, moves, naming, verifying, informing, writing, proofreading, files, keeping, revealing))
    )
    return whole
