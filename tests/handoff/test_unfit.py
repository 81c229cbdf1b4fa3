"""A database that is away is waited for, one that is broken is named with its mend, and whoever asks meanwhile is told to come back in a moment."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from starlette.requests import Request

from bot.understanding import Reply, Turn
from handoff import cli, start, unfit, web
from handoff.conversations import turns
from handoff.conversations.service import Started
from handoff.conversations.signals import Signals
from handoff.database import NOTICED, Database, is_away
from handoff.errors import SettingsError
from handoff.settings import read_settings
from tests.handoff import talk
from tests.handoff.bots import Giving
from tests.handoff.test_payer import payer

NOBODY = "postgresql+psycopg2://abiline@127.0.0.1:1/abiline"


class Clock:
    """Moves on only while somebody rests."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def rest(self, seconds: float) -> None:
        self.now += seconds


def test_a_database_that_is_away_is_waited_for_and_the_operator_told_once() -> None:
    clock, said = Clock(), list[str]()
    with pytest.raises(SettingsError, match="ABILINE_DATABASE_URL") as refused:
        unfit.await_answer(Database(NOBODY), said.append, clock=clock, rest=clock.rest)
    assert clock.now == unfit.PATIENCE_SECONDS
    assert said == ["The database does not answer yet: waiting for it"]
    assert "\n" not in refused.value.message


def test_one_that_comes_while_we_wait_is_used(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    coming, clock = Database(NOBODY), Clock()

    def rest(seconds: float) -> None:
        clock.rest(seconds)
        coming.engine = database.engine

    unfit.await_answer(coming, lambda _line: None, clock=clock, rest=rest)
    assert clock.now == unfit.AGAIN_SECONDS


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ('FATAL:  password authentication failed for user "abiline"', False),
        ('FATAL:  database "abiline" does not exist', False),
        ("FATAL:  the database system is starting up", True),
        ("connection refused", True),
    ],
)
def test_what_waiting_does_not_mend_is_said_at_once(told: str, waits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, refusing = Clock(), Database(NOBODY)

    def refuse() -> None:
        raise OperationalError("connect", {}, Exception(told))

    monkeypatch.setattr(refusing.engine, "connect", refuse)
    with pytest.raises(SettingsError, match="does not let us in"):
        unfit.await_answer(refusing, lambda _line: None, clock=clock, rest=clock.rest)
    assert (clock.now > 0) is waits


def test_a_connection_whose_other_end_is_gone_without_a_word_is_noticed_soon() -> None:
    assert NOTICED["tcp_user_timeout"] <= 30_000
    assert NOTICED["connect_timeout"] <= 10


@pytest.mark.parametrize("harm", ["no database", "half of it"])
def test_a_broken_file_is_named_with_its_mend(blank: Path, tmp_path: Path, harm: str) -> None:
    path = tmp_path / "abiline.db"
    whole = blank.read_bytes()
    path.write_bytes(b"see ei ole andmebaas, vaid midagi muud" * 100 if harm == "no database" else whole[: len(whole) // 2])
    path.with_name("abiline.db-wal").write_bytes(bytes(32))  # it was not closed
    with pytest.raises(SettingsError, match=r"is damaged .* abiline restore FILE --force"):
        unfit.look_through(f"sqlite:///{path}")
    if harm == "no database":
        with pytest.raises(SettingsError, match="is damaged"):
            start.open_database(read_settings(data_dir=tmp_path))


def test_a_file_that_was_closed_is_not_looked_through_again_and_one_that_was_not_is(blank: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(blank, tmp_path / "abiline.db"))
    assert not unfit.look_through(f"sqlite:///{path}")
    assert not unfit.look_through(f"sqlite:///{tmp_path / 'none.db'}")
    path.with_name("abiline.db-wal").write_bytes(bytes(32))
    assert unfit.look_through(f"sqlite:///{path}")


def test_a_command_that_the_database_can_not_do_now_ends_with_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full() -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(cli, "app", full)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    told = " ".join(capsys.readouterr().err.split())
    assert told == "abiline: the database can't do it now (database or disk is full). Make room on the disk or start the database, then try again."


@contextmanager
def away(_database: Database) -> Iterator[Session]:
    raise OperationalError("SELECT", {}, Exception("the server closed the connection"))
    yield


def test_while_it_is_away_everybody_is_asked_to_come_back_in_a_moment(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for way in ("read", "look"):
        monkeypatch.setattr(Database, way, away)
    answer = client.get("/api/widget/conversations/kuskil/events", headers={"Authorization": "Bearer salajane"})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "away", "3")
    client.cookies.set(web.COOKIE, "keegi")
    page = client.get("/desk", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Refresh"]) == (503, "3")
    assert "Oleme hetke pärast tagasi" in page.text
    assert "kuskil" not in caplog.text


def gone_in_the_middle() -> DatabaseError:
    """As psycopg2 says it, when PostgreSQL ends while it works on a statement."""
    return DatabaseError("UPDATE", {}, Exception("server closed the connection unexpectedly"), connection_invalidated=True)


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (gone_in_the_middle(), True),
        (OperationalError("INSERT", {}, Exception("database or disk is full")), True),
        (PoolTimeout("no connection is free"), True),
        (OperationalError("SELECT", {}, Exception("no such column: kuskil")), False),
        (DatabaseError("INSERT", {}, Exception("something else")), False),
        (ValueError(), False),
    ],
)
def test_what_passes_is_told_from_what_does_not(error: Exception, away: bool) -> None:
    assert is_away(error) is away


async def test_an_answer_is_not_replaced_by_an_apology_because_the_database_went_away(
    database: Database, mari: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.say(database, mari.conversation_id, "Kas ööbik laulab?")
    paying = payer(database, Giving(Turn((Reply("Laulab."),), ())))
    troubles, really = [gone_in_the_middle()], turns.pay

    def pay(*about: Any, **more: Any) -> bool:
        if troubles:
            raise troubles.pop()
        return really(*about, **more)

    monkeypatch.setattr(turns, "pay", pay)
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert len(turns.unpaid(database)) == 1
    talk.make_claims_stale(database)
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Laulab."]


def test_a_mistake_of_ours_is_no_absence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def mistaken(_database: Database) -> Iterator[Session]:
        raise OperationalError("SELECT", {}, Exception("no such table: kuskil"))
        yield

    for way in ("read", "look"):
        monkeypatch.setattr(Database, way, mistaken)
    with pytest.raises(OperationalError, match="no such table"):
        client.get("/api/widget/conversations/kuskil/events", headers={"Authorization": "Bearer salajane"})


async def test_a_stream_stays_open_and_tells_what_came_once_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "AWAY_SECONDS", 0.001)
    troubles = [OperationalError("SELECT", {}, Exception("gone"))] * 2

    def read(last: int) -> list[tuple[int | None, str, Any]]:
        if troubles:
            raise troubles.pop()
        return [(last + 1, "event", {})]

    async def nothing() -> dict[str, Any]:
        await asyncio.sleep(3600)
        raise AssertionError

    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []}, nothing)
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    told = web.stream(request, signals, "topic", read, after=4)
    async with asyncio.timeout(20):
        assert await anext(told) == b"retry: 2000\n\n"
        assert await anext(told) == b"id: 5\nevent: event\ndata: {}\n\n"


def test_talk_goes_on_after_it_was_away(database: Database, mari: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", away)
        with pytest.raises(OperationalError):
            talk.say(database, mari.conversation_id, "tere")
    talk.say(database, mari.conversation_id, "tere")
    assert talk.texts(database, mari.conversation_id, "customer") == ["tere"]
