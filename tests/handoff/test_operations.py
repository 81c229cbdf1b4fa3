"""Alive, ready, and the figures: each need by its name, nothing about anybody, nothing for strangers."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import select, text

from handoff import keys, outbox
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.database import Database, now
from handoff.errors import SettingsError
from handoff.migrate import known_revisions
from handoff.operations import house, readiness
from handoff.operations.meters import Meters
from handoff.operations.readiness import Readiness
from handoff.services import Services
from handoff.settings import Settings, read_settings
from tests.fakes import FakeBot
from tests.handoff import talk

NEEDS = {"database", "migrations", "key", "bot", "entries", "disk", "outbox"}
TOKEN = "mootja-saladus-mida-keegi-ei-tea"


@pytest.fixture
def begun(database: Database) -> Database:
    """A database as a start leaves it: it says its form, and its key is checked."""
    with database.write() as session:
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        session.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": known_revisions()[0]})
    keys.begin(database)
    return database


@pytest.fixture
def ready(begun: Database, services: Services, bot: FakeBot, settings: Settings) -> Readiness:
    """Looks anew each time."""
    bot._revision = services.entries.revision()
    moments = iter(range(0, 100_000, 10))
    return Readiness(settings, begun, services.entries, bot, clock=lambda: next(moments))


def missing(ready: Readiness) -> set[str]:
    return {name for name, met in ready.look().items() if not met}


def test_a_house_with_everything_in_place_is_ready(ready: Readiness) -> None:
    assert set(ready.look()) == NEEDS
    assert missing(ready) == set()


def test_a_bot_without_a_model_is_missed(ready: Readiness, bot: FakeBot) -> None:
    bot.awake = False
    assert missing(ready) == {"bot"}


def test_a_bot_that_is_being_woken_anew_is_missed_only_after_a_while(ready: Readiness, bot: FakeBot) -> None:
    assert missing(ready) == set()
    bot.awake = False
    assert missing(ready) == set()
    assert {"bot"} in [missing(ready) for _ in range(6)]
    bot.awake = True
    assert missing(ready) == set()


def test_an_older_database_is_missed_and_a_newer_one_is_not(ready: Readiness, database: Database) -> None:
    """While a new version is rolled out the old one goes on serving."""
    for at, wanted in ((known_revisions()[-1], {"migrations"}), ("9999", set())):
        with database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": at})
        assert missing(ready) == wanted


def test_a_key_that_does_not_open_is_missed(ready: Readiness, database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE key_check SET sealed = 'rikutud'"))
    assert missing(ready) == {"key"}


def test_a_database_that_is_gone_is_missed_without_an_error(ready: Readiness, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OSError("kadunud")

    monkeypatch.setattr(database, "read", gone)
    assert {"database", "migrations", "key"} <= missing(ready)


def test_a_full_disk_is_missed(ready: Readiness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LEAST_FREE", 10**18)
    assert missing(ready) == {"disk"}


def test_entries_that_are_being_read_are_waited_for_but_not_for_ever(ready: Readiness, bot: FakeBot, services: Services) -> None:
    bot._revision = 0
    with services.database.write() as session:
        session.execute(text("UPDATE catalogue SET revision = revision + 5"))
    assert missing(ready) == set()
    while not missing(ready):
        pass
    assert missing(ready) == {"entries"}
    bot._revision = services.entries.revision()
    assert missing(ready) == set()


def test_a_bot_that_has_no_entries_yet_is_given_nobody(ready: Readiness, bot: FakeBot) -> None:
    bot._revision = -1
    assert missing(ready) == {"entries"}


def test_health_and_readiness_tell_strangers_names_and_nothing_else(begun: Database, client: TestClient, bot: FakeBot) -> None:
    alive, whole = client.get("/health"), client.get("/ready")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (whole.status_code, whole.json()) == (200, {"status": "ready", "missing": [], "late": [], "checks": dict.fromkeys(NEEDS, "ok")})
    assert whole.headers["cache-control"] == "no-store"


def test_a_delivery_that_waits_for_hours_is_told_and_takes_nobody_away(begun: Database, client: TestClient, bot: FakeBot) -> None:
    with begun.write() as session:
        outbox.enqueue(session, kind="handoff", url="", key="kiri-1", payload={}, after=timedelta(hours=3))
        session.scalars(select(outbox.OutboxRow)).one().made_at = now() - timedelta(hours=2)
    whole = client.get("/ready")
    assert (whole.status_code, whole.json()["status"], whole.json()["missing"], whole.json()["late"]) == (200, "ready", [], ["outbox"])
    assert whole.json()["checks"]["outbox"] == "late"


def test_what_is_missing_is_named_with_503_and_is_asked_of_the_database_once_a_second(client: TestClient) -> None:
    """This house was never migrated, so two needs are missing."""
    first = client.get("/ready")
    assert (first.status_code, first.json()["missing"]) == (503, ["migrations", "key"])


# Figures


@pytest.fixture
def near(app: FastAPI, client: TestClient) -> TestClient:
    """A program on the same machine."""
    browser = TestClient(app, client=("127.0.0.1", 5))
    browser.portal = client.portal
    return browser


def figures(browser: TestClient, **headers: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Samples by name and label values."""
    answer = browser.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples}


def test_a_day_shows_in_the_figures(
    near: TestClient, client: TestClient, database: Database, jaan: Holder, mari: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "KEPT_SECONDS", 0)
    talk.be_here(database, jaan)
    begun = client.post("/api/widget/conversations", json={"language": "et"}).json()
    at, own = f"/api/widget/conversations/{begun['id']}", {"Authorization": f"Bearer {begun['secret']}"}
    client.post(f"{at}/messages", headers=own, json={"client_id": "mari-0001", "text": "Millal pakk jõuab?"})
    client.post(f"{at}/messages", headers=own, json={"client_id": "mari-0002", "text": "katki bot"})
    while figures(near).get(("abiline_decisions_total", ("failed",))) != 1:
        pass
    talk.wait_for_person(database, mari.conversation_id)
    with database.write() as session:
        outbox.enqueue(session, kind="handoff", url="", key="kiri-1", payload={}, after=timedelta(hours=1))

    found = figures(near)
    assert found["abiline_decisions_total", ("answer",)] == 1
    assert found["abiline_decisions_total", ("failed",)] == 1
    assert found["abiline_bot_failures_total", ("error",)] == 1
    assert found["abiline_bot_failures_total", ("slow",)] == 0
    for stage in ("wait", "slot", "bot", "commit", "answer", "whole"):
        assert found["abiline_stage_seconds_count", (stage,)] >= 2, stage
    assert found["abiline_conversations", ("waiting",)] == 1
    assert found["abiline_conversations", ("closed",)] == 0
    assert found["abiline_agents", ("available",)] == 1
    assert found["abiline_waiting_longest_seconds", ()] >= 0
    assert found["abiline_outbox_pending", ()] == 1
    assert found["abiline_owed_replies", ()] == 0
    assert found["abiline_entries", ()] == 2
    assert found["abiline_entries_followed", ()] == found["abiline_entries_revision", ()]
    assert found["abiline_database_bytes", ()] > 100_000
    assert found["abiline_database_up", ()] == 1
    assert found["abiline_requests_total", ("POST", "/api/widget/conversations/{conversation_id}/messages", "201")] == 2
    assert "process_resident_memory_bytes" in {name for name, _ in found}
    assert begun["id"] not in near.get("/metrics").text


def test_the_bots_own_process_is_measured_where_there_is_one(near: TestClient, bot: FakeBot) -> None:
    def told() -> bool:
        return "abiline_bot_process_resident_memory_bytes" in {name for name, _ in figures(near)}

    assert not told()
    bot.pid = os.getpid()
    assert told()
    bot.pid = None
    assert not told()


def test_a_request_is_counted_by_its_pattern_and_never_by_its_address(near: TestClient, client: TestClient) -> None:
    client.get("/mari-maasikas")
    client.request("MAASIKAS", "/health-maasikas")
    client.get("/static/base.css")
    whole = near.get("/metrics").text
    assert 'abiline_requests_total{method="GET",route="none",status="404"} 1.0' in whole
    assert 'abiline_requests_total{method="GET",route="static",status="200"} 1.0' in whole
    assert "aasikas" not in whole.lower()


def test_each_answer_names_its_request(quiet: TestClient) -> None:
    first, second = (quiet.get("/demo").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert len(first) == 16


def test_a_database_that_is_away_is_a_figure(near: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OSError("kadunud")

    monkeypatch.setattr(database, "read", gone)
    found = figures(near)
    assert found["abiline_database_up", ()] == 0
    assert found["abiline_bot_queue", ()] == 0


def test_strangers_get_no_figures(client: TestClient) -> None:
    assert client.get("/metrics").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_who_comes_through_a_proxy_of_this_machine_is_a_stranger(near: TestClient, header: str) -> None:
    assert near.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


@pytest.fixture
def by_token(tmp_path: Path, database: Database) -> TestClient:
    from handoff.app import create_app

    return TestClient(create_app(read_settings(data_dir=tmp_path, metrics_token=SecretStr(TOKEN)), FakeBot(), database), client=("127.0.0.1", 5))


def test_with_a_token_set_only_its_bearer_gets_figures(by_token: TestClient) -> None:
    assert by_token.get("/metrics").status_code == 403
    assert by_token.get("/metrics", headers={"Authorization": f"Bearer {TOKEN[:-1]}"}).status_code == 403
    assert by_token.get("/metrics", headers={"Authorization": f"bearer {TOKEN}", "X-Forwarded-For": "10.0.0.7"}).status_code == 200


def test_two_houses_in_one_process_count_apart() -> None:
    one, other = Meters(), Meters()
    one.decided("answer")
    assert one.registry.get_sample_value("abiline_decisions_total", {"action": "answer"}) == 1
    assert other.registry.get_sample_value("abiline_decisions_total", {"action": "answer"}) is None


def test_too_many_requests_are_counted() -> None:
    meters = Meters()
    meters.answered("POST", "/api/widget/conversations", 429, 0.01)
    assert meters.registry.get_sample_value("abiline_rate_limited_total", {"route": "/api/widget/conversations"}) == 1


def test_a_collectors_address_without_a_scheme_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="ABILINE_TRACES"):
        read_settings(traces="localhost:4318")
    assert json.dumps(read_settings(traces="http://localhost:4318/").traces) == '"http://localhost:4318"'
