"""A process that is stopped: whoever listens is told the last news and let go, so that nobody is cut off in the middle."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from handoff.conversations.signals import DESK, Signals
from handoff.web import first_news, stream


async def still_there() -> dict[str, str]:
    await asyncio.sleep(3600)
    return {"type": "http.request"}


def page() -> Request:
    return Request({"type": "http"}, receive=still_there)


async def test_a_stream_tells_its_last_news_and_ends_when_the_process_does() -> None:
    signals = Signals()
    news: list[tuple[int | None, str, object]] = [(1, "event", {})]
    signals.attach(asyncio.get_running_loop())
    told: list[bytes] = []

    async def read_on() -> None:
        async for part in stream(page(), signals, DESK, lambda last: [one for one in news if (one[0] or 0) > last], after=0):
            told.append(part)

    reading = asyncio.create_task(read_on())
    async with asyncio.timeout(20):
        while len(told) < 2:  # noqa: ASYNC110  (what was told has no event)
            await asyncio.sleep(0.001)
        assert not reading.done()
        news.append((2, "event", {}))
        signals.end()
        await reading
    assert [part.partition(b"\n")[0] for part in told[1:]] == [b"id: 1", b"id: 2"]


async def test_who_waits_for_news_gets_what_there_is() -> None:
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    nothing: list[str] = []
    waiting = asyncio.create_task(first_news(page(), signals, DESK, lambda: nothing, is_news=bool, seconds=600))
    async with asyncio.timeout(20):
        while not signals._waiting:  # noqa: ASYNC110  (that somebody listens has no event)
            await asyncio.sleep(0.001)
        signals.end()
        assert await waiting == []
