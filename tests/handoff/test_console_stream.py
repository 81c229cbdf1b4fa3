"""What an open desk hears by itself, read from the streams as they are written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request

from handoff.accounts import service as accounts
from handoff.console import routes
from handoff.console.reading import standing_reader, until_logged_out
from handoff.contract import HandoffRequest, Reason
from handoff.conversations import agents, handoffs, service, store
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.signals import Signals, conversation_topic
from handoff.database import Database, now
from handoff.errors import NotLoggedIn
from handoff.services import Services
from handoff.texts import Texts
from handoff.web import stream
from tests.handoff.conftest import PASSWORD


def waits(database: Database, mari: Started) -> None:
    with database.write() as session:
        row = store.conversation(session, mari.conversation_id, lock=True)
        request = HandoffRequest(conversation_id=row.id, reason=Reason.ASKED, requested_at=now(), messages=[])
        handoffs.record(session, row, request, key="üks")


def read_all(services: Services, mari: Started, after: int = 0) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What a stream would tell at once, and after Mari's next message."""
    read = standing_reader(services, mari.conversation_id, lambda: None)
    first = [(number, name) for number, name, _ in read(after)]
    service.say(services.database, mari.conversation_id, client_id="mari-0002", text="Halloo?")
    last = max((number for number, _ in first), default=after)
    return first, [(number, name) for number, name, _ in read(last)]


def test_a_stream_tells_what_is_newer_and_the_standing_once(services: Services, database: Database, mari: Started) -> None:
    waits(database, mari)
    first, then = read_all(services, mari)
    assert first == [(1, "event"), (2, "event"), (2, "standing")]
    assert then == [(3, "event")]


def test_a_stream_goes_on_after_the_last_number(services: Services, database: Database, mari: Started) -> None:
    waits(database, mari)
    first, then = read_all(services, mari, after=2)
    assert first == [(2, "standing")]
    assert then == [(3, "event")]


def test_the_desk_hears_that_the_customer_has_read_and_that_a_colleague_took_it(services: Services, database: Database, mari: Started, kadri: Holder) -> None:
    waits(database, mari)
    read = standing_reader(services, mari.conversation_id, lambda: None)
    read(0)
    service.mark_seen(database, mari.conversation_id, 2)
    ((_, name, standing),) = read(2)
    assert (name, standing["seen_by_customer"]) == ("standing", 2)
    agents.claim(database, mari.conversation_id, kadri)
    assert [(name, data.get("holder")) for _, name, data in read(2)] == [("event", None), ("standing", "Kadri")]


def test_a_waiting_stream_is_woken_by_a_change(services: Services, database: Database, mari: Started) -> None:
    async def listen() -> str:
        signals = Signals()
        signals.attach(asyncio.get_running_loop())
        read = standing_reader(services, mari.conversation_id, lambda: None)
        chunks = stream(Request({"type": "http"}, receive=_stays), signals, conversation_topic(mari.conversation_id), read, after=1)
        told = [await anext(chunks), await anext(chunks)]  # the retry line, the standing
        next_chunk = asyncio.ensure_future(anext(chunks))
        await asyncio.to_thread(service.say, database, mari.conversation_id, client_id="mari-0001", text="Tere!")
        signals.changed(mari.conversation_id)
        told.append(await asyncio.wait_for(next_chunk, 30))
        await chunks.aclose()  # type: ignore[attr-defined]
        return told[-1].decode()

    chunk = asyncio.run(listen())
    assert chunk.startswith("id: 2\nevent: event\n")
    assert "Tere!" in chunk


def test_a_stream_ends_with_a_word_when_the_log_in_is_over() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b": beat\n\n"
        raise NotLoggedIn("Please log in.")

    async def collect() -> list[bytes]:
        return [chunk async for chunk in until_logged_out(broken())]

    assert asyncio.run(collect()) == [b": beat\n\n", b"event: logged_out\ndata: {}\n\n"]


def test_a_log_in_that_has_ended_is_noticed_by_an_open_stream(services: Services, database: Database, mari: Started, people: dict[str, str]) -> None:
    token = accounts.log_in(database, login="jaan", password=PASSWORD)

    def check() -> None:
        accounts.whose(database, token)

    read = standing_reader(services, mari.conversation_id, check)
    read(0)
    accounts.log_out(database, token)
    with pytest.raises(NotLoggedIn):
        read(0)


def test_every_text_of_the_desk_is_written_in_three_languages() -> None:
    texts = Texts(Path(routes.__file__).parent / "texts")
    assert texts.missing("en") == texts.missing("ru") == []
    assert set(texts.all("en")) == set(texts.all("et"))


async def _stays() -> dict[str, str]:
    await asyncio.Event().wait()
    return {}
