"""Keys are changed while the house serves: nothing is lost, nothing stays with the old key."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text

from handoff import keys
from handoff.channels.words import words_of_house
from handoff.conversations import hearing, service
from handoff.conversations.agents import Holder
from handoff.conversations.channel_tables import ChannelSenderRow
from handoff.conversations.hearing import Heard
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.errors import SettingsError
from handoff.privacy import resealing
from handoff.privacy.resealing import add_key, reseal
from handoff.sealed import keep_vault
from handoff.settings import read_settings
from handoff.vault import BOUND, Vault, new_key
from tests.handoff import files, talk
from tests.handoff.test_attachments_kept import sent
from tests.handoff.test_sealed import found

pytestmark = pytest.mark.both_databases


def opened_with(database: Database, *written: str) -> Vault:
    """The house, opened with these keys."""
    database.vault = Vault(" ".join(written))
    keep_vault(database.engine.dialect, database.vault)
    return database.vault


@pytest.fixture
def old(database: Database) -> str:
    """The house begins with a key of its own."""
    key = new_key()
    opened_with(database, key)
    keys.begin(database)
    return key


@pytest.fixture
def busy(database: Database, old: str, jaan: Holder, tmp_path: Path) -> Started:
    """Mari has written, sent a file and left her address, and Jaan has answered."""
    mari = service.start(database, greeting="Tere!")
    talk.say(database, mari.conversation_id, "kingad on katki")
    sent(database, Shelf(tmp_path / "attachments", database.vault), mari, tmp_path)
    with database.write() as session:
        session.get_one(ConversationRow, mari.conversation_id).email = "mari@naide.ee"
    return mari


def test_after_the_change_the_old_key_is_not_needed(database: Database, busy: Started, old: str, tmp_path: Path) -> None:
    new = new_key()
    shelf = Shelf(tmp_path / "attachments", opened_with(database, new, old))
    assert reseal(database, shelf) > 0
    shelf = Shelf(tmp_path / "attachments", opened_with(database, new))
    keys.begin(database)
    assert "kingad on katki" in talk.texts(database, busy.conversation_id, "customer")
    assert found(database, "mari@naide.ee") == [busy.conversation_id]
    (file_id,) = [path.name for path in (tmp_path / "attachments").iterdir()]
    assert b"".join(shelf.read(file_id)) == files.PDF
    assert reseal(database, shelf) == 0


def test_what_is_written_meanwhile_is_not_lost(database: Database, busy: Started, old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = new_key()
    shelf = Shelf(tmp_path / "attachments", opened_with(database, new, old))
    monkeypatch.setattr(resealing, "BATCH", 1)
    said: list[str] = []

    def somebody_writes(table: str, count: int) -> None:
        if table == "event" and len(said) < 3:
            said.append(f"veel {table} {count}")
            talk.say(database, busy.conversation_id, said[-1])

    reseal(database, shelf, progress=somebody_writes)
    opened_with(database, new)
    assert talk.texts(database, busy.conversation_id, "customer")[-3:] == said


def test_a_run_that_was_stopped_goes_on_where_it_was(database: Database, busy: Started, old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = new_key()
    shelf = Shelf(tmp_path / "attachments", opened_with(database, new, old))
    monkeypatch.setattr(resealing, "BATCH", 1)

    def stop(table: str, _count: int) -> None:
        if table == "event":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reseal(database, shelf, progress=stop)
    assert "kingad on katki" in talk.texts(database, busy.conversation_id, "customer")  # half is sealed anew, and all is read
    reseal(database, shelf)
    opened_with(database, new)
    assert "kingad on katki" in talk.texts(database, busy.conversation_id, "customer")


def test_what_stood_open_from_before_is_sealed_and_found(database: Database, busy: Started, old: str, tmp_path: Path) -> None:
    with database.write() as session:
        session.execute(text("DELETE FROM search_mark"))
        session.execute(text("UPDATE event SET body = :body WHERE number = 2"), {"body": '{"text": "vanad saapad"}'})
        session.execute(text("UPDATE conversation SET name = 'Vana Mari'"))
    plain = tmp_path / "attachments" / "vana-fail"
    plain.write_bytes(files.PDF)
    shelf = Shelf(tmp_path / "attachments", database.vault)
    assert shelf.size("vana-fail") == len(files.PDF)
    reseal(database, shelf)
    with database.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT event.body, conversation.name FROM event, conversation")).all())
    assert "saapad" not in stored
    assert "Vana Mari" not in stored
    assert files.PDF not in plain.read_bytes()
    assert (shelf.size("vana-fail"), b"".join(shelf.read("vana-fail"))) == (len(files.PDF), files.PDF)
    assert found(database, "saap") == found(database, "vana") == [busy.conversation_id]


def test_what_was_bound_to_its_column_alone_is_bound_to_its_row(database: Database, busy: Started, old: str, tmp_path: Path) -> None:
    with database.write() as session:
        session.execute(text("UPDATE conversation SET name = :name"), {"name": database.vault.seal("conversation.name", b"Vana Mari")})
    shelf = Shelf(tmp_path / "attachments", database.vault)
    assert reseal(database, shelf) > 0
    with database.write() as session:
        assert str(session.scalar(text("SELECT name FROM conversation"))).startswith(BOUND)
        assert session.get_one(ConversationRow, busy.conversation_id).name == "Vana Mari"
    assert reseal(database, shelf) == 0


def test_a_new_key_stands_before_the_old_ones_and_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "LOOK_SECONDS", 0)
    file = tmp_path / "data.key"
    file.write_text(old := new_key())
    running = Vault(file=file)
    before = running.seal("event.body", b"sall")
    made = add_key(file)
    assert [key.id for key in Vault(file=file).keys] == [made, Vault(old).key_id]
    assert file.stat().st_mode & 0o777 == 0o600
    assert running.open("event.body", Vault(file=file).seal("event.body", b"saabas")) == b"saabas"
    assert running.key_id == made
    assert running.open("event.body", before) == b"sall"


def test_a_file_that_holds_no_key_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    file.write_text("pole võti", encoding="utf-8")
    with pytest.raises(SettingsError, match="ABILINE_DATA_KEY"):
        add_key(file)
    assert file.read_text(encoding="utf-8") == "pole võti"


@pytest.mark.parametrize("address", ["4242", "D42"], ids=["the same as the id", "another than the id"])
@pytest.mark.parametrize("kept", [True, False], ids=["kept", "from before it was kept"])
def test_who_writes_at_a_messenger_is_known_after_the_change(database: Database, old: str, tmp_path: Path, address: str, kept: bool) -> None:
    """Their next word goes on in the same conversation, and nobody reads who it is from the rows."""
    words = words_of_house(read_settings(data_dir=tmp_path))

    def write(number: int) -> str:
        taken = hearing.take(database, Heard(channel="slack", id=f"m{number}", sender="4242", address=address, text=f"sõnum {number}"), words)
        assert taken is not None
        return taken.conversation_id

    first = write(1)
    with database.write() as session:
        row = session.scalars(select(ChannelSenderRow)).one()
        row.sender = "4242" if kept else None
    new = new_key()
    shelf = Shelf(tmp_path / "attachments", opened_with(database, new, old))
    if not kept and address != "4242":
        assert write(2) == first  # who writes while the old key is still there is marked by that
    reseal(database, shelf)
    opened_with(database, new)
    assert write(3) == first
    with database.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT address, sender FROM channel_sender")).all())
    assert stored.count("4242") == 0
    assert reseal(database, shelf) == 0
