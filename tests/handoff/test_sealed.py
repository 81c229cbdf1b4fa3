"""On the disk stands nothing that anybody wrote; the key is needed to read it, and a wrong one stops the start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import aliased

from handoff import keys
from handoff.conversations import finding, service
from handoff.conversations.gap_tables import GapRow
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow, EventRow, SearchMarkRow
from handoff.database import Database, Table
from handoff.errors import SettingsError, Unopenable
from handoff.placing import SealedType, naming
from handoff.settings import read_settings
from handoff.vault import Vault, new_key
from tests.handoff import talk

pytestmark = pytest.mark.both_databases

WORDS = "kingad on katki, Maasikas"


@pytest.fixture
def said(database: Database, mari: Started) -> Started:
    """Mari has written and is known by name and address."""
    talk.say(database, mari.conversation_id, WORDS)
    with database.write() as session:
        row = session.get_one(ConversationRow, mari.conversation_id)
        row.name, row.email, row.page = "Mari Maasikas", "mari@naide.ee", "https://kodukaup.example/minu"
    return mari


def raw(database: Database, query: str) -> list[str]:
    """The first column as it stands in the database, as text."""
    with database.engine.connect() as connection:
        return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for (one,) in connection.execute(text(query))]


def test_nothing_that_was_written_stands_in_the_database_s_files(database: Database, said: Started, tmp_path: Path) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite's files; PostgreSQL's are looked at as rows below")
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for word in ("kingad", "Maasikas", "maasikas", "mari@", "kodukaup.example"):
        assert not any(word.encode() in content for content in files)


def test_rows_hold_only_what_figures_need_in_the_open(database: Database, said: Started) -> None:
    bodies = [json.loads(body) for body in raw(database, "SELECT body FROM event ORDER BY number")]
    assert [sorted(body) for body in bodies] == [["language", "sealed"], ["sealed"]]
    assert all(name.startswith("~2.") for name in raw(database, "SELECT name FROM conversation"))


def test_who_has_the_key_reads_everything(database: Database, said: Started) -> None:
    assert talk.texts(database, said.conversation_id, "customer") == [WORDS]
    with database.read() as session:
        assert session.get_one(ConversationRow, said.conversation_id).name == "Mari Maasikas"


def test_who_has_another_key_reads_nothing_and_hears_which_is_needed(database: Database, said: Started) -> None:
    stranger = Database(database.engine.url.render_as_string(hide_password=False), Vault(new_key()))
    with pytest.raises(Unopenable, match=database.vault.key_id):
        talk.texts(stranger, said.conversation_id, "customer")
    stranger.close()


def test_what_was_written_before_there_was_a_key_is_read_as_it_is(database: Database, said: Started) -> None:
    with database.write() as session:
        session.execute(text("UPDATE event SET body = :body WHERE actor = 'customer'"), {"body": '{"text": "vana jutt"}'})
        session.execute(text("UPDATE conversation SET name = 'Vana Mari'"))
    assert talk.texts(database, said.conversation_id, "customer") == ["vana jutt"]
    with database.read() as session:
        assert session.get_one(ConversationRow, said.conversation_id).name == "Vana Mari"


def test_a_value_that_was_moved_to_another_column_does_not_open(database: Database, said: Started) -> None:
    with database.write() as session:
        session.execute(text("UPDATE conversation SET name = email"))
    with pytest.raises(Unopenable, match=r"conversation\.name"), database.read() as session:
        session.get_one(ConversationRow, said.conversation_id)


def test_a_value_that_was_moved_to_another_row_does_not_open(database: Database, said: Started) -> None:
    kadri = service.start(database, greeting="Tere!")
    talk.say(database, kadri.conversation_id, "minu sõnad")
    with database.write() as session:
        session.get_one(ConversationRow, kadri.conversation_id).name = "Kadri Kask"
    hers = "(SELECT body FROM event WHERE conversation_id = :hers AND actor = 'customer')"
    for moved in (
        "UPDATE conversation SET name = (SELECT name FROM conversation WHERE id = :hers) WHERE id = :other",
        f"UPDATE event SET body = {hers} WHERE conversation_id = :other AND actor = 'customer'",
    ):
        with database.write() as session:
            session.execute(text(moved), {"hers": said.conversation_id, "other": kadri.conversation_id})
    with pytest.raises(Unopenable, match=r"conversation\.name"), database.read() as session:
        session.scalars(select(ConversationRow.name)).all()
    with pytest.raises(Unopenable, match=r"event\.body"):
        talk.texts(database, kadri.conversation_id, "customer")
    assert talk.texts(database, said.conversation_id, "customer") == [WORDS]


def test_a_sealed_value_is_read_by_its_row_however_it_is_asked_for(database: Database, said: Started) -> None:
    other = aliased(ConversationRow)
    with database.read() as session:
        assert session.scalar(select(ConversationRow.name)) == "Mari Maasikas"
        assert session.scalar(select(ConversationRow.name.label("who"))) == "Mari Maasikas"
        assert session.scalar(select(other.name).join(ConversationRow, ConversationRow.id == other.id)) == "Mari Maasikas"
        assert session.scalar(select(other)).name == "Mari Maasikas"  # type: ignore[union-attr]


def test_a_value_bound_to_its_column_alone_from_before_is_read_until_it_is_sealed_anew(database: Database, said: Started) -> None:
    sealed = database.vault.seal("conversation.name", b"Vana Mari")
    with database.write() as session:
        session.execute(text("UPDATE conversation SET name = :name"), {"name": sealed})
    with database.read() as session:
        assert session.get_one(ConversationRow, said.conversation_id).name == "Vana Mari"


def test_every_row_with_something_sealed_has_a_name_before_it_is_written() -> None:
    tables = [table for table in Table.metadata.sorted_tables if any(isinstance(column.type, SealedType) for column in table.columns)]
    assert tables
    assert [table.name for table in tables if not naming(table)] == []  # a key that the database counts up needs NAMED_BY


def test_a_row_that_is_called_otherwise_takes_what_is_sealed_in_it_along(database: Database) -> None:
    with database.write() as session:
        session.add(GapRow(id="enne", form="1", mean=b"\x00\x1f\x80 keskel"))
    with database.write() as session:
        session.get_one(GapRow, "enne").id = "nüüd"
    with database.read() as session:
        assert session.get_one(GapRow, "nüüd").mean == b"\x00\x1f\x80 keskel"


def test_sealed_values_are_not_compared_in_the_database(database: Database) -> None:
    for wrong in (lambda: ConversationRow.email == "mari@naide.ee", ConversationRow.name.desc, lambda: EventRow.body["text"]):
        with pytest.raises(TypeError, match="sealed"):
            wrong()
    with database.read() as session:
        assert session.scalars(select(EventRow).where(EventRow.body["entry_id"].as_string() == "x")).all() == []
        assert session.scalars(select(ConversationRow).where(ConversationRow.email.is_(None))).all() == []


def found(database: Database, words: str) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(ConversationRow.id).where(finding.has(session, words))))


@pytest.mark.parametrize("words", ["maasikas", "king", "KATKI king", "Maasikas on", "mari@naide.ee", "MAR"])
def test_it_is_found_by_beginnings_of_its_words(database: Database, said: Started, words: str) -> None:
    assert found(database, words) == [said.conversation_id]


@pytest.mark.parametrize("words", ["kapsas", "maasikas kapsas", "gad", "%", "kodukaup.example"])
def test_it_is_not_found_by_other_words(database: Database, said: Started, words: str) -> None:
    assert found(database, words) == []


def test_what_no_longer_stands_in_it_does_not_find_it(database: Database, said: Started) -> None:
    with database.write() as session:
        row = session.get_one(ConversationRow, said.conversation_id)
        row.name = row.email = None
        for event in session.scalars(select(EventRow).where(EventRow.actor == "customer")):
            event.body = {"text": ""}
    assert (found(database, "maasikas"), found(database, "mari@naide.ee")) == ([], [])
    with database.read() as session:
        assert session.scalars(select(SearchMarkRow)).all() == []


def test_the_marks_go_with_the_conversation(database: Database, said: Started) -> None:
    with database.write() as session:
        session.execute(delete(ConversationRow))
        assert session.scalars(select(SearchMarkRow)).all() == []


def test_a_new_house_gets_a_key_that_only_its_owner_reads(database: Database, tmp_path: Path) -> None:
    database.vault = Vault(file=tmp_path / "kodu" / "data.key")
    told = "\n".join(keys.begin(database))
    assert str(tmp_path / "kodu" / "data.key") in told
    assert (tmp_path / "kodu" / "data.key").stat().st_mode & 0o777 == 0o600
    assert keys.begin(database) == []


def test_a_house_from_before_the_key_is_told_how_to_seal_what_it_has(database: Database, mari: Started, tmp_path: Path) -> None:
    database.vault = Vault(file=tmp_path / "data.key")
    assert "abiline privacy seal" in "\n".join(keys.begin(database))
    assert keys.begin(database) == []


def test_a_key_that_others_may_read_is_told_at_every_start(database: Database, tmp_path: Path) -> None:
    database.vault = Vault(file=tmp_path / "data.key")
    keys.begin(database)
    (tmp_path / "data.key").chmod(0o644)
    assert "chmod 600" in "\n".join(keys.begin(database))


def test_a_key_that_is_gone_or_another_stops_the_start(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    database.vault = Vault(file=file)
    keys.begin(database)
    needed = database.vault.key_id
    file.unlink()
    database.vault = Vault(file=file)
    with pytest.raises(SettingsError, match=rf"ABILINE_DATA_KEY.*{needed}"):
        keys.begin(database)
    assert not file.exists()  # a new key beside sealed words would only hide the loss
    database.vault = Vault(new_key())
    with pytest.raises(SettingsError, match=needed):
        keys.begin(database)


def test_the_key_comes_from_the_environment_its_file_or_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = new_key()
    monkeypatch.setenv("ABILINE_DATA_KEY", written)
    assert keys.house_vault(read_settings(data_dir=tmp_path)).key_id == Vault(written).key_id
    monkeypatch.delenv("ABILINE_DATA_KEY")
    assert keys.house_vault(read_settings(data_dir=tmp_path)).file == tmp_path / "data.key"
    monkeypatch.setenv("ABILINE_DATA_KEY_FILE", str(tmp_path / "mujal"))
    assert keys.house_vault(read_settings(data_dir=tmp_path)).file == tmp_path / "mujal"
