"""How a refusal is said: to programs in JSON, to whoever opened a page in a browser as a page, with what is the matter and a way on."""

from __future__ import annotations

from pathlib import Path

from fastapi import Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from handoff.errors import AbilineError, AlreadyTaken, NotLoggedIn, TooMany, Unreadable
from handoff.web import COOKIE, Pages

SHOWN = {403: "not_yours", 404: "not_there"}  # of any other status: that it did not work
_pages = Pages(Path(__file__).parent)


def page(request: Request, status: int) -> Response | None:
    """The page for whoever followed a link or wrote an address; None for programs and for our pages' own requests."""
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return None
    ours = COOKIE in request.cookies  # whoever works here goes back to work, anybody else to the help page
    return _pages.page(request, "refused.html", status=status, what=SHOWN.get(status, "not_now"), way="/desk" if ours else "/help", ours=ours)


async def say_error(request: Request, error: Exception) -> Response:
    """What the house refuses, and why."""
    if not isinstance(error, AbilineError):
        raise error
    if isinstance(error, NotLoggedIn) and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/login?next={request.url.path}", status_code=303)
    if (shown := page(request, error.status)) is not None:
        return shown
    body: dict[str, object] = {"code": error.code, "message": error.message}
    headers = {}
    if isinstance(error, AlreadyTaken):
        body["holder"] = error.holder
    if isinstance(error, Unreadable):
        body["field"] = error.field
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(body, status_code=error.status, headers=headers)


async def say_nothing_there(request: Request, error: Exception) -> Response:
    """An address that nobody answers."""
    if not isinstance(error, HTTPException):
        raise error
    return page(request, error.status_code) or await http_exception_handler(request, error)


async def say_invalid(_request: Request, error: Exception) -> Response:
    """A request that can't be read: which field, and what is wrong with it."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "body")
    return JSONResponse({"code": "unreadable", "message": f"{field}: {first['msg']}", "field": field}, status_code=422)
