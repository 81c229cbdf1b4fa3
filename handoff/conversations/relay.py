"""Carries wake-ups to the other processes over Redis, and theirs to us; with them what was taken from limits, and who types.

A wake-up is a topic, never what happened. All else is sealed with the house's key. A Redis that is away delays readers until their next
heartbeat, as any lost wake-up does, and when it is back everybody looks once; meanwhile each process counts and shows its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis  # type: ignore[import-untyped]
from redis.exceptions import RedisError  # type: ignore[import-untyped]
from redis.exceptions import TimeoutError as RedisTimeout

from handoff.conversations.signals import Signals
from handoff.errors import SettingsError, Unopenable
from handoff.vault import Vault

CHANNEL = "abiline:wake"
AGAIN_SECONDS = 1.0
MOST_WAITING = 10_000  # what is still to be told; past this the oldest is dropped
MOST_AT_ONCE = 500  # in one message to the others
SILENCE_SECONDS = 15.0  # after which a connection is taken to be dead
TOPICS = "topics"
SOUND = "sound"
PLACE = "relay"
Hear = Callable[[list[Any]], None]
log = logging.getLogger(__name__)


class Relay:
    """One per process; `run` it in the web loop."""

    def __init__(self, url: str, signals: Signals, vault: Vault, *, again: float = AGAIN_SECONDS, silence: float = SILENCE_SECONDS) -> None:
        self._silence, self._heard = silence, 0.0
        self._url, self._signals, self._vault, self._again = url, signals, vault, again
        self._own = secrets.token_hex(8)
        self._to_tell: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._hear: dict[str, Hear] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.listening = asyncio.Event()
        signals.abroad = self._tell

    def carry(self, kind: str, hear: Hear) -> Callable[[Any], None]:
        """Also carry something else: gives what tells one such thing to the others, from any thread; `hear` is given theirs, in the loop.

        What is told while Redis is away is dropped.
        """
        self._hear[kind] = hear

        def tell(what: Any) -> None:
            if self._loop is not None and self.listening.is_set():
                self._loop.call_soon_threadsafe(self._put, kind, what)

        return tell

    async def run(self) -> None:
        """Listen and tell until cancelled, whatever becomes of Redis."""
        self._loop = asyncio.get_running_loop()
        told = False
        while True:
            try:
                await self._connected()
            except (RedisError, OSError) as error:
                if self.listening.is_set() or not told:  # once each time that it goes, not every second of a night
                    log.warning("no wake-ups from other processes (%s): readers look by themselves meanwhile", type(error).__name__)
                told = True
            self.listening.clear()
            await asyncio.sleep(self._again)

    async def _connected(self) -> None:
        """Listen and tell over one connection each, until Redis is gone."""
        redis = Redis.from_url(self._url, socket_keepalive=True, health_check_interval=15, socket_connect_timeout=5)
        self._heard = time.monotonic()
        parts = [asyncio.create_task(part) for part in (self._listen(redis), self._tell_all(redis), self._sound())]
        try:
            ended, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in ended:
                part.result()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            with suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(self._again):
                    await redis.close(close_connection_pool=True)

    async def _sound(self) -> None:
        """Say something that we hear ourselves: a connection whose other end is gone without a word would stay silent for hours. Raises
        `RedisError` when nothing has been heard for long."""
        while True:
            await asyncio.sleep(self._silence / 3)
            self._to_tell.put_nowait((SOUND, None))
            if time.monotonic() - self._heard > self._silence:
                raise RedisTimeout("nothing is heard any more")

    async def _listen(self, redis: Redis) -> None:
        async with redis.pubsub() as heard:
            await heard.subscribe(CHANNEL)
            async for message in heard.listen():
                self._heard = time.monotonic()
                if message["type"] == "subscribe":
                    self._signals.wake_everybody()  # what came while nobody listened
                    self.listening.set()
                elif message["type"] == "message":
                    self._take(message["data"])

    def _take(self, data: bytes) -> None:
        with suppress(ValueError, KeyError, TypeError, AttributeError, Unopenable):
            told = json.loads(data)
            if told["from"] == self._own:
                return
            if "sealed" in told:
                for kind, whats in json.loads(self._vault.open(PLACE, told["sealed"])).items():
                    if kind in self._hear:  # a newer version may tell more
                        self._hear[kind](whats)
            self._signals.wake_here(tuple(str(topic) for topic in told[TOPICS]))

    async def _tell_all(self, redis: Redis) -> None:
        while True:
            await redis.publish(CHANNEL, self._message([await self._to_tell.get()]))

    def _message(self, first: list[tuple[str, Any]]) -> str:
        """All that waits, in one message. A wake-up comes after what its readers are to see."""
        while len(first) < MOST_AT_ONCE and not self._to_tell.empty():
            first.append(self._to_tell.get_nowait())
        told: dict[str, Any] = {"from": self._own, TOPICS: list(dict.fromkeys(what for kind, what in first if kind == TOPICS))}
        more: dict[str, list[Any]] = {}
        for kind, what in first:
            if kind not in (TOPICS, SOUND):
                more.setdefault(kind, []).append(what)
        if more:
            with suppress(SettingsError):  # without the key nothing is said but that something is new
                told["sealed"] = self._vault.seal(PLACE, json.dumps(more, ensure_ascii=False).encode())
        return json.dumps(told)

    def _tell(self, topics: tuple[str, ...]) -> None:
        for topic in topics:
            self._put(TOPICS, topic)

    def _put(self, kind: str, what: Any) -> None:
        while self._to_tell.qsize() >= MOST_WAITING:
            self._to_tell.get_nowait()
        self._to_tell.put_nowait((kind, what))
