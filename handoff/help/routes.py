"""The public help page: the published entries, server-rendered, in three languages, useful without JavaScript."""

from __future__ import annotations

import asyncio
import re

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from bot.understanding import LANGUAGES, Language
from handoff.bucket import Bucket
from handoff.doors import HEADERS
from handoff.errors import NotFound, TooMany
from handoff.help import addresses
from handoff.help.catalogue import article, plain
from handoff.help.feeds import news, robots, sitemaps
from handoff.help.pages import HelpPages
from handoff.help.published import Published, Shelf
from handoff.help.rated import rating_routes
from handoff.help.rendered import Kept, Rendered
from handoff.help.search import Search, tidy
from handoff.help.theme import sheet
from handoff.help.tongue import Tongue
from handoff.services import Services
from handoff.web import take_over

READ = ["GET", "HEAD"]
XML = "application/xml; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
POLICY = HEADERS["Content-Security-Policy"].replace("img-src 'self' data:", "img-src 'self' data: https:")  # pictures in answers may be anywhere on the web
MOST_SUGGESTED = 6
NUMBERED = re.compile(r"[1-9]\d{0,3}")


def router(services: Services) -> APIRouter:
    """/help, /en/help and /ru/help, for anyone; /sitemap.xml and /robots.txt."""
    room = HelpRoom(services)
    router = APIRouter(include_in_schema=False)
    take_over(router, file_routes(services, room), rating_routes(services, room.shelf))
    for begin in ("/help", "/{tongue}/help"):
        router.add_api_route(begin, room.front, methods=READ)
        router.add_api_route(f"{begin}/suggest.json", room.suggest, methods=["GET"])
        router.add_api_route(f"{begin}/feed.xml", room.feed, methods=READ)
        router.add_api_route(f"{begin}/topics/{{topic}}", room.topic, methods=READ)
        router.add_api_route(f"{begin}/{{entry_id}}", room.entry, methods=READ)
    return router


class HelpRoom:
    """What is asked for by address."""

    def __init__(self, services: Services) -> None:
        self.shelf = Shelf(services)
        self.site = services.settings.public_url
        self._pages = HelpPages(services)
        self._search = Search(services.bot)
        self._feeds = Kept()
        self._asking = services.buckets.share("help, asking", Bucket(burst=40, per_second=4))  # of one address on the network, which may be a whole school

    async def front(self, request: Request, language: Tongue, q: str = "") -> Response:
        """The front page, or what a search found."""
        if turned := _in_the_address(request):
            return turned
        published, asked = await self.shelf.now(), tidy(q)
        if not asked:
            return _page(self._pages.front(published, language).response(request))
        found = await self._search.find(asked, published, language, by_meaning=self._may_ask(request))
        return _page(_unkept(self._pages.results(published, language, asked, found).response(request)))

    async def suggest(self, request: Request, language: Tongue, q: str = "") -> Response:
        """Answers while somebody types. Past the limit, 429; a page then simply suggests nothing."""
        self._asking.take(_sender(request))
        published = await self.shelf.now()
        found = await self._search.find(q, published, language)
        shown = [article(published.entries[entry_id], language) for entry_id in found.ids[:MOST_SUGGESTED]]
        body = [{"question": one.question, "language": one.language, "address": addresses.of_entry(one.id, language)} for one in shown]
        return _unkept(JSONResponse({"found": body}))

    async def feed(self, request: Request, language: Tongue) -> Response:
        published = await self.shelf.now()
        title = self._pages.title(language)

        def make() -> Rendered:
            return Rendered.of(news(published, language, site=self.site, title=title), media_type=ATOM)

        made = await asyncio.to_thread(self._feeds.get, published, language, make)
        return made.response(request)

    async def topic(self, request: Request, language: Tongue, topic: str, page: str = "1") -> Response:
        if turned := _in_the_address(request):
            return turned
        published = await self.shelf.now()
        made = self._pages.topic(published, language, topic, int(page)) if NUMBERED.fullmatch(page) else None
        return _page(made.response(request)) if made else await self._missing(request, published, language, topic)

    async def entry(self, request: Request, language: Tongue, entry_id: str, way: str = "", thanks: str = "") -> Response:
        """One answer. An address of old leads on for good; of what was taken down or never was, a page with ways on."""
        published = await self.shelf.now()
        if turned := _in_the_address(request, published.leads_to(entry_id)):
            return turned
        if entry := published.entries.get(entry_id):
            return _page(self._pages.entry(published, language, entry, way=way, thanks=thanks).response(request))
        if target := published.leads_to(entry_id):
            return RedirectResponse(addresses.of_entry(target, language), status_code=301)
        return await self._missing(request, published, language, entry_id)

    async def _missing(self, request: Request, published: Published, language: Language, named: str) -> Response:
        words = plain(tidy(named)).strip()
        found = await self._search.find(words, published, language, by_meaning=self._may_ask(request))
        is_gone = named in published.gone
        return _page(_unkept(self._pages.missing(published, language, words, found, is_gone=is_gone, topic=published.gone.get(named)).response(request)))

    def _may_ask(self, request: Request) -> bool:
        """Whether the bot may be asked for this sender; past the limit the words alone find."""
        try:
            self._asking.take(_sender(request))
        except TooMany:
            return False
        return True


def file_routes(services: Services, room: HelpRoom) -> APIRouter:
    """What programs read, and the operator's colour."""
    routes = APIRouter(include_in_schema=False)
    kept, site = Kept(), services.settings.public_url

    async def maps() -> list[str]:
        published = await room.shelf.now()
        made = await asyncio.to_thread(kept.get, published, "all", lambda: Rendered.of("\0".join(sitemaps(published, site=site)), media_type=XML))
        return made.content.decode().split("\0")

    @routes.api_route("/sitemap.xml", methods=READ)
    async def sitemap(request: Request) -> Response:
        return Rendered.of((await maps())[0], media_type=XML).response(request)

    @routes.api_route("/sitemap-{number:int}.xml", methods=READ)
    async def part(request: Request, number: int) -> Response:
        parts = (await maps())[1:]
        if not 1 <= number <= len(parts):
            raise NotFound("There is no such part of the sitemap.")
        return Rendered.of(parts[number - 1], media_type=XML).response(request)

    @routes.api_route("/robots.txt", methods=READ)
    def for_robots(request: Request) -> Response:
        return Rendered.of(robots(site), media_type="text/plain; charset=utf-8").response(request)

    @routes.api_route("/help/theme.css", methods=READ)
    def theme(request: Request) -> Response:
        colour = services.settings.help_color
        return Rendered.of(sheet(colour) if colour else "", media_type="text/css; charset=utf-8").response(request)

    return routes


def _in_the_address(request: Request, target: str | None = None) -> Response | None:
    """A language that was told by a mark, as it once was everywhere, belongs into the address: the way there, for good. `target` is where the entry
    of this address has gone, so that there is one way and not two."""
    wanted = next((language for language in LANGUAGES if language == request.query_params.get("lang")), None)
    if wanted is None:
        return None
    others = {name: value for name, value in request.query_params.items() if name != "lang"}
    path = addresses.of_entry(target, wanted) if target else addresses.in_language(request.url.path, wanted)
    return RedirectResponse(addresses.with_query(path, **others), status_code=301)


def _sender(request: Request) -> str:
    return request.client.host if request.client else ""


def _page(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _unkept(response: Response) -> Response:
    """What somebody searched for is nobody else's page."""
    response.headers["Cache-Control"] = "private, no-store"
    return response
