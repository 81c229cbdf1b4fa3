"""What every room's routes share: who is asking, templates, and a stream of numbered events."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.understanding import LANGUAGES, Language
from handoff.accounts import service as accounts
from handoff.accounts import trail
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations.signals import Signals
from handoff.conversations.typists import Told
from handoff.database import AWAY, Database, is_away
from handoff.errors import NotAllowed
from handoff.texts import Texts

COOKIE = "abiline_login"
LANGUAGE_COOKIE = "abiline_language"
YEAR_SECONDS = 365 * 24 * 3600
HEARTBEAT_SECONDS = 20
AWAY_SECONDS = 2  # after which a stream looks again whether the database is back
LOOK_SECONDS = 2  # how soon a waiting request notices that nobody waits for it
SHARED = Path(__file__).parent

News = TypeVar("News")


class Pages:
    """Renders one room's templates. `handoff/templates/` holds what all rooms share (base page, log-in)."""

    def __init__(self, room: Path) -> None:
        self.texts = Texts(SHARED / "texts", room / "texts")
        self._templates = _templates(room)

    def page(self, request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page in the reader's language; `t("key")` in a template gives a text."""
        return HTMLResponse(self.render(page_language(request), name, request=request, **values), status_code=status)

    def render(self, language: Language, name: str, **values: Any) -> str:
        """The template in a language, for what is no page in a browser, or is one in somebody else's language."""

        def t(key: str, **filled: object) -> str:
            return self.texts.say(language, key, **filled)

        return self._templates.get_template(name).render(t=t, language=language, **values)


@lru_cache(maxsize=64)
def _templates(room: Path) -> Environment:
    """A room's templates and the shared ones; compiled once a process, and again when a file has changed."""
    return Environment(
        loader=FileSystemLoader([room / "templates", SHARED / "templates"]),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def take_over(whole: APIRouter, *parts: APIRouter) -> None:
    """Add the routes of parts as they are.

    FastAPI's `include_router` works every route out anew at each level, which is for prefixes and dependencies of the including side;
    without those it only doubles the time of a start.
    """
    for part in parts:
        whole.routes.extend(part.routes)


def page_language(request: Request) -> Language:
    """The language that the reader chose (`?lang=en`, then the cookie), else Estonian."""
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return next((language for language in LANGUAGES if language == wanted), "et")


def keep_language(response: Response, language: str | None) -> Response:
    """Our pages speak this language in this browser from now on; None leaves it as it is."""
    if language in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, samesite="lax", path="/")
    return response


def remember_language(request: Request, response: Response) -> Response:
    """Keep the language that the reader chose with `?lang=`."""
    return keep_language(response, request.query_params.get("lang"))


class Guard:
    """Lets people in by what they may do. What its methods give are FastAPI dependencies.

    A change needs, besides the cookie, the header `X-CSRF-Token` (or the form field `csrf_token`) that only our own pages
    know; the cookie is SameSite=Strict as well.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._doors: dict[Permission, Callable[[Request], Person]] = {}

    def person(self, request: Request) -> Person:
        """Anyone who is logged in."""
        person = accounts.whose(self._database, request.cookies.get(COOKIE))
        if request.method not in ("GET", "HEAD"):
            check_csrf(person, request.headers.get("X-CSRF-Token", ""))
        return person

    def may(self, permission: Permission) -> Callable[[Request], Person]:
        """Those whose role includes it (`handoff.accounts.permissions`). The same door each time, so one request looks once."""

        def allowed(request: Request) -> Person:
            return self._allowed(request, self.person(request), permission)

        return self._doors.setdefault(permission, allowed)

    def form(self, permission: Permission | None = None) -> Callable[..., Person]:
        """The same for a page's form, which carries the token in its field `csrf_token`; without a permission, anyone who is logged in."""

        def allowed(request: Request, csrf_token: Annotated[str, Form()] = "") -> Person:
            person = accounts.whose(self._database, request.cookies.get(COOKIE))
            check_csrf(person, csrf_token)
            return self._allowed(request, person, permission) if permission else person

        return allowed

    def _allowed(self, request: Request, person: Person, permission: Permission) -> Person:
        if not person.may(permission):
            trail.refused(self._database, person.id, f"{request.method} {request.scope['route'].path}")
            raise NotAllowed("Your role does not include this.")
        return person


def check_csrf(person: Person, token: str) -> None:
    """Raise `NotAllowed` unless the token is the one of this log-in."""
    if not hmac.compare_digest(person.csrf_token.encode(), token.encode()):
        raise NotAllowed("This page is out of date. Reload it and try again.")


def set_login_cookie(response: Response, token: str, *, secure: bool, lasts: timedelta) -> None:
    response.set_cookie(COOKIE, token, httponly=True, secure=secure, samesite="strict", path="/", max_age=int(lasts.total_seconds()))


async def stream(
    request: Request,
    signals: Signals,
    topic: str,
    read: Callable[[int], Told],
    *,
    after: int,
) -> AsyncIterator[bytes]:
    """Server-sent events: first what came after number `after`, then each new thing as it comes, a heartbeat between.

    `read(number)` gives (number, event name, data) of everything newer, and what is gone in seconds without a number; it runs
    in a worker thread, at least at every heartbeat, and again after something was said. The reader subscribes before it reads, so nothing falls between.
    """
    last, next_beat = after, time.monotonic() + HEARTBEAT_SECONDS
    async with signals.listen(topic) as woken:
        yield b"retry: 2000\n\n"
        while True:
            woken.clear()
            ending = signals.ending  # looked at before the news: what came before the end is told
            try:
                news = await asyncio.to_thread(read, last)
            except AWAY as error:  # whoever listens stays, and is told what has come once the database is back
                if not is_away(error):
                    raise
                news = []
                asyncio.get_running_loop().call_later(AWAY_SECONDS, woken.set)
            if news:
                last = max(last, *(number or 0 for number, _name, _data in news))
                yield "".join(_as_sent(*one) for one in news).encode()
            if ending:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0, next_beat - time.monotonic())):  # `wait_for` of Python 3.11 may swallow being cancelled
                    await woken.wait()
            if time.monotonic() >= next_beat:  # by the clock: being woken for what is no news to this reader must not silence it
                next_beat = time.monotonic() + HEARTBEAT_SECONDS
                yield b": beat\n\n"
            if await request.is_disconnected():
                return


def _as_sent(number: int | None, name: str, data: Any) -> str:
    known = "" if number is None else f"id: {number}\n"
    return f"{known}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def first_news(request: Request, signals: Signals, topic: str, read: Callable[[], News], *, is_news: Callable[[News], bool], seconds: float) -> News:
    """What `read` gives as soon as that is news, or what it gives after `seconds`: a stream for readers whose proxy holds streams back.

    `read` runs in a worker thread. Like a stream it subscribes before it reads; a reader that is gone is not waited for.
    """
    ends = time.monotonic() + seconds
    async with signals.listen(topic) as woken:
        while True:
            woken.clear()
            found = await asyncio.to_thread(read)
            if is_news(found) or signals.ending or time.monotonic() >= ends or not await _still_there(request, woken, ends):
                return found


async def _still_there(request: Request, woken: asyncio.Event, ends: float) -> bool:
    """Wait for a wake-up or until `ends`; False as soon as the reader is gone."""
    while not woken.is_set() and (left := ends - time.monotonic()) > 0:
        if await request.is_disconnected():
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(min(left, LOOK_SECONDS)):
                await woken.wait()
    return True
