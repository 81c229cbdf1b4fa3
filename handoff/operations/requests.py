"""Stands outermost around the application: names each request, counts its answer, and tells the log and the traces what it is about."""

from __future__ import annotations

import re
import secrets
import time
from contextlib import AbstractContextManager, nullcontext

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handoff.operations.meters import Meters
from handoff.watch import conversation_now, request_now

NAME = "X-Request-Id"
UNSEEN = frozenset({"/health", "/ready", "/metrics"})  # asked every few seconds: they would drown the rest
_CONVERSATION = re.compile(r"/conversations/([A-Za-z0-9_-]{16,40})(?:/|$)")
STREAM = "text/event-stream"
WAITS = re.compile(r"[?&]wait=")  # the answer is held back until there is news


class Requests:
    """Pure ASGI, so that streams pass as they come."""

    def __init__(self, app: ASGIApp, *, meters: Meters) -> None:
        self._app, self._meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNSEEN:
            await self._app(scope, receive, send)
            return
        request_now.set(secrets.token_hex(8))
        found = _CONVERSATION.search(scope["path"])
        conversation_now.set(found[1] if found else None)
        await Request(scope, self._meters).through(self._app, receive, send)


class Request:
    """One request on its way."""

    def __init__(self, scope: Scope, meters: Meters) -> None:
        self._scope, self._meters = scope, meters
        self._began = time.perf_counter()
        self._status, self._streams = 0, False

    async def through(self, app: ASGIApp, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._started(message)
            await send(message)

        try:
            with self._span():
                await app(self._scope, receive, answer)
        except BaseException:
            if not self._status:
                self._count(500, time.perf_counter() - self._began)
            raise
        finally:
            if self._streams:
                self._meters.streams.dec()

    def _started(self, message: Message) -> None:
        self._status = message["status"]
        self._streams = Headers(raw=message["headers"]).get("content-type", "").startswith(STREAM)
        MutableHeaders(scope=message)[NAME] = request_now.get() or ""
        if self._streams:
            self._meters.streams.inc()
        waits = self._streams or WAITS.search("?" + self._scope.get("query_string", b"").decode("latin-1")) is not None
        self._count(self._status, None if waits else time.perf_counter() - self._began)

    def _count(self, status: int, seconds: float | None) -> None:
        """By the route's pattern, never by the address itself: that would be as many figures as there are visitors."""
        route = getattr(self._scope.get("route"), "path", "") or ("static" if self._scope["path"].startswith("/static") else "none")
        method = self._scope["method"] if self._scope["method"] in METHODS else "other"
        self._meters.answered(method, route, status, seconds)
        if self._followed and self._meters.tracer is not None:
            self._meters.tracer.request(f"{method} {route}", status)

    def _span(self) -> AbstractContextManager[None]:
        tracer = self._meters.tracer
        return tracer.span("request") if tracer is not None and self._followed else nullcontext()

    @property
    def _followed(self) -> bool:
        """Reading is counted; what changes something is followed in traces too."""
        return self._scope["method"] not in ("GET", "HEAD", "OPTIONS")


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
