"""Logging in and out, for everyone with an account; each role lands in its own room."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.understanding import LANGUAGES
from handoff.accounts import service as accounts
from handoff.accounts.attempts import Attempts
from handoff.accounts.service import Person
from handoff.conversations.signals import DESK
from handoff.errors import NotAllowed, NotLoggedIn, TooMany
from handoff.services import Services
from handoff.web import COOKIE, LANGUAGE_COOKIE, Guard, Pages, set_login_cookie

YEAR_SECONDS = 365 * 24 * 3600


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """`/login` and `/logout`."""
    api = APIRouter(include_in_schema=False)
    attempts = Attempts()

    @api.get("/login")
    def show(request: Request, next: str = "") -> Response:
        try:
            person = accounts.whose(services.database, request.cookies.get(COOKIE))
        except NotLoggedIn:
            return remember_language(request, pages.page(request, "login.html", next=own_path(next), login="", problem=""))
        return RedirectResponse(own_path(next) or home(person), status_code=303)

    @api.post("/login")
    def log_in(
        request: Request,
        login: Annotated[str, Form(max_length=100)],
        password: Annotated[str, Form(max_length=1_000)],
        next: Annotated[str, Form(max_length=2_000)] = "",
    ) -> Response:
        _refuse_other_sites(request)
        address = request.client.host if request.client else ""

        def again(problem: str, status: int) -> Response:
            return pages.page(request, "login.html", status=status, next=own_path(next), login=login, problem=problem)

        try:
            attempts.check(address, login)
            token = accounts.log_in(services.database, login=login.strip(), password=password)
        except NotLoggedIn:
            attempts.failed(address, login)
            return again("login.wrong", 401)
        except TooMany as error:
            response = again("login.too_many", error.status)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        attempts.succeeded(address, login)
        person = accounts.whose(services.database, token)
        response = RedirectResponse(own_path(next) or home(person), status_code=303)
        set_login_cookie(response, token, secure=services.settings.secure_cookies)
        services.signals.notify(DESK)
        return response

    @api.post("/logout")
    def log_out(request: Request, person: Annotated[Person, Depends(guard.form())]) -> Response:
        accounts.log_out(services.database, request.cookies[COOKIE])
        services.signals.notify(DESK)
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response

    return api


def home(person: Person) -> str:
    """The room where a role works."""
    return "/desk" if person.answers else "/editor"


def own_path(wanted: str) -> str:
    """The path when it stays on this site, else nothing: `//elsewhere` and `/\\elsewhere` lead away."""
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable() and "\\" not in wanted
    return wanted if inside and not wanted.startswith(("/login", "/logout")) else ""


def remember_language(request: Request, response: Response) -> Response:
    """Keep the language that the reader chose with `?lang=`."""
    chosen = request.query_params.get("lang")
    if chosen in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR_SECONDS, samesite="lax", path="/")
    return response


def _refuse_other_sites(request: Request) -> None:
    """Another site may not log a browser in as somebody else: browsers name the kind of sender themselves."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("Please log in on our own page.")
