"""Wake-ups between processes, over a real Redis that may be stopped and started."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from handoff.bucket import Bucket, Buckets
from handoff.conversations.relay import Relay
from handoff.conversations.signals import DESK, Signals
from handoff.conversations.typists import CUSTOMER, Typist, Typists
from handoff.errors import TooMany
from handoff.vault import Vault, new_key
from tests.wire import Wire

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="Debian's redis-server is not installed")


VAULT = Vault(new_key())


class Server:
    """A Redis of the test's own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    made.start()
    yield made
    made.stop()


@asynccontextmanager
async def process(server: Server) -> AsyncIterator[tuple[Signals, Relay]]:
    """What each process of the house has."""
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    relay = Relay(server.url, signals, VAULT, again=0.02)
    running = asyncio.create_task(relay.run())
    try:
        async with asyncio.timeout(30):
            await relay.listening.wait()
        yield signals, relay
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_change_in_one_process_wakes_readers_in_the_other_and_no_reader_of_another_topic(server: Server) -> None:
    async with process(server) as (one, _), process(server) as (other, _), other.listen(DESK) as desk, other.listen("conversation:2") as stranger:
        desk.clear()
        stranger.clear()
        async with asyncio.timeout(30):
            one.changed("1")
            await desk.wait()
        assert not stranger.is_set()


async def test_a_redis_that_was_away_is_found_again_and_everybody_looks_once(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    async with process(server) as (one, _), process(server) as (other, relay), other.listen(DESK) as desk, asyncio.timeout(30):
        caplog.clear()  # Redis may have been late at first
        desk.clear()
        server.stop()
        while relay.listening.is_set():  # noqa: ASYNC110  (its absence has no event)
            await asyncio.sleep(0.001)
        one.changed("1")  # nobody hears it there; here its own readers are woken
        server.start()
        await desk.wait()
        desk.clear()
        while not desk.is_set():  # until both are back
            one.changed("1")
            await asyncio.sleep(0.001)
    assert caplog.text.count("no wake-ups") == 2


async def test_a_connection_that_is_dead_without_a_word_is_noticed_and_made_anew(server: Server) -> None:
    wire = Wire(server.port)
    await wire.start()
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    relay = Relay(f"redis://127.0.0.1:{wire.port}/0", signals, VAULT, again=0.02, silence=0.3)
    running = asyncio.create_task(relay.run())
    try:
        async with process(server) as (other, _), signals.listen(DESK) as desk, asyncio.timeout(30):
            await relay.listening.wait()
            wire.cut()
            while relay.listening.is_set():  # noqa: ASYNC110  (its absence has no event)
                await asyncio.sleep(0.01)
            wire.mend()
            await relay.listening.wait()
            desk.clear()
            other.changed("1")
            await desk.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await wire.stop()


async def test_what_is_no_wake_up_is_passed_over() -> None:
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    relay = Relay("redis://127.0.0.1:1/0", signals, VAULT)
    async with signals.listen(DESK) as desk:
        for data in (b"", b"[]", b"null", b'{"from": "x"}', b'{"from": "x", "topics": 7}'):
            relay._take(data)
        assert not desk.is_set()
        relay._take(b'{"from": "x", "topics": ["desk"]}')
        assert desk.is_set()


async def test_without_redis_readers_of_this_process_are_woken_as_before() -> None:
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    async with signals.listen(DESK) as desk, asyncio.timeout(30):
        signals.changed("1")
        await desk.wait()


def counting(relay: Relay, *, burst: int) -> Bucket:
    """A bucket of a process, wired as the house does it."""
    buckets = Buckets()
    buckets.abroad = relay.carry("taken", buckets.taken_elsewhere)
    return buckets.share("asking", Bucket(burst=burst, per_second=0.001))


def typing(relay: Relay) -> Typists:
    typists = Typists()
    typists.abroad = relay.carry("typing", typists.told)
    return typists


async def test_a_flood_that_is_spread_over_two_processes_is_counted_once_and_others_are_let_in(server: Server) -> None:
    async with process(server) as (_, first), process(server) as (_, second), asyncio.timeout(20):
        here, there = counting(first, burst=4), counting(second, burst=4)
        for bucket in (here, there):
            bucket.take("peeter")
            bucket.take("peeter")
        for bucket in (here, there):
            while True:
                try:
                    bucket.check("peeter")
                    await asyncio.sleep(0.001)
                except TooMany:
                    break
            bucket.check("mari")


async def test_while_redis_is_away_each_process_counts_alone_and_lets_people_in(server: Server) -> None:
    async with process(server) as (_, first), process(server) as (_, second), asyncio.timeout(20):
        here, there = counting(first, burst=2), counting(second, burst=2)
        server.stop()
        while first.listening.is_set() or second.listening.is_set():  # noqa: ASYNC110  (its absence has no event)
            await asyncio.sleep(0.001)
        here.take("mari")
        here.take("mari")
        with pytest.raises(TooMany):
            here.take("mari")
        there.take("mari")
        server.start()
        await asyncio.gather(first.listening.wait(), second.listening.wait())
        there.take("mari")  # what was taken meanwhile is not told late


async def test_who_types_at_one_process_is_shown_at_the_other_until_the_message_is_there(server: Server) -> None:
    kadri = Typist("7", "Kadri")
    async with process(server) as (_, first), process(server) as (signals, second), signals.listen("conversation:1") as reader, asyncio.timeout(20):
        here, there = typing(first), typing(second)
        reader.clear()
        here.began("1", kadri)
        here.began("1", CUSTOMER)
        first._signals.changed("1")
        await reader.wait()
        assert {sign.typist for sign in there.signs("1")} == {kadri, CUSTOMER}  # a wake-up comes after what is to be seen
        reader.clear()
        here.ended("1", kadri)
        first._signals.changed("1")
        await reader.wait()
        assert {sign.typist for sign in there.signs("1")} == {CUSTOMER}


async def test_redis_sees_topics_and_nothing_of_who_types_or_where_they_come_from() -> None:
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    relay, other = (Relay("redis://127.0.0.1:1/0", signals, vault) for vault in (VAULT, Vault(new_key())))
    said = relay._message([("typing", ("1", "7", "Kadri", True)), ("taken", ("widget, starts", "203.0.113.9")), ("topics", "desk"), ("topics", "desk")])
    assert not any(word in said for word in ("Kadri", "203.0.113.9", "widget"))
    assert json.loads(said)["topics"] == ["desk"]
    heard: list[object] = []
    for one in (other, Relay("redis://127.0.0.1:1/0", signals, VAULT)):
        one.carry("typing", heard.extend)
        one._take(said.encode())
    assert heard == [["1", "7", "Kadri", True]]  # only where the house's key is
