"""The house of a chaos run: real processes, a real PostgreSQL and Redis (or SQLite on a small disk), another system, and each fault by its name."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import text

from bot.understanding import FaqEntry
from handoff import keys
from handoff.accounts import service as accounts
from handoff.accounts import teams
from handoff.accounts.tables import Role
from handoff.conversations.shelf import Shelf
from handoff.database import Database, Table
from handoff.endpoints import book
from handoff.endpoints.book import Wish
from handoff.entries.store import EntryStore
from handoff.migrate import known_revisions
from handoff.privacy import backups
from handoff.web import COOKIE
from tests.fault import ledger
from tests.fault.disk import Disk, may_mount
from tests.fault.journal import BackupBegins, BackupMade, Fault, Journal, Received
from tests.fault.ledger import Event
from tests.fault.line import Line
from tests.fault.plan import BOT, Place, Step
from tests.fault.staff import question_of
from tests.fault.worker import Worker
from tests.handoff.loopback import Loopback, QuietHandler
from tests.handoff.test_relay import Server as Redis
from tests.ports import free_port
from tests.postgres import Cluster, programs
from tests.wire import Wire

PASSWORD = "kodukaup-proov"
ENTRIES = ("pakk", "arve", "garantii", "vahetus", "kinkekaart")
PEOPLE = (("jaan", Role.AGENT), ("kadri", Role.AGENT), ("tiit", Role.SUPERVISOR), ("liis", Role.EDITOR), ("anu", Role.ADMIN))
DURABLE = {"synchronous_commit": "on", "full_page_writes": "on"}  # a crash of PostgreSQL may lose nothing that it has acknowledged
Hurt = Callable[[Step], Awaitable[None]]


class OtherSystem(Loopback):
    """Is told of everything by webhook; while it is `away` it refuses."""

    def __init__(self, journal: Journal) -> None:
        self.away = False
        system = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:
                self.body()
                away = system.away
                if not away:
                    journal.add(Received(self.headers["Webhook-Id"]))
                self.send_response(503 if away else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(Handler)


class House:
    """What runs, and how it is hurt. Made by `opened`."""

    def __init__(self, place: Place, folder: Path, journal: Journal) -> None:
        self.place, self.folder, self.journal = place, folder, journal
        self.data = folder / "var"
        self.workers: list[Worker] = []
        self._one_at_a_time = [asyncio.Lock(), asyncio.Lock()]  # what is done to one process
        self.other = OtherSystem(journal)
        self.cluster: Cluster | None = None
        self.redis: Redis | None = None
        self.wire: Wire | None = None
        self.disk: Disk | None = None
        self.backups = self._tries = 0

    @property
    def urls(self) -> list[str]:
        return [worker.url for worker in self.workers]

    def line(self, chance: random.Random, address: str, login: str | None = None) -> Line:
        """A way in; for somebody who works here, logged in."""
        if login is None:
            return Line(self.urls, chance, address)
        token = accounts.log_in(self.database, login=login, password=PASSWORD)
        known = {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": accounts.whose(self.database, token).csrf_token}
        return Line(self.urls, chance, address, headers=known)

    def back_up(self) -> None:
        """As `abiline backup` does; while something is away it may be refused."""
        house = backups.House(self.data, self.url, self.database.vault)
        self._tries += 1
        self.journal.add(BackupBegins(self._tries))
        try:
            backups.back_up(house, self.folder / "backup", force=True)
        except Exception as refusal:
            self.journal.add(Fault(f"no backup: {type(refusal).__name__}"))
        else:
            self.backups += 1
            self.journal.add(BackupMade(self._tries))

    def restored(self) -> list[Event] | None:
        """The log as the last backup has it, put in place of an empty house as `abiline restore` does, which erases again what this house knows to be erased;
        None when none was made."""
        if not self.backups:
            return None
        empty = self.folder / "restored"
        url = self.cluster.fresh() if self.cluster else f"sqlite:///{empty / 'abiline.db'}"
        house = backups.House(empty, url, self.database.vault)
        with backups.unpacked(house, self.folder / "backup") as unpacked:
            house.forgotten.merge(backups.House(self.data, self.url, self.database.vault).forgotten.marks())
            backups.put_in_place(house, unpacked, force=True)
        database = Database(url)
        try:
            backups.erase_again(database, Shelf(empty / "attachments", house.vault), house.forgotten)
            return ledger.read(database).events
        finally:
            database.close()

    async def hurt(self, step: Step) -> None:
        """Play one step of the plan, from its beginning to its end."""
        self.journal.add(Fault(f"begins: {step}"))
        hurts: dict[str, Hurt] = {
            **{"kill": self._kill, "hang": self._hang, "postgres": self._postgres, "redis": self._redis, "wire": self._wire},
            **{"disk": self._disk, "clock": self._clock, "other": self._other, BOT: self._bot},
        }
        await hurts[step.fault](step)
        self.journal.add(Fault(f"is over: {step}"))

    def later(self, seconds: float) -> None:
        """All clocks are so much later: what waits for a time comes due."""
        for worker in self.workers:
            worker.set_clock(seconds)

    async def _kill(self, step: Step) -> None:
        worker = self.workers[step.whom]
        async with self._one_at_a_time[step.whom]:
            await asyncio.to_thread(worker.kill)
            await asyncio.sleep(step.lasts)
            worker.start()
            await asyncio.to_thread(worker.await_answer)

    async def _bot(self, step: Step) -> None:
        """It is woken anew by the house; who asks meanwhile is offered a person."""
        self.workers[step.whom].kill_bot()

    async def _hang(self, step: Step) -> None:
        async with self._one_at_a_time[step.whom]:
            self.workers[step.whom].hang()
            await asyncio.sleep(step.lasts)
            self.workers[step.whom].go_on()

    async def _postgres(self, step: Step) -> None:
        if self.cluster is not None:
            await asyncio.to_thread(self.cluster.crash)
            await asyncio.sleep(step.lasts)
            await asyncio.to_thread(self.cluster.start)

    async def _redis(self, step: Step) -> None:
        if self.redis is not None:
            self.redis.stop()
            await asyncio.sleep(step.lasts)
            self.redis.port = free_port()
            self.redis.start()

    async def _wire(self, step: Step) -> None:
        if self.wire is not None:
            self.wire.cut()
            await asyncio.sleep(step.lasts)
            self.wire.mend()

    async def _disk(self, step: Step) -> None:
        if self.disk is not None:
            await asyncio.to_thread(self.disk.fill)
            await asyncio.sleep(step.lasts)
            self.disk.free()

    async def _clock(self, step: Step) -> None:
        self.workers[step.whom].set_clock(step.by)
        await asyncio.sleep(step.lasts)
        self.workers[step.whom].set_clock(0)

    async def _other(self, step: Step) -> None:
        self.other.away = True
        await asyncio.sleep(step.lasts)
        self.other.away = False

    async def _build(self, stack: AsyncExitStack) -> None:
        """The database, what stands in it, and the processes."""
        stack.callback(self.other.stop)
        settings = {"ABILINE_DATA_DIR": str(self.data), "ABILINE_WEBHOOKS_INSIDE": "true", "ABILINE_REPLY_TIMEOUT": "2", "ABILINE_HOURS": "E-P 0-24"}
        settings["ABILINE_SECRET_KEY"] = "katse" * 10
        if self.place == "many":
            bin_folder = programs()
            assert bin_folder is not None
            self.cluster = stack.enter_context(Cluster(bin_folder, **DURABLE))
            self.url = self.cluster.fresh()
            self.redis = Redis(self.folder)
            self.redis.port = free_port()
            self.redis.start()
            stack.callback(self.redis.stop)
            self.wire = Wire(self.redis.port)
            await self.wire.start()
            stack.push_async_callback(self.wire.stop)
            settings |= {"ABILINE_DATABASE_URL": self.url, "ABILINE_REDIS_URL": f"redis://127.0.0.1:{self.wire.port}/0"}
        else:
            self.disk = stack.enter_context(Disk(self.data)) if may_mount() else None
            self.url = f"sqlite:///{self.data / 'abiline.db'}"
        self.data.mkdir(parents=True, exist_ok=True)
        self.database = Database(self.url)
        stack.callback(self.database.close)
        self._furnish()
        for number in range(2 if self.place == "many" else 1):
            worker = Worker(f"process-{number + 1}", self.folder, settings)
            self.workers.append(worker)
            stack.callback(worker.kill)
            worker.start()
        for worker in self.workers:
            await asyncio.to_thread(worker.await_answer)

    def _furnish(self) -> None:
        Table.metadata.create_all(self.database.engine)
        with self.database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": known_revisions()[0]})
        keys.begin(self.database)
        self.people = {login: accounts.create(self.database, login=login, name=login.title(), password=PASSWORD, role=role) for login, role in PEOPLE}
        self.team = teams.make(self.database, "Tagastused", by=None)
        entries = [FaqEntry(id=one, topic="pood", question=question_of(one), answer="Esimene vastus.") for one in ENTRIES]
        EntryStore(self.database).import_all(entries, by=None)
        book.make(self.database, Wish("teine süsteem", self.other.url), inside=True, by=None)


@asynccontextmanager
async def opened(place: Place, folder: Path, journal: Journal) -> AsyncIterator[House]:
    """A house that serves; everything of it is gone afterwards."""
    async with AsyncExitStack() as stack:
        house = House(place, folder, journal)
        await house._build(stack)
        yield house


def missing(place: Place) -> list[str]:
    """What a run needs and is not here."""
    needs = {"PostgreSQL": programs() is not None, "redis-server": shutil.which("redis-server") is not None} if place == "many" else {}
    return [name for name, here in needs.items() if not here]
