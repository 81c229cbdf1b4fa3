"""A reverse proxy of the bad kind, between a browser and the service: holds streams back, cuts them, loses answers.

One request a connection, bytes passed on as they come. Runs in a thread of its own, so that tests can change its manners
while a page is open.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Manner = Literal["pass", "hold", "cut", "lose", "refuse", "stall"]


@dataclass(frozen=True, eq=False)
class Asked:
    """The first line of a request and the headers that matter here."""

    method: str
    path: str
    last_event_id: int | None

    @property
    def is_stream(self) -> bool:
        return self.path.startswith("/api/widget/") and self.path.endswith("/stream")


def kindly(_asked: Asked) -> Manner:
    return "pass"


class Proxy:
    """`manner` says of each request what becomes of it.

    `pass`    as it should be
    `hold`    asked for, and nothing of the answer is passed on
    `cut`     the first bytes of the answer are passed on, and the connection is closed
    `lose`    done by the service, and the connection is closed instead of an answer
    `refuse`  not even asked
    `stall`   done by the service; the answer is passed on once `release` is called
    """

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self.asked: list[Asked] = []
        self._open: list[Asked] = []
        self.manner: Callable[[Asked], Manner] = kindly
        self._loop = asyncio.new_event_loop()
        self._released = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def streams(self) -> int:
        """How many customers' streams are open at the moment."""
        return sum(asked.is_stream for asked in list(self._open))

    def start(self) -> None:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._let_go(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def release(self) -> None:
        """Pass on what was stalled."""
        self._loop.call_soon_threadsafe(self._released.set)

    def reset(self) -> None:
        self.manner = kindly
        self.asked.clear()
        self._loop.call_soon_threadsafe(self._released.clear)

    async def _let_go(self) -> None:
        self._server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _serve(self, browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            request, asked = await _read(browser)
            self.asked.append(asked)
            manner = self.manner(asked)
            if manner != "refuse":
                self._open.append(asked)
                try:
                    await self._forward(request, manner, browser, back)
                finally:
                    self._open.remove(asked)
        except (OSError, asyncio.IncompleteReadError):
            pass  # either side has gone: the other is let go below
        finally:
            back.close()

    async def _forward(self, request: bytes, manner: Manner, browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        service, to_service = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            to_service.write(request)
            gone = asyncio.ensure_future(browser.read())  # nothing more is sent: it ends when the browser leaves
            passing = asyncio.ensure_future(self._answer(service, manner, back))
            await asyncio.wait({gone, passing}, return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            passing.cancel()
        finally:
            to_service.close()

    async def _answer(self, service: asyncio.StreamReader, manner: Manner, back: asyncio.StreamWriter) -> None:
        if manner == "stall":
            whole = await service.read()
            await self._released.wait()
            back.write(whole)
        while chunk := await service.read(65_536):
            if manner in ("pass", "cut"):
                back.write(chunk)
                await back.drain()
            if manner == "cut" and not chunk.endswith(b"\r\n\r\n"):
                return


async def _read(browser: asyncio.StreamReader) -> tuple[bytes, Asked]:
    """The whole request, told to close after its answer, and what is asked."""
    head = await browser.readuntil(b"\r\n\r\n")
    text = head.decode("latin-1")
    length = re.search(r"(?im)^content-length: (\d+)", text)
    body = await browser.readexactly(int(length[1])) if length else b""
    method, path, _version = text.split(" ", 2)
    last = re.search(r"(?im)^last-event-id: (\d+)", text)
    closing = re.sub(r"(?im)^connection: .*\r\n", "", text).replace("\r\n", "\r\nConnection: close\r\n", 1)
    return closing.encode("latin-1") + body, Asked(method, path, int(last[1]) if last else None)
