"""The door: which pages and cookies stand between a stranger and a room."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from handoff.accounts import logins
from handoff.accounts import service as accounts
from handoff.accounts.logins import HALFWAY, Browser, Halfway
from handoff.accounts.service import Person
from handoff.conversations.signals import DESK
from handoff.errors import NotAllowed
from handoff.people.room import Room
from handoff.services import Services
from handoff.web import COOKIE, keep_language, set_login_cookie

HALFWAY_COOKIE = "abiline_halfway"  # the password was right; opens the second step and nothing else
LOGIN = "/login"


def show_login(room: Room, request: Request, *, next: str = "", login: str = "", problem: str = "", said: str = "", status: int = 200) -> HTMLResponse:
    """The log-in page, with what is to mend or what has been done."""
    provider = room.services.settings.oidc_name if room.openid else ""
    return room.pages.page(request, "login.html", status=status, next=own_path(next), login=login, problem=problem, said=said, provider=provider)


def come_in(services: Services, request: Request, token: str, next: str) -> Response:
    """The person is in: their cookie, their language, and on to where they wanted to go."""
    person = accounts.whose(services.database, token)
    response = RedirectResponse(own_path(next) or home(person), status_code=303)
    return give_cookies(services, request, response, token)


def give_cookies(services: Services, request: Request, response: Response, token: str) -> Response:
    """The log-in's cookie and the person's language on any answer, instead of the log-in that was in this browser; colleagues' desks look again."""
    logins.end_here(services.database, request.cookies.get(COOKIE))
    set_login_cookie(response, token, secure=services.settings.secure_cookies, lasts=logins.limits(services.database).longest)
    response.delete_cookie(HALFWAY_COOKIE, path=LOGIN)
    keep_language(response, accounts.whose(services.database, token).language)
    services.signals.notify(DESK)
    return response


def go_halfway(services: Services, token: str, path: str, next: str) -> Response:
    """On to the second step, with a cookie that opens only that."""
    wanted = own_path(next)
    response = RedirectResponse(f"{path}?next={quote(wanted)}" if wanted else path, status_code=303)
    secure, seconds = services.settings.secure_cookies, int(HALFWAY.total_seconds())
    response.set_cookie(HALFWAY_COOKIE, token, httponly=True, secure=secure, samesite="strict", path=LOGIN, max_age=seconds)
    return response


def halfway(services: Services, request: Request) -> tuple[str, Halfway]:
    """The token and who waits with it. Raises `NotLoggedIn`."""
    token = request.cookies.get(HALFWAY_COOKIE)
    return token or "", logins.halfway(services.database, token)


def home(person: Person) -> str:
    """The room where a role works."""
    return "/desk" if person.answers else "/editor"


def own_path(wanted: str) -> str:
    """The path when it stays on this site, else nothing: `//elsewhere` and `/\\elsewhere` lead away."""
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable() and "\\" not in wanted
    return wanted if inside and not wanted.startswith(("/login", "/logout")) else ""


def refuse_other_sites(request: Request) -> None:
    """Another site may not log a browser in as somebody else: browsers name the kind of sender themselves."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("Please log in on our own page.")


def this_browser(request: Request) -> Browser:
    """From where the request comes."""
    return Browser(request.client.host if request.client else None, request.headers.get("User-Agent"))
