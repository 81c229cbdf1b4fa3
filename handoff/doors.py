"""What every request passes and every answer carries, whatever room it is for: sizes, and the headers that tell a browser what it may do."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handoff import cookies
from handoff.errors import TooLarge

LONGEST_BODY = 1_000_000  # bytes; the longest entry with all its languages has a tenth
LONGEST_HEADERS = 16_000  # bytes of names and values together; cookies and a long address have a tenth
# Files are counted as they come in, each kind by its own measure.
SELF_MEASURED = re.compile(r"/api/(widget|desk)/conversations/[^/]+/files/[^/]+|/api/editor/(import[a-z/-]*|pictures)|/replies/import")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",  # what the chat loads on other sites says otherwise itself
}
PRIVATE = re.compile(
    r"/(api|account|asi|calls|coaching|connections|desk|editor|invitation|login|people|replies|reports)(/.*)?"
)  # not for the cache of a computer that others use
ONLY_BY_TLS = {"Strict-Transport-Security": "max-age=31536000"}


class Doors:
    """Stands around the whole application (pure ASGI, so that streams pass as they come)."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app, self._https = app, https
        self._headers = HEADERS | (ONLY_BY_TLS if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        if self._https:
            scope = {**scope, "headers": cookies.inward(scope["headers"])}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                if self._https:
                    message = {**message, "headers": cookies.outward(message.get("headers", ()))}
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if PRIVATE.fullmatch(scope["path"]):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS:
            await _refusal(TooLarge("The headers of the request are too long.", status=431))(scope, receive, answer)
        elif SELF_MEASURED.fullmatch(scope["path"]):
            await self._app(scope, receive, answer)
        else:
            await Measured(scope, receive, answer).through(self._app)


class Measured:
    """One request whose body is counted. What is too long is cut off, and whatever the application makes of that, the answer is a refusal."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._came, self._refused = 0, False

    async def through(self, app: ASGIApp) -> None:
        told = Headers(scope=self._scope).get("content-length", "")
        if told.isdecimal() and int(told[:20]) > LONGEST_BODY:
            await self._refuse()
            return
        await app(self._scope, self._count, self._answer)

    async def _count(self) -> Message:
        message = await self._receive()
        self._came += len(message.get("body", b""))
        if self._came > LONGEST_BODY:
            await self._refuse()
            return {"type": "http.disconnect"}
        return message

    async def _answer(self, message: Message) -> None:
        if not self._refused:
            await self._send(message)

    async def _refuse(self) -> None:
        if not self._refused:
            self._refused = True
            refusal = _refusal(TooLarge(f"The request is longer than {LONGEST_BODY} bytes."))
            await refusal(self._scope, self._receive, self._send)


def _refusal(error: TooLarge) -> JSONResponse:
    return JSONResponse({"code": error.code, "message": error.message}, status_code=error.status, headers={"Connection": "close"})
