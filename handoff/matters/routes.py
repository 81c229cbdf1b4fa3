"""`/asi/<secret>`: what was asked, where it stands, since when, what happens next, and a box to add something. Nothing else of the person."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, cast
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.understanding import LANGUAGES, Language
from handoff.bucket import Bucket
from handoff.call_times import CallTimes
from handoff.conversations import calls, links, matters, surveys
from handoff.conversations.call_tables import open_call
from handoff.conversations.calls import Window
from handoff.conversations.matters import YES
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.database import new_id, now
from handoff.dates import as_date
from handoff.errors import NotFound, TooMany, Unreadable
from handoff.letters import first_name
from handoff.notices import PATH
from handoff.schedule import Hours
from handoff.services import Services
from handoff.texts import Texts
from handoff.web import Pages, page_language

HERE = Path(__file__).parent
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}
LONGEST_QUESTION = 300  # characters of what was asked
MOST = 100_000  # characters of one message; whoever only wrote too much gets the page again, saying so


Done = Literal["said", "yes", "no", "score", "call_moved", "call_cancelled", "call_over", "call_time_gone", ""]
TOLD = {"said": "matter.said", "yes": "matter.thanks", "no": "matter.again", "score": "survey.thanks"}


@dataclass(frozen=True)
class Step:
    """Where it stood and since when."""

    name: str
    at: datetime
    when: str


def router(services: Services) -> APIRouter:
    """The page and its two forms."""
    api = APIRouter(include_in_schema=False)
    page = MatterPage(services)
    # Wrong links of one address, of which there are 2^144, so that this only spares the database; and messages of one matter.
    wrong = services.buckets.share("matter, wrong", Bucket(burst=20, per_second=1 / 60))
    messages = services.buckets.share("matter, messages", Bucket(burst=6, per_second=1 / 60))

    async def guarded(request: Request, token: str) -> ConversationRow:
        """The conversation under the link. A wrong one, one that is over and one of nobody look the same."""
        address = request.client.host if request.client else ""
        wrong.check(address)
        try:
            return await asyncio.to_thread(page.find, token)
        except NotFound:
            wrong.take(address)
            raise

    @api.get(PATH + "{token}")
    async def show(request: Request, token: str, done: Done = "") -> Response:
        try:
            row = await guarded(request, token)
        except (NotFound, TooMany) as error:
            return page.gone(request, error.status)
        return await asyncio.to_thread(page.show, request, row, token, done=done)

    @api.post(PATH + "{token}")
    async def say(
        request: Request,
        token: str,
        client_id: Annotated[str, Form(default_factory=new_id, pattern=r"^[A-Za-z0-9_-]{8,64}$")],
        text: Annotated[str, Form(max_length=MOST)] = "",
    ) -> Response:
        """Add something; the same `client_id` is the same message."""
        try:
            row = await guarded(request, token)
        except (NotFound, TooMany) as error:
            return page.gone(request, error.status)
        try:
            messages.take(row.id)
            await asyncio.to_thread(page.add, token, client_id, text)
        except (Unreadable, TooMany) as error:
            return await asyncio.to_thread(page.show, request, row, token, problem=error.code, text=text, status=error.status)
        services.signals.changed(row.id)
        return page.back(request, token, "said")

    @api.post(PATH + "{token}/solved")
    async def solved(request: Request, token: str, answer: Annotated[Literal["yes", "no"], Form()]) -> Response:
        """„Kas kõik sai korda?“"""
        try:
            row = await guarded(request, token)
        except (NotFound, TooMany) as error:
            return page.gone(request, error.status)
        await asyncio.to_thread(page.answer, token, answer)
        services.signals.changed(row.id)
        return page.back(request, token, answer)

    @api.post(PATH + "{token}/score")
    async def score(
        request: Request, token: str, score: Annotated[str, Form(max_length=2)] = "", comment: Annotated[str, Form(max_length=MOST)] = ""
    ) -> Response:
        """How it was. Without a score that is on the scale the page asks again."""
        try:
            row = await guarded(request, token)
            messages.take(row.id)
            await asyncio.to_thread(page.score, token, int(score) if score.isdecimal() else -1, comment)
        except Unreadable:
            return page.back(request, token, "")
        except (NotFound, TooMany) as error:
            return page.gone(request, error.status)
        return page.back(request, token, "score")

    _add_call(api, services, page, guarded, messages)
    return api


def _add_call(api: APIRouter, services: Services, page: "MatterPage", guarded: Callable[[Request, str], Awaitable[ConversationRow]], messages: Bucket) -> None:
    @api.post(PATH + "{token}/call")
    async def call(
        request: Request, token: str, what: Annotated[Literal["move", "cancel"], Form()], window: Annotated[str, Form(max_length=MOST)] = ""
    ) -> Response:
        """Another time for the call, or none."""
        try:
            row = await guarded(request, token)
            messages.take(row.id)
            done = await asyncio.to_thread(page.call, request, row, token, what, window)
        except Unreadable:
            done = "call_time_gone"
        except (NotFound, TooMany) as error:
            return page.gone(request, error.status)
        services.signals.changed(row.id)
        return page.back(request, token, done)


class MatterPage:
    """Renders the page in the customer's language."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pages = Pages(HERE)
        self._zone = ZoneInfo(services.settings.time_zone)
        self._days = services.settings.status_days
        self._times = CallTimes(Hours.of(services.settings), Texts(HERE.parent / "texts"))

    def find(self, token: str) -> ConversationRow:
        """Raises `NotFound`."""
        with self._services.database.read() as session:
            return links.find(session, token, days=self._days)

    def add(self, token: str, client_id: str, text: str) -> None:
        """Raises `NotFound` and `Unreadable`."""
        matters.add(self._services.database, token, days=self._days, client_id=client_id, text=text)

    def answer(self, token: str, answer: str) -> None:
        """Raises `NotFound`."""
        matters.answer(self._services.database, token, days=self._days, well=answer == YES)

    def score(self, token: str, score: int, comment: str) -> None:
        """Raises `NotFound` and `Unreadable`."""
        surveys.answer_on_page(self._services.database, token, days=self._days, score=score, comment=comment)

    def call(self, request: Request, row: ConversationRow, token: str, what: str, key: str) -> str:
        """Another time for the call, or none; gives what is said of it. Raises `NotFound`, and `Unreadable` for a time that is over."""
        database, language = self._services.database, self._language(request, row)
        if what == "cancel":
            said = self._pages.texts.say(language, "call.no_more")
            return "call_cancelled" if calls.cancel(database, token, days=self._days, said=said, tell=self._letter("cancelled")) else "call_over"
        window = self._times.chosen(key)
        calls.choose(database, token, days=self._days, window=window, said=self._times.wish(key, window, language), tell=self._letter("moved", window))
        return "call_moved"

    def _letter(self, what: Literal["moved", "cancelled"], window: Window | None = None) -> calls.Tell:
        notices, made = self._services.notices, self._services.links
        return lambda row: notices.call(row, made.of(row), what, self._times.when(window, cast(Language, row.language)) if window else "")

    def back(self, request: Request, token: str, done: str) -> Response:
        """To the page itself, so that a reload sends nothing twice."""
        language = request.query_params.get("lang")
        chosen = f"&lang={language}" if language in LANGUAGES else ""
        return RedirectResponse(f"{PATH}{token}?done={done}{chosen}", status_code=303, headers=HEADERS)

    def show(self, request: Request, row: ConversationRow, token: str, *, done: str = "", problem: str = "", text: str = "", status: int = 200) -> HTMLResponse:
        """The matter as it stands."""
        language = self._language(request, row)
        with self._services.database.read() as session:
            steps, asked, scale = matters.steps(session, row), matters.asked(session, row), surveys.open_on_page(session, row)
            call = open_call(session, row.id) if row.state != State.CLOSED else None
        window = Window(call.starts, call.ends) if call else None
        closed = row.state == State.CLOSED
        stages = self._services.stages
        stage = stages.shown(row.stage, closed=closed)
        html = self._pages.render(
            language,
            "matter.html",
            company=self._services.settings.company,
            path=PATH + token,
            token=token,
            languages=LANGUAGES,
            called=first_name(row),
            asked=self._clipped(asked),
            stage={"name": stage.names[language], "next": stage.nexts[language], "ends": stage.ends},
            since=self._when(row.stage_at or row.created_at, language),
            began=self._when(row.created_at, language),
            steps=[Step(stages.passed(one).names[language], at, self._when(at, language)) for one, at in steps],
            call=self._times.when(window, language) if window else "",
            agreed=self._times.key(window) if window else "",
            days=self._times.offered(language) if window else (),
            asks=closed and scale is None and row.follow_up != YES and done not in ("yes", "score"),
            scale=scale,
            done=TOLD.get(done) or (done and f"call_page.{done.removeprefix('call_')}"),
            problem=problem,
            text=text,
            client_id=new_id(),
        )
        return HTMLResponse(html, status_code=status, headers=HEADERS)

    def gone(self, request: Request, status: int) -> HTMLResponse:
        """Nothing here, whatever the reason."""
        language = page_language(request)
        html = self._pages.render(language, "matter_gone.html", company=self._services.settings.company, path=PATH, languages=LANGUAGES)
        return HTMLResponse(html, status_code=status, headers=HEADERS)

    def _language(self, request: Request, row: ConversationRow) -> Language:
        return page_language(request) if "lang" in request.query_params else cast(Language, row.language)

    def _clipped(self, asked: str | None) -> str:
        """Addresses, numbers and the like covered: a link may reach other eyes."""
        masked = self._services.bot.mask(asked or "")
        return masked if len(masked) <= LONGEST_QUESTION else masked[:LONGEST_QUESTION].rsplit(" ", 1)[0] + " …"

    def _when(self, at: datetime, language: Language) -> str:
        local = at.astimezone(self._zone)
        clock = f"{local.hour}{'.' if language == 'et' else ':'}{local.minute:02}"
        day = self._pages.texts.say(language, "today") if local.date() == now().astimezone(self._zone).date() else as_date(local.date(), language)
        return f"{day} {clock}"
