"""Ten thousand times several agents reach for one conversation at the same moment: each time one has it, and every other is told who.

`ABILINE_LOAD_CLAIMS` makes it fewer, for trying.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select, update

import handoff.migrate  # noqa: F401  (registers every table)
from handoff.accounts.tables import AgentRow, Role
from handoff.conversations import agents, service
from handoff.conversations.agents import Holder
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database, Table, now
from handoff.errors import AlreadyTaken
from tests.postgres import Cluster, programs

pytestmark = [pytest.mark.load, pytest.mark.timeout(3600)]

ROUNDS = int(os.environ.get("ABILINE_LOAD_CLAIMS", "10000"))
CROWD = 4
TALKS = 50  # taken in turn, so that no log is longer than a day's


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield from _made(f"sqlite:///{tmp_path / 'abiline.db'}")
        return
    bin_folder = programs()
    if bin_folder is None:
        pytest.fail("there is no PostgreSQL: `make postgres` gets it from Debian's packages")
    with Cluster(bin_folder) as cluster:
        yield from _made(cluster.fresh())


def _made(url: str) -> Iterator[Database]:
    database = Database(url)
    Table.metadata.create_all(database.engine)
    yield database
    database.close()


def crowd(database: Database) -> list[Holder]:
    """Agents who reach for everything."""
    with database.write() as session:
        rows = [AgentRow(login=f"agent-{place}", name=f"Agent {place}", role=Role.AGENT.value, password_hash="-") for place in range(CROWD)]
        session.add_all(rows)
        session.flush()
        return [Holder(row.id, row.name) for row in rows]


def test_of_all_who_claim_at_once_one_has_it_ten_thousand_times(database: Database, record_property: Callable[[str, object], None]) -> None:
    people = crowd(database)
    talks = [service.start(database, greeting="Tere!").conversation_id for _ in range(TALKS)]
    start = Barrier(CROWD)

    def reach(conversation_id: str, agent: Holder) -> str | None:
        """The agent's own id when they have it, else the name of the holder."""
        start.wait()
        try:
            agents.claim(database, conversation_id, agent)
        except AlreadyTaken as refusal:
            return refusal.holder
        return agent.id

    began = time.perf_counter()
    with ThreadPoolExecutor(CROWD) as threads:
        for turn in range(ROUNDS):
            conversation_id = talks[turn % TALKS]
            let_wait(database, conversation_id)
            told = list(threads.map(reach, [conversation_id] * CROWD, people))
            winners = [agent for agent, answer in zip(people, told, strict=True) if answer == agent.id]
            assert len(winners) == 1, f"round {turn}: {told}"
            assert sorted(told, key=str) == sorted([winners[0].id, *[winners[0].name] * (CROWD - 1)], key=str)
    seconds = time.perf_counter() - began
    with database.read() as session:
        claimed = select(func.count()).select_from(EventRow).where(EventRow.kind == "claimed")
        assert session.scalar(claimed) == ROUNDS
        assert session.scalar(select(func.sum(ConversationRow.last_number))) == ROUNDS + TALKS  # a greeting each
    record_property(f"claims at once, {database.engine.dialect.name}", f"{ROUNDS} rounds of {CROWD}, one winner each, {seconds / ROUNDS * 1000:.1f} ms a round")


def let_wait(database: Database, conversation_id: str) -> None:
    with database.note() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(state="waiting", agent_id=None, waiting_since=now()))
