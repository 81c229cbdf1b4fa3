"""A house of one's own for each test: a database, the people of the shop, the fake bot.

The database is SQLite on disk; `pytest tests -m postgres` plays the files that are marked `both_databases` on PostgreSQL.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select, text

import handoff.migrate  # noqa: F401  (registers every table)
from bot.understanding import FaqEntry
from handoff.accounts import passwords
from handoff.accounts import service as accounts
from handoff.accounts.tables import AgentRow, Role, TeamMemberRow, TeamRow
from handoff.conversations import service
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, Table
from handoff.services import Services
from handoff.settings import Settings, read_settings
from handoff.web import COOKIE
from tests.fakes import FakeBot
from tests.handoff.post import Post, listening
from tests.handoff.talk import be_here
from tests.late_routes import routes_worked_out_late
from tests.postgres import Cluster, programs
from tests.shared_sql import sql_put_into_words_once

PASSWORD = "kodukaup-proov"
INTAKE_TOKEN = "sissetulev-proov"
STAFF = (("jaan", "Jaan", Role.AGENT), ("kadri", "Kadri", Role.AGENT), ("liis", "Liis", Role.EDITOR), ("tiit", "Tiit", Role.SUPERVISOR))
RETURNS = FaqEntry(
    id="kuidas-tagastada",
    topic="tagastamine",
    question="Kuidas kaupa tagastada?",
    answer="Tooge kaup 14 päeva jooksul **poodi** tagasi.",
    examples=("Kas ma saan kingad tagasi saata?",),
)
DELIVERY = FaqEntry(id="millal-pakk-jouab", topic="tarne", question="Millal pakk jõuab?", answer="Pakk jõuab kahe tööpäevaga.")

LogIn = Callable[[str], TestClient]


@pytest.fixture(scope="session", autouse=True)
def quick_hasher() -> Iterator[PasswordHasher]:
    """argon2 is slow on purpose; with the least it allows, a log-in takes a test no time."""
    with pytest.MonkeyPatch.context() as patch:
        least = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", least)
        patch.setattr(passwords, "_nobody", least.hash("nobody's"))
        yield least


@pytest.fixture(scope="session", autouse=True)
def late_routes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        routes_worked_out_late(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_sql() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        sql_put_into_words_once(patch)
        yield


@pytest.fixture(scope="session")
def password_hash(quick_hasher: PasswordHasher) -> str:
    return quick_hasher.hash(PASSWORD)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.config.option.markexpr != "postgres" or "where" not in metafunc.fixturenames:
        return
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if "both_databases" in marks and "load" not in marks:
        metafunc.parametrize("where", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


@pytest.fixture
def where(request: pytest.FixtureRequest) -> str:
    """Which database this test is on: `sqlite` or `postgres`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of our own."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.fail("there is no PostgreSQL: `make postgres` gets it from Debian's packages")
    with Cluster(bin_folder) as started:
        yield started


@pytest.fixture(scope="session")
def shared(cluster: Cluster) -> str:
    """The address of a database with all tables, which one test after another leaves empty: making one takes ten times as long."""
    url = cluster.fresh()
    made = Database(url)
    Table.metadata.create_all(made.engine)
    made.close()
    return url


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows; made once, copied for each test."""
    path = tmp_path_factory.mktemp("blank") / "abiline.db"
    made = Database(f"sqlite:///{path}")
    Table.metadata.create_all(made.engine)
    made.close()
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest, where: str, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables, of this test alone."""
    if where == "postgres":
        made = Database(request.getfixturevalue("shared"))
        yield made
        forget_everything(made)
        made.close()
        return
    made = Database(f"sqlite:///{shutil.copy(request.getfixturevalue('blank'), tmp_path / 'abiline.db')}")
    yield made
    made.close()


@pytest.fixture
def empty(request: pytest.FixtureRequest, where: str, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table."""
    if where == "postgres":
        cluster = request.getfixturevalue("cluster")
        url = cluster.fresh()
        made = Database(url)
        yield made
        made.close()
        cluster.drop(url)
        return
    made = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield made
    made.close()


def forget_everything(database: Database) -> None:
    """Delete all rows. A test that has left a transaction open fails here instead of hanging."""
    with database.write() as session:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        for table in reversed(Table.metadata.sorted_tables):
            session.execute(table.delete())


@pytest.fixture
def people(database: Database, password_hash: str) -> dict[str, str]:
    """Jaan, Kadri, Liis and Tiit have accounts; account ids by log-in. Peeter has none."""
    with database.write() as session:
        rows = [AgentRow(login=login, name=name, role=role.value, password_hash=password_hash) for login, name, role in STAFF]
        session.add_all(rows)
        session.flush()
        return {row.login: row.id for row in rows}


@pytest.fixture
def anu(database: Database, people: dict[str, str], password_hash: str) -> str:
    """Anu looks after the accounts: an admin. Gives her id."""
    with database.write() as session:
        row = AgentRow(login="anu", name="Anu", role=Role.ADMIN.value, password_hash=password_hash, email="anu@kodukaup.ee")
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def jaan(people: dict[str, str]) -> Holder:
    return Holder(people["jaan"], "Jaan")


@pytest.fixture
def kadri(people: dict[str, str]) -> Holder:
    return Holder(people["kadri"], "Kadri")


@pytest.fixture
def tiit(people: dict[str, str]) -> Holder:
    return Holder(people["tiit"], "Tiit")


@pytest.fixture
def team(database: Database, jaan: Holder, kadri: Holder, tiit: Holder) -> str:
    """Jaan and Kadri are here and get the conversations of „Arved“ one by one; Tiit is here too."""
    be_here(database, jaan, kadri, tiit)
    with database.write() as session:
        row = TeamRow(name="Arved", accept_seconds=30)
        session.add(row)
        session.flush()
        session.add_all(TeamMemberRow(team_id=row.id, agent_id=one.id) for one in (jaan, kadri))
        return row.id


@pytest.fixture
def mari(database: Database) -> Started:
    """Mari's conversation: the bot has greeted her."""
    return service.start(database, greeting="Tere! Mina olen Abiline, masin.")


@pytest.fixture
def shelf(database: Database, tmp_path: Path) -> Shelf:
    """Where the service of this test keeps the bytes of files."""
    return Shelf(tmp_path / "attachments", database.vault)


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server that keeps what it is given."""
    with listening() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(data_dir=tmp_path, intake_token=SecretStr(INTAKE_TOKEN), reply_timeout=0.5)


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
def app(settings: Settings, bot: FakeBot, database: Database, people: dict[str, str]) -> FastAPI:
    """The whole service; two entries are published."""
    from handoff.app import create_app  # a room that does not import fails its own tests, not those of the core

    made = create_app(settings, bot, database)
    made.state.services.entries.import_all([RETURNS, DELIVERY], by=None)
    return made


@pytest.fixture
def services(app: FastAPI) -> Services:
    found: Services = app.state.services
    return found


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A browser without a log-in; the service runs while the test does."""
    with TestClient(app) as browser:
        yield browser


@pytest.fixture(scope="session")
def quiet(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser at a house that all tests share: for pages and refusals only, nothing may be kept in it."""
    from handoff.app import create_app

    folder = tmp_path_factory.mktemp("quiet")
    database = Database(f"sqlite:///{shutil.copy(blank, folder / 'abiline.db')}")
    with TestClient(create_app(read_settings(data_dir=folder, intake_token=SecretStr(INTAKE_TOKEN)), FakeBot(), database)) as browser:
        yield browser
    with database.read() as session:
        kept = session.scalars(select(ConversationRow.id)).all()
    database.close()
    assert not kept, "a refusal has kept something"


@pytest.fixture
def log_in(app: FastAPI, client: TestClient, database: Database) -> LogIn:
    """`log_in("jaan")` gives that person's browser; it sends the CSRF token with everything."""

    def browser_of(login: str) -> TestClient:
        token = accounts.log_in(database, login=login, password=PASSWORD)
        browser = TestClient(app, cookies={COOKIE: token})
        browser.portal = client.portal  # one event loop for everybody, as in the real service
        browser.headers["X-CSRF-Token"] = accounts.whose(database, token).csrf_token
        return browser

    return browser_of


@pytest.fixture
def desk(log_in: LogIn) -> TestClient:
    """Jaan's browser at the desk."""
    return log_in("jaan")
