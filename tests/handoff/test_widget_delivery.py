"""Waiting for news without a stream, and beginning twice what was begun once."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from handoff import web
from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.conversations import erasure, service
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals, conversation_topic
from handoff.conversations.tables import ConversationRow
from handoff.conversations.typists import CUSTOMER, Typist
from handoff.database import Database
from handoff.errors import NotFound, TooMany
from handoff.services import Services
from handoff.widget.api import LONGEST_WAIT
from handoff.widget.limits import Seats
from tests.handoff import talk

PATIENCE = 5  # seconds; every wait in here ends by news, not by time


class Poller:
    """Mari's page behind a proxy that holds streams back: it asks, and the answer waits for news."""

    def __init__(self, client: TestClient, signals: Signals, pool: ThreadPoolExecutor) -> None:
        self._client, self._signals, self._pool = client, signals, pool
        begun = client.post("/api/widget/conversations", json={"language": "et"}).json()
        self.id, self.secret, self.version = begun["id"], begun["secret"], begun["version"]

    def ask(self, **query: Any) -> Response:
        answer: Response = self._client.get(f"/api/widget/conversations/{self.id}/events", params=query, headers={"Authorization": f"Bearer {self.secret}"})
        return answer

    def wait(self, **query: Any) -> Future[Response]:
        """An answer that is on its way; comes back once the service waits with it."""
        asked = self._pool.submit(self.ask, wait=LONGEST_WAIT, **query)
        while not self._waits() and not asked.done():
            time.sleep(0.002)
        return asked

    def _waits(self) -> bool:
        return conversation_topic(self.id) in self._signals._waiting


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.fixture
def mari_polls(client: TestClient, services: Services, pool: ThreadPoolExecutor) -> Poller:
    return Poller(client, services.signals, pool)


def test_what_is_new_is_told_at_once(mari_polls: Poller) -> None:
    log = mari_polls.ask(after=0, wait=LONGEST_WAIT, known=mari_polls.version).json()
    assert [event["number"] for event in log["events"]] == [1]


def test_a_reader_that_knows_everything_hears_what_happens_while_it_waits(mari_polls: Poller, database: Database, services: Services) -> None:
    waiting = mari_polls.wait(after=1, known=mari_polls.version)
    assert not waiting.done()

    talk.say(database, mari_polls.id, "Kas vastus on aeglane?")  # the bot takes its time with it
    services.signals.changed(mari_polls.id)

    log = waiting.result(PATIENCE).json()
    assert [event["body"]["text"] for event in log["events"]] == ["Kas vastus on aeglane?"]
    assert mari_polls.ask(after=1).json()["version"] != mari_polls.version  # the bot owes an answer now; whoever looked just as it was said hears it next


def test_a_change_of_the_standing_alone_ends_the_wait(mari_polls: Poller, database: Database, people: dict[str, str], services: Services) -> None:
    waiting = mari_polls.wait(after=1, known=mari_polls.version)

    accounts.set_availability(database, people["jaan"], Availability.AVAILABLE)
    services.signals.changed(mari_polls.id)

    log = waiting.result(PATIENCE).json()
    assert (log["events"], log["state"]["people_available"]) == ([], True)


def test_a_person_who_begins_to_type_ends_the_wait_and_the_customers_own_typing_does_not(mari_polls: Poller, services: Services) -> None:
    services.typists.began(mari_polls.id, CUSTOMER)
    assert mari_polls.ask(after=1).json()["version"] == mari_polls.version
    waiting = mari_polls.wait(after=1, known=mari_polls.version)

    services.typists.began(mari_polls.id, Typist("jaan", "Jaan"))
    services.signals.changed(mari_polls.id)

    assert waiting.result(PATIENCE).json()["typing"] == "Jaan"


def test_without_knowing_the_standing_the_answer_comes_at_once(mari_polls: Poller) -> None:
    log = mari_polls.ask(after=1, wait=LONGEST_WAIT).json()
    assert (log["events"], log["version"]) == ([], mari_polls.version)


class Reader:
    """Asks for what is never news; may leave."""

    def __init__(self) -> None:
        self.signals, self.gone, self.looked = Signals(), asyncio.Event(), 0

    async def wait(self, seconds: float) -> int:
        request = Request({"type": "http", "headers": []}, receive=self._receive)
        return await web.first_news(request, self.signals, "mari", self._look, is_news=lambda _: False, seconds=seconds)

    def _look(self) -> int:
        self.looked += 1
        return self.looked

    async def _receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


class Clock:
    """The wait is over as soon as it has begun."""

    def __init__(self) -> None:
        self._told = iter((0.0, 0.0, 0.0))  # when it began, after the first look, before waiting

    def monotonic(self) -> float:
        return next(self._told, LONGEST_WAIT + 1.0)


async def test_when_the_wait_is_over_it_looks_once_more_for_what_nobody_signalled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "time", Clock())
    monkeypatch.setattr(web, "LOOK_SECONDS", 0.001)
    assert await Reader().wait(LONGEST_WAIT) == 2


async def test_a_reader_that_has_left_is_not_waited_for() -> None:
    reader = Reader()
    reader.gone.set()
    async with asyncio.timeout(PATIENCE):
        assert await reader.wait(LONGEST_WAIT) == 1


@pytest.mark.parametrize("query", [{"wait": LONGEST_WAIT + 1}, {"wait": -1}, {"wait": "kaua"}, {"after": -1}, {"known": "x" * 41}])
def test_a_wait_that_is_out_of_bounds_is_refused(mari_polls: Poller, query: dict[str, Any]) -> None:
    assert mari_polls.ask(**query).status_code == 422


def test_waiting_needs_the_secret(mari_polls: Poller) -> None:
    mari_polls.secret = "vale"
    assert mari_polls.ask(after=1, wait=LONGEST_WAIT, known=mari_polls.version).status_code == 404


def test_a_visitor_has_so_many_seats_and_the_next_is_told_to_come_later() -> None:
    seats = Seats(most=1)
    with seats.taken("mari"), seats.taken("peeter"):
        with pytest.raises(TooMany) as refused, seats.taken("mari"):
            pass
        assert refused.value.retry_after > 0
    with seats.taken("mari"):
        pass


def test_a_visitor_who_waits_too_often_is_refused_and_others_are_not(mari_polls: Poller, client: TestClient, services: Services) -> None:
    """A request that does not wait needs no seat."""
    with ThreadPoolExecutor(7) as pool:
        asked = [pool.submit(mari_polls.ask, after=1, wait=LONGEST_WAIT, known=mari_polls.version) for _ in range(7)]
        refused = next(as_completed(asked, PATIENCE)).result()
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert mari_polls.ask(after=1).status_code == 200
        assert Poller(client, services.signals, pool).ask(after=1, wait=LONGEST_WAIT).status_code == 200
        talk.say(services.database, mari_polls.id)
        services.signals.changed(mari_polls.id)
        assert sorted(one.result(PATIENCE).status_code for one in asked) == [200] * 6 + [429]


def _secret() -> str:
    return secrets.token_urlsafe(32)


def test_the_same_secret_again_is_the_same_conversation(client: TestClient, database: Database) -> None:
    body = {"language": "et", "secret": _secret()}
    first, second = client.post("/api/widget/conversations", json=body), client.post("/api/widget/conversations", json=body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json()["secret"] == body["secret"]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ConversationRow)) == 1


def test_what_was_said_since_comes_with_the_repeated_beginning(client: TestClient, database: Database) -> None:
    body = {"secret": _secret()}
    talk.say(database, client.post("/api/widget/conversations", json=body).json()["id"], "Halloo?")
    assert [event["number"] for event in client.post("/api/widget/conversations", json=body).json()["events"]] == [1, 2]


def test_another_secret_is_another_conversation(client: TestClient) -> None:
    begun = [client.post("/api/widget/conversations", json={"secret": _secret()}).json()["id"] for _ in range(2)]
    assert len(set(begun)) == 2


@pytest.mark.parametrize("secret", ["", "lühike", "a" * 42, "a" * 65, "a" * 42 + "=", "a" * 42 + "\n"])
def test_a_secret_that_is_no_secret_is_refused(quiet: TestClient, secret: str) -> None:
    answer = quiet.post("/api/widget/conversations", json={"secret": secret})
    assert answer.status_code == 422
    assert not secret or secret not in answer.text


def test_two_tries_at_once_begin_one_conversation(database: Database, pool: ThreadPoolExecutor) -> None:
    secret = _secret()
    begun = [made.result() for made in [pool.submit(service.start, database, greeting="Tere!", secret=secret) for _ in range(4)]]
    assert len({one.conversation_id for one in begun}) == 1
    assert [one.repeated for one in begun].count(False) == 1


def test_the_id_is_no_way_to_the_secret(database: Database) -> None:
    secret = _secret()
    begun = service.start(database, greeting="Tere!", secret=secret)
    row = talk.row(database, begun.conversation_id)
    assert secret not in (row.id, row.secret_hash)
    assert service.authorise(database, row.id, secret).id == row.id
    with pytest.raises(NotFound):
        service.authorise(database, row.id, row.id)


def test_an_erased_conversation_does_not_begin_again(client: TestClient, database: Database, shelf: Shelf) -> None:
    body = {"secret": _secret()}
    erasure.erase(database, shelf, client.post("/api/widget/conversations", json=body).json()["id"])
    answer = client.post("/api/widget/conversations", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
