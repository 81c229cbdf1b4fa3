"""A cable between two programs that can be cut: nothing passes, and neither side is told."""

from __future__ import annotations

import asyncio


class Wire:
    """Passes connections on to a port. What was connected when the cable was cut stays silent for ever, as behind a firewall that has forgotten it."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._whole = True
        self._cut: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for task in (*self._tasks, *self._cut):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._cut, return_exceptions=True)

    def cut(self) -> None:
        self._whole = False
        self._cut |= self._tasks

    def mend(self) -> None:
        """Who connects from now on gets through."""
        self._whole = True

    async def _serve(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        try:
            far, to_far = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            to_near.close()
            return
        both = [asyncio.create_task(self._pass(near, to_far)), asyncio.create_task(self._pass(far, to_near))]
        self._tasks |= set(both)
        if not self._whole:
            self._cut |= set(both)
        _, rest = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        to_near.close()
        to_far.close()
        self._tasks -= set(both)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        try:
            while chunk := await reader.read(65_536):
                if this in self._cut:
                    await asyncio.Event().wait()  # until somebody gives up
                writer.write(chunk)
                await writer.drain()
        except OSError:
            return
