"""What `compose.yml` starts, as plain processes: two of the service on one PostgreSQL and one Redis, behind Caddy, which sends each request anywhere."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.understanding import FaqEntry
from handoff import keys
from handoff.accounts import service as accounts
from handoff.accounts.tables import Role
from handoff.database import Database
from handoff.entries.store import EntryStore
from handoff.migrate import upgrade
from handoff.web import COOKIE
from tests.fault.worker import Worker
from tests.gateways import DEPLOY, Caddy, Nginx, program, running
from tests.handoff.test_relay import Server as Redis
from tests.keys import use_test_key
from tests.ports import free_port
from tests.postgres import Cluster, programs

DOCS = DEPLOY.parent / "docs"
PASSWORD = "kodukaup-proov"
ENTRY, QUESTION = "pakk", "mida tähendab pakk"
PEOPLE = (("jaan", Role.AGENT), ("liis", Role.EDITOR))
SETTINGS = {"ABILINE_HOURS": "E-P 0-24", "ABILINE_SECRET_KEY": "katse" * 10, "ABILINE_METRICS_TOKEN": "katse-luba", "ABILINE_WEBHOOKS_INSIDE": "true"}


class CaddyBeforeMany(Caddy):
    """`deploy/compose/Caddyfile` on a port of this machine, without a certificate; it asks `/ready` more often."""

    def __init__(self, folder: Path, services: list[int]) -> None:
        self.program, self.folder, self.port = program("caddy"), folder, free_port()
        self.url = f"http://localhost:{self.port}"
        site = (DEPLOY / "compose" / "Caddyfile").read_text(encoding="utf-8").replace("{$SITE}", self.url)
        for number, port in enumerate(services, 1):
            site = site.replace(f"app-{number}:8000", f"127.0.0.1:{port}")
        site = site.replace("health_interval 5s", "health_interval 250ms")
        (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tgrace_period 1s\n\tstorage file_system {folder}/storage\n}}\n{site}", encoding="utf-8")

    @property
    def run(self) -> list[str]:
        return [self.program, "run", "--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")]


class NginxBeforeMany(Nginx):
    """`deploy/nginx.conf` with the block that `docs/many-machines.md` puts in the place of its one address; without TLS, which `tests/test_gateways.py` has."""

    def __init__(self, folder: Path, services: list[int]) -> None:
        super().__init__(folder, service=0)
        self.url = f"http://localhost:{self.port}"
        told = (DOCS / "many-machines.md").read_text(encoding="utf-8")
        upstream = textwrap.dedent(told[told.index("    upstream abiline_processes") : told.index("    # … and in its location: ")])
        for number, port in enumerate(services, 11):
            upstream = upstream.replace(f"10.0.0.{number}:8000", f"127.0.0.1:{port}")
        (passed,) = re.findall(r"# … and in its location: (proxy_pass \S+;)", told)
        path = folder / "site.conf"
        site = path.read_text(encoding="utf-8").replace("proxy_pass http://127.0.0.1:0;", passed)
        site = re.sub(r"# Any other name .*", "", site, flags=re.DOTALL).replace(f"listen 127.0.0.1:{self.port} ssl http2", f"listen 127.0.0.1:{self.port}")
        path.write_text(upstream + re.sub(r"^ *ssl_.*\n", "", site, flags=re.MULTILINE), encoding="utf-8")


@dataclass(frozen=True)
class House:
    """What runs."""

    one: Worker
    other: Worker
    redis: Redis
    database: Database
    site: str  # the address that everybody comes to

    def headers(self, login: str) -> dict[str, str]:
        """Of somebody who works here and is logged in."""
        token = accounts.log_in(self.database, login=login, password=PASSWORD)
        return {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": accounts.whose(self.database, token).csrf_token}


@contextmanager
def opened(folder: Path, *, module: str = "tests.fault.serve", **settings: str) -> Iterator[House]:
    """The house, serving; everything of it is gone afterwards. Skips where a program is not installed."""
    bin_folder = programs()
    if bin_folder is None or shutil.which("redis-server") is None:
        pytest.skip("PostgreSQL or Redis is not installed: `make postgres gateways` gets them from Debian's packages")
    use_test_key()
    data = folder / "var"
    data.mkdir()
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(bin_folder))
        redis = Redis(folder)
        redis.start()
        stack.callback(redis.stop)
        url = cluster.fresh()
        database = Database(url)
        stack.callback(database.close)
        _furnish(database)
        given = SETTINGS | {"ABILINE_DATA_DIR": str(data), "ABILINE_DATABASE_URL": url, "ABILINE_REDIS_URL": redis.url} | settings
        workers = [Worker(f"process-{number}", folder, given, module=module) for number in (1, 2)]
        for worker in workers:
            stack.callback(worker.kill)
            worker.start()
        with ThreadPoolExecutor() as pool:
            list(pool.map(Worker.await_answer, workers))
        gateway = CaddyBeforeMany(folder, [worker.port for worker in workers])
        stack.enter_context(running(gateway))
        yield House(workers[0], workers[1], redis, database, gateway.url)


def _furnish(database: Database) -> None:
    upgrade(database)
    keys.begin(database)
    for login, role in PEOPLE:
        accounts.create(database, login=login, name=login.title(), password=PASSWORD, role=role)
    EntryStore(database).import_all([FaqEntry(id=ENTRY, topic="pood", question=QUESTION, answer="Esimene vastus.")], by=None)


def requests_counted(metrics: str) -> float:
    """How many requests of customers a process has answered, by its own figures."""
    return sum(float(value) for value in re.findall(r'^abiline_requests_total\{[^}]*route="/api/widget[^}]*\} (\S+)$', metrics, flags=re.M))
