"""The accessibility statement for anyone (EN 301 549), in three languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.understanding import LANGUAGES
from handoff.dates import as_date
from handoff.services import Services
from handoff.web import Pages, page_language

HERE = Path(__file__).parent
PATH = "/accessibility"
ASSESSED = date(2026, 11, 22)  # change it with every new assessment, and the texts with what it found


def router(services: Services) -> APIRouter:
    """/accessibility."""
    pages = Pages(HERE)
    settings = services.settings
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    def statement(request: Request) -> HTMLResponse:
        words = {"company": settings.company, "bot": settings.bot_name, "contact": settings.accessibility_contact}
        assessed = as_date(ASSESSED, page_language(request))
        return pages.page(request, "accessibility.html", path=PATH, company=settings.company, words=words, version=assessed, languages=LANGUAGES)

    return router
