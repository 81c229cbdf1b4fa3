"""Who comes in, how often, and how an answer is given: errors as problems (RFC 9457), a repeated request as the first time."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from handoff.accounts import kept_answers, keys
from handoff.accounts.kept_answers import Answer
from handoff.accounts.keys import Caller, Scope
from handoff.bucket import Bucket, Buckets
from handoff.database import Database
from handoff.errors import AbilineError, AlreadyTaken, NotLoggedIn, TooMany, Unreadable

LONGEST_KEY = 200
PROBLEM = "application/problem+json"
bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key of /connections/keys.")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Door:
    """Lets keys in by what they are for. What `may` gives are FastAPI dependencies."""

    def __init__(self, database: Database, buckets: Buckets) -> None:
        self._database = database
        self._keys = buckets.share("api, key", Bucket(burst=120, per_second=10))  # requests of one key
        self._strangers = buckets.share("api, stranger", Bucket(burst=300, per_second=1))  # wrong keys of one address

    def may(self, scope: Scope) -> Callable[[Request, Bearer], Awaitable[Caller]]:
        """Those whose key and person may."""

        async def allowed(request: Request, credentials: Bearer) -> Caller:
            token = credentials.credentials if credentials else ""
            try:
                caller = await asyncio.to_thread(keys.whose, self._database, token)
            except NotLoggedIn:
                self._strangers.take(request.client.host if request.client else "")
                raise
            self._keys.take(caller.key_id)
            caller.check(scope)
            return caller

        return allowed


def answering(database: Database) -> type[APIRoute]:
    """The kind of all routes of the API."""

    class Answering(APIRoute):
        def get_route_handler(self) -> Handler:
            return _as_problems(_once(database, super().get_route_handler()))

    return Answering


def _as_problems(handle: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handle(request)
        except (AbilineError, RequestValidationError, HTTPException) as error:
            return problem(error)

    return answer


def problem(error: AbilineError | RequestValidationError | HTTPException) -> Response:
    """An error as RFC 9457 has it; `code` is for programs, `detail` for people."""
    more: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"] if part != "body")
        status, code, detail, more = 422, "unreadable", f"{field}: {first['msg']}", {"field": field}
    elif isinstance(error, HTTPException):
        status, code, detail = error.status_code, "unreadable", str(error.detail)
    else:
        status, code, detail = error.status, error.code, error.message
        if isinstance(error, Unreadable):
            more = {"field": error.field}
        if isinstance(error, AlreadyTaken):
            more = {"holder": error.holder}
        if isinstance(error, TooMany):
            headers["Retry-After"] = str(error.retry_after)
        if isinstance(error, NotLoggedIn):
            headers["WWW-Authenticate"] = "Bearer"
    body = {"type": f"urn:abiline:{code}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, "code": code} | more
    return JSONResponse(body, status_code=status, headers=headers, media_type=PROBLEM)


def _once(database: Database, handle: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or key is None:
            return await handle(request)
        if not 8 <= len(key) <= LONGEST_KEY:
            raise Unreadable(f"An Idempotency-Key has 8 to {LONGEST_KEY} characters.", code="bad_key", field="Idempotency-Key")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        await asyncio.to_thread(keys.whose, database, token)  # a stranger leaves no row, and a revoked key gets no old answer
        who = _hash(token.encode(), key.encode())
        asked = _hash(request.url.path.encode(), request.url.query.encode(), await request.body())
        before = await asyncio.to_thread(kept_answers.begin, database, who, asked)
        if before is not None:
            return Response(before.body, before.status, {"Idempotency-Replayed": "true"}, "application/json")
        return await _kept(database, who, handle, request)

    return answer


async def _kept(database: Database, who: str, handle: Handler, request: Request) -> Response:
    """Do it, and keep the answer where it went well."""
    answer: Answer | None = None
    try:
        response = await handle(request)
        if 200 <= response.status_code < 300:
            answer = Answer(response.status_code, bytes(response.body).decode())
        return response
    finally:
        await asyncio.to_thread(kept_answers.end, database, who, answer)


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
