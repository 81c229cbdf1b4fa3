"""The migrations lead an empty database to exactly the tables in the code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.conversations import service
from handoff.database import Database, Table
from handoff.errors import SettingsError
from handoff.migrate import differences, upgrade
from tests.handoff import talk


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """A database without a single table."""
    made = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield made
    made.close()


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


def test_a_database_that_can_not_be_opened_stops_the_start_and_names_the_keys(tmp_path: Path) -> None:
    nowhere = Database(f"sqlite:///{tmp_path / 'pole' / 'olemas' / 'abiline.db'}")
    with pytest.raises(SettingsError, match="ABILINE_DATA_DIR or ABILINE_DATABASE_URL"):
        upgrade(nowhere)
    nowhere.close()
