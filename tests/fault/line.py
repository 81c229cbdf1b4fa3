"""One person's way to the house: to any of its processes, to another one when that does not answer, again and again as a page does."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import httpx

PATIENCE_SECONDS = 6.0  # for one try; less, and on a busy machine nobody would ever be answered
SILENCE_SECONDS = 8.0  # after which a stream is opened anew: sooner than a page would, so that a run sees many beginnings
AGAIN_SECONDS = (0.1, 0.6)
LONGEST_REST_SECONDS = 2.0  # between one connection and the next, when nothing comes


class Line:
    """`address` is where the person's requests come from: the service counts by it."""

    def __init__(
        self, urls: Sequence[str], chance: random.Random, address: str, *, silence: float = SILENCE_SECONDS, patience: float = PATIENCE_SECONDS, **client: Any
    ) -> None:
        self._urls, self._chance, self._silence, self._patience = urls, chance, silence, patience
        transport = httpx.AsyncHTTPTransport(local_address=address, verify=False)  # reading certificates that nobody needs here takes long
        self.tries = 0  # that the last thing asked has taken
        self._client = httpx.AsyncClient(transport=transport, timeout=patience, trust_env=False, **client)

    def knows(self, **headers: str) -> None:
        """From now on each request carries these."""
        self._client.headers.update(headers)

    def known(self, header: str) -> str:
        """What each request carries there."""
        return self._client.headers[header]

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(
        self, method: str, path: str, body: object = None, *, form: Mapping[str, str] | None = None, patience: float | None = None, at: str | None = None
    ) -> httpx.Response | None:
        """The answer of the service, whatever it says; None when nobody has answered for so many seconds. `at` one process alone, when it is named."""
        ends = time.monotonic() + (patience or 5 * self._patience)
        self.tries = 0
        while time.monotonic() < ends:
            self.tries += 1
            try:
                answer = await self._client.request(method, (at or self._chance.choice(self._urls)) + path, json=body, data=form)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                return answer
            await asyncio.sleep(self._chance.uniform(*AGAIN_SECONDS))
        return None

    async def listen(self, path: str, headers: Mapping[str, str] | None = None) -> AsyncGenerator[tuple[str, Any], None]:
        """Name and data of each thing that one connection tells, until it breaks or is silent for long."""
        silent = httpx.Timeout(self._patience, read=self._silence)
        try:
            async with self._client.stream("GET", self._chance.choice(self._urls) + path, headers=headers, timeout=silent) as answer:
                if answer.status_code != 200:
                    return
                name = ""
                async for line in answer.aiter_lines():
                    if line.startswith("event: "):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data: "):
                        yield name, json.loads(line.removeprefix("data: "))
        except httpx.HTTPError:
            return

    async def listen_on(self, path: str, headers: Callable[[], Mapping[str, str]]) -> AsyncGenerator[tuple[str, Any], None]:
        """The same, connection after connection; the less comes, the longer the rest between, as a page does."""
        rest = AGAIN_SECONDS[0]
        while True:
            async with aclosing(self.listen(path, headers())) as told:
                async for one in told:
                    rest = AGAIN_SECONDS[0]
                    yield one
            await asyncio.sleep(rest)
            rest = min(2 * rest, LONGEST_REST_SECONDS)
