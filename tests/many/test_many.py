"""Two processes, one PostgreSQL, one Redis, a proxy that sends each request anywhere: for people it is one house."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from handoff.conversations.tables import EventRow
from handoff.database import new_id
from handoff.endpoints import book
from handoff.endpoints.book import Wish
from tests.fault.house import OtherSystem
from tests.fault.journal import Journal, Received
from tests.gateways import running
from tests.many.customer import Mari
from tests.many.house import ENTRY, QUESTION, SETTINGS, House, NginxBeforeMany, opened, requests_counted
from tests.many.reader import PATIENCE_SECONDS, News, Reader
from tests.ports import free_port

pytestmark = [pytest.mark.commands, pytest.mark.load, pytest.mark.timeout(180)]

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("many")) as serving:
        yield serving
    Reader.end_all()


def answered(house: House, reader: Reader) -> list[str]:
    """Which messages the bot has answered, in the order that the customer was told, by what the page called them."""
    with house.database.read() as session:
        names = {event.id: event.client_id or "" for event in session.scalars(select(EventRow).where(EventRow.kind == "message"))}
    marks = (re.search(r" \[(\S+)\]$", one["body"]["text"]) for one in reader.messages if one["actor"] == "bot")
    return [names[mark[1]] for mark in marks if mark]


def bot_words(count: int) -> Callable[[list[News]], bool]:
    return lambda told: sum(1 for name, data in told if name == "event" and data["actor"] == "bot" and "[" in data["body"].get("text", "")) >= count


def test_a_customer_at_one_process_and_an_agent_at_the_other_talk_and_see_each_other_type(house: House, client: httpx.Client, record_property: Record) -> None:
    here, there, jaan = house.one.url, house.other.url, house.headers("jaan")
    desk = Reader(f"{there}/api/desk/stream", jaan)  # as long as it is open, he is here
    desk.wait_for(len, says="the desk's stream")
    mari = Mari(client, here)
    page = mari.reads(here)
    mari.does(here, "human", {"client_id": new_id()}).raise_for_status()
    page.wait_for(lambda told: any(name == "state" and data["state"] == "waiting" for name, data in told), says="that she waits")
    place = f"{there}/api/desk/conversations/{mari.id}"
    client.post(f"{place}/claim", headers=jaan).raise_for_status()
    page.wait_for(lambda told: any(name == "state" and data["agent"] == "Jaan" for name, data in told), says="who has it")
    board = Reader(f"{place}/stream", jaan)
    client.post(f"{place}/typing", headers=jaan).raise_for_status()
    page.wait_for(lambda told: ("typing", {"name": "Jaan"}) in told, says="that Jaan types")
    mari.does(here, "typing").raise_for_status()
    board.wait_for(lambda told: any(name == "typing" and data["customer"] for name, data in told), says="that Mari types")
    began = time.perf_counter()
    client.post(f"{place}/messages", json={"client_id": new_id(), "text": "Tere, Mari!"}, headers=jaan).raise_for_status()
    page.wait_for(lambda told: any(name == "event" and data["body"].get("text") == "Tere, Mari!" for name, data in told), says="his words")
    record_property("an agent's words, from one process to a page at the other", f"{(time.perf_counter() - began) * 1000:.0f} ms")
    mari.says(there, "Aitäh!")
    board.wait_for(lambda told: any(name == "event" and data["body"].get("text") == "Aitäh!" for name, data in told), says="her words")
    page.wait_for(lambda told: any(name == "event" and data["body"].get("text") == "Aitäh!" for name, data in told), says="her own words")
    assert [one["body"]["text"] for one in page.messages if one["actor"] != "bot"][-2:] == ["Tere, Mari!", "Aitäh!"]
    for one in (desk, board, page):
        one.stop()


def test_messages_that_come_to_both_processes_at_once_are_answered_once_each_and_in_their_order(house: House, client: httpx.Client) -> None:
    mari = Mari(client, house.one.url)
    page = mari.reads(house.other.url)
    with ThreadPoolExecutor(6) as hands:
        sent = list(hands.map(lambda number: mari.says((house.one, house.other)[number % 2].url, f"{QUESTION} {number}"), range(6)))
    page.wait_for(bot_words(6), says="six answers")
    asked = [one["client_id"] for one in page.messages if one["actor"] == "customer"]
    assert sorted(asked) == sorted(sent)
    assert answered(house, page) == asked
    page.stop()


def test_behind_the_proxy_every_request_may_go_to_another_process(house: House, client: httpx.Client) -> None:
    def served() -> list[float]:
        known = {"Authorization": f"Bearer {SETTINGS['ABILINE_METRICS_TOKEN']}"}
        return [requests_counted(client.get(f"{one.url}/metrics", headers=known).raise_for_status().text) for one in (house.one, house.other)]

    before = served()
    with ThreadPoolExecutor(8) as hands:
        mari, *_others = hands.map(lambda _number: Mari(client, house.site), range(12))
    page = mari.reads(house.site)
    sent = [mari.says(house.site, f"{QUESTION} {number}") for number in range(4)]
    page.wait_for(bot_words(4), says="four answers")
    assert answered(house, page) == sent
    assert all(now > then for now, then in zip(served(), before, strict=True))
    assert client.get(f"{house.site}/ready").status_code == 404  # for the proxy alone
    page.stop()


def test_behind_nginx_a_process_that_is_gone_is_missed_by_nobody(house: House, tmp_path: Path) -> None:
    """From another address than the others: nginx tells it, and customers of one address are counted together."""
    away = free_port()  # nobody listens there: a process that has just ended
    transport = httpx.HTTPTransport(local_address="127.0.0.7")
    site = NginxBeforeMany(tmp_path, [house.one.port, away])
    with running(site), httpx.Client(transport=transport, timeout=PATIENCE_SECONDS) as client:
        mari = Mari(client, site.url)
        page = mari.reads(site.url)
        sent = [mari.says(site.url, f"{QUESTION} {number}") for number in range(3)]
        page.wait_for(bot_words(3), says="three answers")
        assert answered(house, page) == sent
        page.stop()
    assert f"127.0.0.1:{away}" in (tmp_path / "error.log").read_text(encoding="utf-8")  # it was tried, and the other was asked instead


def test_a_flood_that_comes_to_both_is_counted_once_and_nobody_waits_for_a_redis_that_is_away(house: House, client: httpx.Client) -> None:
    def let_in(mari: Mari, tries: int) -> int:
        return sum(mari.does((house.one, house.other)[number % 2].url, "typing").is_success for number in range(tries))

    began = time.monotonic()
    taken = let_in(Mari(client, house.one.url), 24)
    assert 5 <= taken <= 5 + (time.monotonic() - began) * 0.5 + 2  # five at once and one every two seconds, however many processes
    house.redis.stop()
    kadri = Mari(client, house.other.url)
    assert let_in(kadri, 4) == 4
    kadri.says(house.one.url, QUESTION)
    page = kadri.reads(house.one.url)
    page.wait_for(bot_words(1), says="an answer without Redis")
    house.redis.start()
    page.stop()


def test_an_entry_that_is_published_at_one_process_is_answered_by_the_other(house: House, client: httpx.Client, record_property: Record) -> None:
    liis, place = house.headers("liis"), f"{house.one.url}/api/editor/entries/{ENTRY}"
    known = client.get(place, headers=liis).raise_for_status().json()
    form = {"revision": known["revision"], "topic": known["topic"], "question": QUESTION, "answer": "Teine vastus."}
    client.post(f"{place}/publish", json=form, headers=liis).raise_for_status()
    began, heard = time.monotonic(), ""
    mari = Mari(client, house.other.url)
    page = mari.reads(house.other.url)
    for number in range(1, 20):
        mari.says(house.other.url, QUESTION)
        page.wait_for(bot_words(number), says="an answer")
        heard = next(one["body"]["text"] for one in reversed(page.messages) if one["actor"] == "bot")
        if heard.startswith("Teine vastus."):
            break
        time.sleep(0.1)
    assert heard.startswith("Teine vastus.")
    record_property("an entry published at one process, answered by the other", f"{time.monotonic() - began:.1f} s")
    page.stop()


def test_a_process_that_is_stopped_ends_well_and_nothing_is_lost_doubled_or_told_twice(house: House, client: httpx.Client) -> None:
    journal = Journal()
    system = OtherSystem(journal)
    book.make(house.database, Wish("teine süsteem", system.url), inside=True, by=None)
    mari = Mari(client, house.site)
    pages = [mari.reads(house.one.url), mari.reads(house.site)]
    for page in pages:
        page.wait_for(len)
    sent = [mari.says(house.site, f"{QUESTION} enne")]
    with ThreadPoolExecutor(1) as hand:
        stopped = hand.submit(house.one.stop)
        sent += [mari.says(house.site, f"{QUESTION} {number}") for number in range(5)]
        assert stopped.result() in (0, -signal.SIGTERM)  # uvicorn, when it has ended all, ends as the signal would have
    assert "Traceback" not in house.one.log
    house.one.start()
    house.one.await_answer()
    sent.append(mari.says(house.one.url, f"{QUESTION} pärast"))
    for page in pages:
        page.wait_for(bot_words(len(sent)), says="all answers")
        assert [one["client_id"] for one in page.messages if one["actor"] == "customer"] == sent
        assert answered(house, page) == sent
    assert pages[0].begun >= 2  # it came back by itself, from where it was
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(set(_told(journal))) < 2 * len(sent) and time.monotonic() < deadline:
        time.sleep(0.05)
    system.stop()
    assert sorted(_told(journal)) == sorted(set(_told(journal)))  # two processes with one outbox told each thing once
    assert len(_told(journal)) >= 2 * len(sent)
    for page in pages:
        page.stop()


def _told(journal: Journal) -> list[str]:
    return [received.delivery for received in journal.of(Received)]
