"""Which sites may use the widget, said to browsers (CORS) and checked on every change.

No cookie is involved: the conversation's secret travels in a header, so an open `*` gives no site what it doesn't hold.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from handoff.errors import AbilineError, NotAllowed, Unreadable

LONGEST_BODY = 64_000  # bytes; the longest message is 4 000 characters
READING = frozenset({"GET", "HEAD", "OPTIONS"})
ALLOWED_HEADERS = "Authorization, Content-Type, Last-Event-ID, Abiline-File-Name"


class Origins:
    """The setting `widget_origins`: `*`, or a comma-separated list. Our own pages are always welcome."""

    def __init__(self, setting: str, public_url: str) -> None:
        listed = {origin.strip().rstrip("/") for origin in setting.split(",") if origin.strip()}
        self.open = "*" in listed
        self._listed = listed | {public_url}

    def welcome(self, request: Request) -> bool:
        """Whether the page that asks may. A request without `Origin` comes from no foreign page."""
        origin = request.headers.get("origin")
        return origin is None or self.open or origin in self._listed or origin.split("://")[-1] == request.headers.get("host")

    def say(self, request: Request, response: Response) -> None:
        """Tell the browser which page may read this response."""
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        if self.open:
            response.headers["Access-Control-Allow-Origin"] = "*"
            return
        response.headers.append("Vary", "Origin")
        origin = request.headers.get("origin")
        if origin and self.welcome(request):
            response.headers["Access-Control-Allow-Origin"] = origin

    def preflight(self, request: Request) -> Response:
        """The answer to a browser that asks before it asks."""
        response = Response(status_code=204)
        self.say(request, response)
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = "7200"
        return response


def cross_origin_route(origins: Origins, *, longest: int | None = LONGEST_BODY) -> type[APIRoute]:
    """A route class whose responses, errors too, can be read by the pages that are welcome. A body has at most `longest` bytes; None
    leaves it to the route, which reads it bit by bit."""

    class CrossOriginRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_cross_origin(request: Request) -> Response:
                try:
                    _check(request, origins, longest)
                    response = await handle(request)
                except (AbilineError, RequestValidationError) as error:
                    response = await _as_response(request, error)
                origins.say(request, response)
                return response

            return handle_cross_origin

    return CrossOriginRoute


def _check(request: Request, origins: Origins, longest: int | None) -> None:
    if request.method in READING:
        return
    if not origins.welcome(request):
        raise NotAllowed("This site is not among the ones that may use the chat (ABILINE_WIDGET_ORIGINS).")
    if longest is None:
        return
    length = request.headers.get("content-length")
    if "transfer-encoding" in request.headers or not (length is None or length.isdigit()) or int(length or 0) > longest:
        raise Unreadable(f"The request is longer than {longest} bytes.", code="too_long", field="text")


async def _as_response(request: Request, error: AbilineError | RequestValidationError) -> Response:
    """The application's own handler makes the response: errors become status codes at one edge only."""
    edge = RequestValidationError if isinstance(error, RequestValidationError) else AbilineError
    response: Response = await request.app.exception_handlers[edge](request, error)
    return response
