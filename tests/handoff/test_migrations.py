"""The migrations lead an empty database to exactly the tables in the code."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from handoff.accounts import service as accounts
from handoff.accounts import trail
from handoff.accounts.trail import Checked
from handoff.conversations import service
from handoff.database import Database, Table
from handoff.errors import SettingsError
from handoff.migrate import alembic_config, differences, upgrade
from tests.handoff import talk
from tests.postgres import Cluster

pytestmark = pytest.mark.both_databases


def test_an_upgraded_empty_database_is_what_the_code_expects(empty: Database) -> None:
    upgrade(empty)
    assert differences(empty) == []


def test_upgrading_twice_is_safe_and_loses_nothing(empty: Database) -> None:
    upgrade(empty)
    mari = service.start(empty, greeting="Tere!")
    upgrade(empty)
    assert talk.texts(empty, mari.conversation_id, "bot") == ["Tere!"]


def test_a_difference_would_be_noticed(empty: Database) -> None:
    assert differences(empty) != []
    Table.metadata.create_all(empty.engine)
    assert differences(empty) == []


def test_every_migration_leads_back_and_forth_again(empty: Database) -> None:
    upgrade(empty)
    with empty.engine.execution_options(abiline_write=True).connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(empty)
    assert differences(empty) == []


def start_worker(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()


def test_workers_that_start_together_make_the_tables_once(empty: Database) -> None:
    if empty.is_sqlite:
        pytest.skip("PostgreSQL only: on SQLite there is one worker")
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as workers:
        list(workers.map(start_worker, [empty.engine.url.render_as_string()] * 2))
    assert differences(empty) == []


def test_a_database_that_can_not_be_opened_stops_the_start_and_names_the_keys(tmp_path: Path) -> None:
    nowhere = Database(f"sqlite:///{tmp_path / 'pole' / 'olemas' / 'abiline.db'}")
    with pytest.raises(SettingsError, match="ABILINE_DATA_DIR or ABILINE_DATABASE_URL"):
        upgrade(nowhere)
    nowhere.close()


def test_what_was_written_down_before_the_trail_was_a_chain_gets_its_place_in_it(empty: Database) -> None:
    with empty.engine.execution_options(abiline_write=True).connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for number, target in ((3, "üks"), (7, None)):  # ids have gaps where a database has forgotten some
            row = {"id": number, "target": target, "at": "2026-01-0" + str(number) + " 10:00:00.000000"}
            connection.execute(text("INSERT INTO audit (id, at, act, target) VALUES (:id, :at, 'logged_in', :target)"), row)
        connection.commit()
    upgrade(empty)
    accounts.audit(empty, None, "made_team", "kaks")
    assert trail.check(empty) == Checked(3, None)


def test_a_postgresql_that_knows_no_letters_stops_the_start_and_says_how_to_make_one(empty: Database, request: pytest.FixtureRequest) -> None:
    if empty.is_sqlite:
        pytest.skip("PostgreSQL only")
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.fresh(locale="C")
    deaf = Database(url)
    with pytest.raises(SettingsError, match="letters like õ"):
        upgrade(deaf)
    deaf.close()
    cluster.drop(url)
