"""The one way from a separate Rasa to people: POSTs a `HandoffRequest` to the intake. Imports the contract and httpx only."""

from __future__ import annotations

import asyncio
import os

import httpx
from pydantic import ValidationError

from handoff.contract import HandoffAccepted, HandoffRequest

URL_KEY = "ABILINE_INTAKE_URL"
TOKEN_KEY = "ABILINE_INTAKE_TOKEN"  # noqa: S105 - the name of the setting
TIMEOUT_SECONDS = 4.0  # the customer waits meanwhile
TRIES = 3
FIRST_PAUSE_SECONDS = 0.2  # then doubled


class HandoffNotDelivered(Exception):
    """The request did not get through. `permanent` says that trying again with the same settings is in vain."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


async def deliver(
    request: HandoffRequest, *, key: str, url: str | None = None, token: str | None = None, client: httpx.AsyncClient | None = None
) -> HandoffAccepted:
    """Deliver once, however often it is tried: `key` tells a repeat from a second request.

    `url` and `token` default to ABILINE_INTAKE_URL and ABILINE_INTAKE_TOKEN. Raises `HandoffNotDelivered`.
    """
    base = url or os.environ.get(URL_KEY, "")
    if not base:
        raise HandoffNotDelivered(f"{URL_KEY} is not set: give the address of the Abiline service", permanent=True)
    headers = {"Authorization": f"Bearer {token or os.environ.get(TOKEN_KEY, '')}", "Idempotency-Key": key, "Content-Type": "application/json"}
    owned = httpx.AsyncClient(timeout=TIMEOUT_SECONDS) if client is None else None
    try:
        return await _try_often(client or owned, f"{base.rstrip('/')}/api/handoffs", request.model_dump_json().encode(), headers)  # type: ignore[arg-type]
    finally:
        if owned is not None:
            await owned.aclose()


async def _try_often(client: httpx.AsyncClient, address: str, body: bytes, headers: dict[str, str]) -> HandoffAccepted:
    for attempt in range(TRIES):
        try:
            return await _post(client, address, body, headers)
        except HandoffNotDelivered as error:
            if error.permanent or attempt == TRIES - 1:
                raise
        await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
    raise AssertionError("unreachable: the last try returns or raises")


async def _post(client: httpx.AsyncClient, address: str, body: bytes, headers: dict[str, str]) -> HandoffAccepted:
    try:
        response = await client.post(address, content=body, headers=headers)
    except httpx.InvalidURL as error:
        raise HandoffNotDelivered(f"{URL_KEY}: {error}", permanent=True) from error
    except httpx.HTTPError as error:
        raise HandoffNotDelivered(f"{address}: {type(error).__name__}", permanent=isinstance(error, httpx.UnsupportedProtocol)) from error
    if not response.is_success:
        permanent = 400 <= response.status_code < 500 and response.status_code not in (408, 429)
        raise HandoffNotDelivered(f"{address}: HTTP {response.status_code}", permanent=permanent)
    try:
        return HandoffAccepted.model_validate_json(response.content)
    except ValidationError as error:
        raise HandoffNotDelivered(f"{address}: answered something else than an accepted handoff", permanent=True) from error
