"""Open widgets by the thousand: a conversation and its stream on one plain connection each, so that the crowd costs the test little."""

from __future__ import annotations

import asyncio
import json


class Widget:
    """Somebody who has the chat open and reads. Counts what the stream tells."""

    def __init__(self, port: int, address: str) -> None:
        self._port, self._address = port, address
        self.events: list[int] = []
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin a conversation and listen to it on the same connection; back once its first event is there."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=(self._address, 0))
        begun = json.loads(await self._post("/api/widget/conversations", b"{}"))
        head = f"GET /api/widget/conversations/{begun['id']}/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {begun['secret']}\r\n\r\n"
        self._writer.write(head.encode())
        first = asyncio.Event()
        self._reading = asyncio.create_task(self._read(first))
        await first.wait()

    @property
    def is_open(self) -> bool:
        return self._reading is not None and not self._reading.done()

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        self._writer.close()

    async def _post(self, path: str, body: bytes) -> bytes:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        told = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        assert told.startswith("http/1.1 201"), told
        return await self._reader.readexactly(int(told.partition("content-length: ")[2].partition("\r\n")[0]))

    async def _read(self, first: asyncio.Event) -> None:
        is_event = False
        while line := await self._reader.readline():
            if line.startswith(b"event: "):
                is_event = line.strip() == b"event: event"
            elif is_event and line.startswith(b"data: "):
                self.events.append(json.loads(line.removeprefix(b"data: "))["number"])
                first.set()
