"""What a conversation, an open page and a message cost: `python -m tests.load.sizing` (or `make sizes`), with the real bot, on SQLite and on PostgreSQL.

It prints the table of docs/sizing.md. One process serves; customers come from this one. Processor time is the process's own (and PostgreSQL's), so
other work on the machine lengthens the run and hardly the figures.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import func, select, text

from bot.faq.entries import read_folder
from handoff import keys
from handoff.conversations.tables import EventRow
from handoff.database import Database, Table, new_id
from handoff.entries.store import EntryStore
from handoff.migrate import upgrade
from tests.fault.worker import Worker
from tests.keys import use_test_key
from tests.postgres import Cluster, programs

CONVERSATIONS, MESSAGES, WARM = 120, 4, 12  # conversations, a customer's messages in each, and those before that are not counted
AT_ONCE = 6
PAGES, PAGE_SECONDS = 400, 22  # open streams, and how long they are watched: a little more than their heartbeat
TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cost:
    """Of one house. Milliseconds are processor time, bytes are on disk or in memory."""

    answer_ms: float
    database_ms: float  # PostgreSQL's own, of one answer; with SQLite it is in `answer_ms`
    rows_per_conversation: float
    bytes_per_message: float  # of the customer's and the bot's
    resident: float  # the service's processes after these conversations
    page_bytes: float
    page_ms: float  # of one open page on which nothing happens, a minute

    def __str__(self) -> str:
        return "\n".join(
            [
                f"  an answer: {self.answer_ms:.0f} ms of one core" + (f", and {self.database_ms:.1f} ms in PostgreSQL" if self.database_ms else ""),
                f"  a conversation of {MESSAGES} questions: {self.rows_per_conversation:.0f} rows",
                f"  a message: {self.bytes_per_message:.0f} bytes; a million: {self.bytes_per_message / 1000:.1f} GB",
                f"  the service: {self.resident / 1e6:.0f} MB; with each open page {self.page_bytes / 1e3:.0f} kB more",
                f"  an open page where nothing happens: {self.page_ms:.1f} ms of one core a minute",
            ]
        )


@contextmanager
def place(kind: str, folder: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """The address of a new database, and what tells the seconds of processor that its own processes have used."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'abiline.db'}", lambda: 0.0
        return
    bin_folder = programs()
    assert bin_folder is not None, "there is no PostgreSQL: `make postgres` gets it"
    with Cluster(bin_folder, autovacuum="on") as cluster:
        head = int((cluster.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        yield cluster.fresh(), lambda: sum(_processor(pid) for pid in _family(head))


def measure(kind: str, folder: Path) -> Cost:
    """Serve on a new database of this kind and let customers ask."""
    with ExitStack() as stack:
        url, of_database = stack.enter_context(place(kind, folder))
        database = Database(url)
        stack.callback(database.close)
        upgrade(database)
        keys.begin(database)
        EntryStore(database).import_all(read_folder(ROOT / "data" / "faq"), by=None)
        settings = {"ABILINE_DATA_DIR": str(folder), "ABILINE_DATABASE_URL": url, "ABILINE_MODEL_DIR": str(ROOT / "models"), "ABILINE_SECRET_KEY": "katse" * 10}
        worker = Worker("process", folder, settings, module="handoff serve")
        stack.callback(worker.kill)
        worker.start()
        worker.await_answer()
        asyncio.run(_converse(worker.url, WARM))
        before = (_of_all(_processor, worker.pid), of_database(), _rows(database), _size(database), _messages(database))
        asyncio.run(_converse(worker.url, CONVERSATIONS))
        after = (_of_all(_processor, worker.pid), of_database(), _rows(database), _size(database), _messages(database))
        own, theirs, rows, size, messages = (now - then for now, then in zip(after, before, strict=True))
        resident, answers = _of_all(_resident, worker.pid), CONVERSATIONS * MESSAGES
        page_bytes, page_ms = asyncio.run(_pages(worker))
        return Cost(own / answers * 1000, theirs / answers * 1000, rows / CONVERSATIONS, size / messages, resident, page_bytes, page_ms)


async def _converse(url: str, count: int) -> None:
    """So many conversations, some at once, each with its page open and from an address of its own."""
    questions = [entry.question for entry in read_folder(ROOT / "data" / "faq")]
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with turn, _customer(url, number) as (client, path):
            after = 0
            for message in range(MESSAGES):
                asked = {"client_id": new_id(), "text": questions[(number * MESSAGES + message) % len(questions)]}
                after = (await client.post(f"{path}/messages", json=asked)).raise_for_status().json()["number"]
                while not (await client.get(f"{path}/events?after={after}&wait=20")).raise_for_status().json()["events"]:
                    pass

    await asyncio.gather(*(one(number) for number in range(count)))


@asynccontextmanager
async def _customer(url: str, number: int) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.{1 + number // 250}.{1 + number % 250}", verify=False)
    async with httpx.AsyncClient(base_url=url, transport=transport, timeout=60, trust_env=False) as client:
        begun = (await client.post("/api/widget/conversations", json={"language": "et"})).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {begun['secret']}"
        yield client, f"/api/widget/conversations/{begun['id']}"


async def _pages(worker: Worker) -> tuple[float, float]:
    """What one open page costs in memory (bytes) and, while nothing happens, in processor (milliseconds a minute)."""
    before = _of_all(_resident, worker.pid)
    everybody = httpx.Limits(max_connections=None)
    async with _customer(worker.url, 7) as (customer, path), httpx.AsyncClient(verify=False, timeout=60, limits=everybody, trust_env=False) as client:
        opened = asyncio.Semaphore(0)

        async def page() -> None:
            async with client.stream("GET", f"{worker.url}{path}/stream", headers=customer.headers) as stream:
                first = True
                async for _chunk in stream.aiter_bytes():
                    if first:
                        opened.release()
                    first = False

        pages = [asyncio.create_task(page()) for _ in range(PAGES)]
        for _ in pages:
            await opened.acquire()
        await asyncio.sleep(2)  # what opening them costs is not what holding them does
        held, began, used = _of_all(_resident, worker.pid) - before, time.monotonic(), _of_all(_processor, worker.pid)
        await asyncio.sleep(PAGE_SECONDS)
        spent = (_of_all(_processor, worker.pid) - used) / (time.monotonic() - began) * 60 * 1000
        for task in pages:
            task.cancel()
        await asyncio.gather(*pages, return_exceptions=True)
    return held / PAGES, spent / PAGES


def _messages(database: Database) -> float:
    with database.read() as session:
        return float(session.scalar(select(func.count()).select_from(EventRow).where(EventRow.kind == "message")) or 0)


def _rows(database: Database) -> float:
    with database.read() as session:
        return float(sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in Table.metadata.tables.values()))


def _size(database: Database) -> float:
    """Bytes of tables and indexes, without what is only kept for a crash."""
    with database.read() as session:
        if not database.is_sqlite:
            return float(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        pages, one = (session.scalar(text(f"PRAGMA {name}")) or 0 for name in ("page_count", "page_size"))
        return float(pages * one)


def _processor(pid: int) -> float:
    """Seconds that it and those of its children that have ended have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:  # it has ended meanwhile, and counts with its parent
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def _of_all(figure: Callable[[int], float], head: int) -> float:
    """Of a process and of those it has begun: the bot has one of its own."""
    return sum(figure(pid) for pid in _family(head))


def _family(head: int) -> list[int]:
    parents = {int(path.parent.name): path.read_text(encoding="utf-8").rpartition(")")[2].split()[1] for path in Path("/proc").glob("[0-9]*/stat")}
    return [head, *(pid for pid, parent in parents.items() if parent == str(head))]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(*kinds: str) -> None:
    use_test_key()
    for kind in kinds or ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{kind}\n{measure(kind, Path(folder))}", flush=True)


if __name__ == "__main__":
    import sys

    main(*sys.argv[1:])
