"""Two thousand open widgets and two hundred talks with people, on one process: every message is shown once, in order, on both sides.

What a connection costs in memory is told in the tests' own report. `ABILINE_LOAD_WIDGETS` and `ABILINE_LOAD_TALKS` make it smaller, for trying.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

import handoff.migrate  # noqa: F401  (registers every table)
from handoff import keys
from handoff.accounts import service as accounts
from handoff.accounts.tables import Role
from handoff.database import Database, Table
from handoff.web import COOKIE
from tests.fault import ledger
from tests.fault.actors import Actor, Customer
from tests.fault.journal import Claimed, Journal
from tests.fault.line import Line
from tests.fault.oracle import judge
from tests.fault.staff import Agent
from tests.fault.worker import Worker
from tests.load.crowd import Widget

pytestmark = [pytest.mark.load, pytest.mark.timeout(3600)]

WIDGETS = int(os.environ.get("ABILINE_LOAD_WIDGETS", "2000"))
TALKS = int(os.environ.get("ABILINE_LOAD_TALKS", "200"))
AGENTS, TURNS = 10, 5
OPENING = 20  # at the same time
OTHER_FILES = 500  # of the service itself: the database's, the program's
OF_ONE_ADDRESS = 40  # the service counts beginnings by address
PASSWORD = "kodukaup-proov"
PATIENCE_SECONDS = 600
TRY_SECONDS = 30  # a machine that is busy is slow, and a message that is sent again costs it more
SILENCE = 60  # a stream says at least every twenty seconds that it is there
Act = Callable[[], Awaitable[None]]


def test_two_thousand_widgets_and_two_hundred_talks_see_every_message_once_and_in_order(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = WIDGETS * 2 + OTHER_FILES
    if most != resource.RLIM_INFINITY and most < needed:
        pytest.skip(f"only {most} files may be open here; {needed} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))  # for us and for the service, which is our child
    for name, value in asyncio.run(crowd(tmp_path)).items():
        record_property(name, value)


async def crowd(folder: Path) -> dict[str, str]:
    """Play it all; gives what was measured."""
    database = Database(f"sqlite:///{folder / 'abiline.db'}")
    Table.metadata.create_all(database.engine)
    keys.begin(database)
    people = [accounts.create(database, login=f"agent-{place}", name=f"Agent {place}", password=PASSWORD, role=Role.AGENT) for place in range(AGENTS)]
    worker = Worker("one", folder, {"ABILINE_DATA_DIR": str(folder), "ABILINE_SECRET_KEY": "katse" * 10, "ABILINE_HOURS": "E-P 0-24"}, wrong_clocks=False)
    worker.start()
    try:
        await asyncio.to_thread(worker.await_answer)
        return await _measured(worker, database, people)
    except AssertionError:
        print(worker.log[-4_000:])
        raise
    finally:
        worker.kill()
        database.close()


async def _measured(worker: Worker, database: Database, people: list[str]) -> dict[str, str]:
    before, began = worker.memory, time.perf_counter()
    widgets = [Widget(worker.port, f"127.1.{place // OF_ONE_ADDRESS % 250}.1") for place in range(WIDGETS - TALKS)]
    await _some_at_once([widget.open for widget in widgets])
    each = (worker.memory - before) / max(len(widgets), 1)
    opened = time.perf_counter() - began

    journal, chance = Journal(), random.Random(5)
    customers = [Customer(f"customer-{place}", _line(worker, chance, f"127.2.{place}.1"), journal, chance, 1) for place in range(TALKS)]
    agents = [
        Agent(f"agent-{place}", _desk(worker, database, chance, place), journal, chance, 1, agent_id=one, others=(), teams=())
        for place, one in enumerate(people)
    ]
    began = time.perf_counter()
    for agent in agents:
        await agent.begin()
    await _some_at_once([customer.begin for customer in customers])
    await _some_at_once([_talk(customer, agents[place % AGENTS], journal) for place, customer in enumerate(customers)])
    talked = time.perf_counter() - began
    wrongs, deadline = judge(journal, ledger.read(database)), time.monotonic() + PATIENCE_SECONDS
    while wrongs and time.monotonic() < deadline:
        await asyncio.sleep(1)
        wrongs = judge(journal, ledger.read(database))
    assert not wrongs, wrongs[:20]
    assert all(widget.is_open and widget.events == [1] for widget in widgets)
    for one in (*customers, *agents):
        await one.leave()
    for widget in widgets:
        await widget.close()
    messages = TALKS * TURNS * 2
    return {
        f"{len(widgets)} open widgets": f"{each / 1024:.0f} KB each, {opened / max(len(widgets), 1) * 1000:.0f} ms each to begin and open",
        f"{TALKS} talks with {AGENTS} people beside them": f"{messages} messages in {talked:.0f} s, each shown once and in order on both sides",
    }


async def _say(who: Actor, path: str, conversation: str, text: str) -> None:
    answer = await who.send(path, conversation, text)
    assert answer is not None
    assert answer.is_success


def _talk(customer: Customer, agent: Agent, journal: Journal) -> Act:
    async def talking() -> None:
        say = f"/api/widget/conversations/{customer.conversation}/messages"
        place = f"/api/desk/conversations/{customer.conversation}"
        await _say(customer, say, customer.conversation, "inimesega palun")
        while not (taken := await agent.line.ask("POST", f"{place}/claim")) or not taken.is_success:  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # the bot has not handed it over yet
        journal.add(Claimed(agent.name, customer.conversation))
        await agent.open(customer.conversation)
        for turn in range(TURNS):
            await _say(customer, say, customer.conversation, f"küsimus {turn}")
            await _say(agent, f"{place}/messages", customer.conversation, f"vastus {turn}")

    return talking


async def _some_at_once(acts: Sequence[Act]) -> None:
    places = asyncio.Semaphore(OPENING)

    async def one(act: Act) -> None:
        async with places:
            await act()

    await asyncio.gather(*(one(act) for act in acts))


def _line(worker: Worker, chance: random.Random, address: str) -> Line:
    return Line([worker.url], chance, address, silence=SILENCE, patience=TRY_SECONDS)


def _desk(worker: Worker, database: Database, chance: random.Random, place: int) -> Line:
    token = accounts.log_in(database, login=f"agent-{place}", password=PASSWORD)
    known = {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": accounts.whose(database, token).csrf_token}
    return Line([worker.url], chance, f"127.3.{place}.1", silence=SILENCE, patience=TRY_SECONDS, headers=known)
