"""The public help page: the published entries, server-rendered, in three languages, useful without JavaScript."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.understanding import LANGUAGES, FaqEntry, Language
from handoff.errors import NotFound
from handoff.help.catalogue import Article, article, by_topic
from handoff.help.search import LONGEST, Search
from handoff.markdown import as_html, as_plain
from handoff.services import Services
from handoff.web import Pages, page_language

HERE = Path(__file__).parent
MOST_RELATED = 5


def router(services: Services) -> APIRouter:
    """/help and /help/{id}, for anyone."""
    help_pages = HelpPages(services)
    router = APIRouter(include_in_schema=False)

    @router.get("/help")
    async def front(request: Request, q: str = "") -> HTMLResponse:
        return await help_pages.front(request, q)

    @router.get("/help/{entry_id}")
    async def one(request: Request, entry_id: str) -> HTMLResponse:
        return await help_pages.one(request, entry_id)

    return router


class HelpPages:
    """Renders what is published."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._search = Search(services.bot)
        self._pages = Pages(HERE)

    async def front(self, request: Request, query: str) -> HTMLResponse:
        """All topics, or what a search found."""
        language = page_language(request)
        entries = await self._published()
        articles = {entry.id: article(entry, language) for entry in entries}
        found = [articles[entry_id] for entry_id in await self._search.find(query, entries, language)]
        topics = {} if found else by_topic(articles.values())
        asked = " ".join(query.split())[:LONGEST]
        shared = self._shared(language, "/help")
        return self._pages.page(
            request, "help.html", query=asked, found=found, topics=topics, structured=structured(list(articles.values()) if not asked else found), **shared
        )

    async def one(self, request: Request, entry_id: str) -> HTMLResponse:
        """One entry, with its neighbours of the same topic. A missing or archived one: the front page's way on, with 404."""
        language = page_language(request)
        entries = await self._published()
        entry = next((entry for entry in entries if entry.id == entry_id), None)
        if entry is None:
            if "text/html" not in request.headers.get("accept", ""):
                raise NotFound("There is no such answer.")
            return self._pages.page(request, "gone.html", status=404, **self._shared(language, "/help"))
        shown = article(entry, language)
        related = [article(other, language) for other in entries if other.topic == entry.topic and other.id != entry.id][:MOST_RELATED]
        shared = self._shared(language, f"/help/{quote(entry.id)}")
        return self._pages.page(request, "entry.html", entry=shown, related=related, structured=structured([shown]), **shared)

    async def _published(self) -> list[FaqEntry]:
        """But for what is told to verified customers only."""
        entries, _ = await asyncio.to_thread(self._services.entries.published)
        return [entry for entry in entries if not entry.needs_identity]

    def _shared(self, language: Language, path: str) -> dict[str, Any]:
        settings, texts = self._services.settings, self._pages.texts

        def topic_title(topic: str) -> str:
            title = texts.say(language, f"topics.{topic}") if topic else texts.say(language, "help.no_topic")
            return topic.replace("-", " ").capitalize() if title.startswith("[?") else title

        return {
            "company": settings.company,
            "canonical": settings.public_url + link(path, language),
            "addresses": {other: settings.public_url + link(path, other) for other in LANGUAGES},
            "languages": {other: link(path, other) for other in LANGUAGES},
            "go": lambda target, **query: link(target, language, **query),
            "topic_title": topic_title,
            "as_html": as_html,
            "as_plain": as_plain,
        }


def link(path: str, language: Language, **query: str) -> str:
    """The path in the reader's language; Estonian needs no mark."""
    marks = query | ({} if language == "et" else {"lang": language})
    return f"{path}?{urlencode(marks)}" if marks else path


def structured(articles: list[Article]) -> dict[str, Any]:
    """schema.org FAQPage, for search engines."""
    questions = [
        {"@type": "Question", "name": one.question, "inLanguage": one.language, "acceptedAnswer": {"@type": "Answer", "text": str(as_html(one.answer))}}
        for one in articles
    ]
    return {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions}
