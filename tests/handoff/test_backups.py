"""A backup holds everything and tells nothing; what was erased since it was made stays erased."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from handoff import cli, start
from handoff.accounts import service as accounts
from handoff.accounts.tables import AgentRow, Role
from handoff.conversations import erasure, holding, service
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.errors import SettingsError, Unopenable
from handoff.migrate import upgrade
from handoff.privacy.backups import House, back_up, erase_again, put_in_place, take_out, unpacked
from handoff.settings import read_settings
from handoff.vault import Vault, new_key
from tests.handoff import files, talk
from tests.handoff.conftest import PASSWORD
from tests.handoff.test_attachments_kept import sent
from tests.postgres import programs

WORDS = "kingad on katki"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house that has just been begun, with a key of its own; copied for each test."""
    folder = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("ABILINE_DATA_KEY")
        start.open_database(read_settings(data_dir=folder), lambda _line: None).close()
    return folder


@pytest.fixture
def house(begun: Path, tmp_path: Path) -> House:
    folder = shutil.copytree(begun, tmp_path / "var")
    return House(folder, f"sqlite:///{folder / 'abiline.db'}", Vault(file=folder / "data.key"))


def opened(house: House) -> Database:
    database = Database(house.url, house.vault)
    erasure.keep_log(database, house.forgotten.path)
    return database


def shelf_of(house: House) -> Shelf:
    return Shelf(house.folder / "attachments", house.vault)


@pytest.fixture
def mari(house: House) -> Started:
    """Mari has written and sent a file."""
    database = opened(house)
    begun = service.start(database, greeting="Tere!")
    talk.say(database, begun.conversation_id, WORDS)
    sent(database, shelf_of(house), begun, house.folder)
    database.close()
    return begun


def restored(house: House, backup: Path) -> int:
    """Put it in place; gives how many were erased again."""
    with unpacked(house, backup) as folder:
        put_in_place(house, folder, force=True)
    database = Database(house.url, house.vault)
    again = erase_again(database, shelf_of(house), house.forgotten)
    database.close()
    return again


def said(house: House, conversation_id: str) -> list[str]:
    database = opened(house)
    try:
        return talk.texts(database, conversation_id, "customer")
    finally:
        database.close()


def test_everything_comes_back_also_into_an_empty_folder(house: House, mari: Started, tmp_path: Path) -> None:
    assert back_up(house, tmp_path / "varu") == (tmp_path / "varu").stat().st_size
    assert (tmp_path / "varu").stat().st_mode & 0o777 == 0o600
    new = House(tmp_path / "uus", f"sqlite:///{tmp_path / 'uus' / 'abiline.db'}", house.vault)
    assert restored(new, tmp_path / "varu") == 0
    assert said(new, mari.conversation_id)[0] == WORDS
    (file_id,) = [path.name for path in (new.folder / "attachments").iterdir()]
    assert b"".join(shelf_of(new).read(file_id)) == files.PDF
    assert not (new.folder / "data.key").exists()
    assert [path.name for path in new.folder.iterdir() if path.name.startswith(".")] == []


def test_who_finds_a_backup_reads_nothing_in_it(house: House, mari: Started, tmp_path: Path) -> None:
    back_up(house, tmp_path / "varu")
    content = (tmp_path / "varu").read_bytes()
    for word in (WORDS, "SQLite", "abiline-backup", mari.conversation_id, "CREATE TABLE"):
        assert word.encode() not in content
    stranger = House(house.folder, house.url, Vault(new_key()))
    with pytest.raises(Unopenable, match=house.vault.key_id), unpacked(stranger, tmp_path / "varu"):
        pass


def test_who_was_erased_since_stays_erased_after_an_older_backup(house: House, mari: Started, tmp_path: Path) -> None:
    back_up(house, tmp_path / "varu")
    database = opened(house)
    other = service.start(database, greeting="Tere!")
    erasure.erase(database, shelf_of(house), mari.conversation_id)
    database.close()
    assert restored(house, tmp_path / "varu") == 1
    assert said(house, mari.conversation_id) == ["", ""]
    assert list((house.folder / "attachments").iterdir()) == []
    assert said(house, other.conversation_id) == []  # it began after the backup
    assert restored(house, tmp_path / "varu") == 1  # and after the next restore, too


def test_an_erasure_is_known_from_a_newer_backup_where_the_list_was_lost(house: House, mari: Started, tmp_path: Path) -> None:
    back_up(house, tmp_path / "vana")
    database = opened(house)
    erasure.erase(database, shelf_of(house), mari.conversation_id)
    database.close()
    back_up(house, tmp_path / "uuem")
    house.forgotten.path.unlink()
    restored(house, tmp_path / "uuem")
    assert restored(house, tmp_path / "vana") == 1


def test_even_what_the_older_backup_says_is_held_stays_erased(house: House, mari: Started, tmp_path: Path) -> None:
    database = opened(house)
    accounts.create(database, login="tiit", name="Tiit", password=PASSWORD, role=Role.SUPERVISOR)
    with database.read() as session:
        tiit = Holder(session.scalars(select(AgentRow.id)).one(), "Tiit")
    holding.hold(database, mari.conversation_id, tiit, "Vaidlus")
    back_up(house, tmp_path / "varu")
    holding.let_go(database, mari.conversation_id, tiit)
    erasure.erase(database, shelf_of(house), mari.conversation_id)
    database.close()
    assert restored(house, tmp_path / "varu") == 1


def test_a_backup_is_made_while_somebody_writes(house: House, mari: Started, tmp_path: Path) -> None:
    database = opened(house)
    with database.write() as session:
        session.get_one(ConversationRow, mari.conversation_id).name = "poolik"
        session.flush()
        back_up(house, tmp_path / "varu")
    database.close()
    restored(house, tmp_path / "varu")
    assert said(house, mari.conversation_id)[0] == WORDS


@pytest.mark.parametrize("harm", ["cut", "changed", "no backup"])
def test_a_broken_backup_is_refused_and_the_house_stays_as_it_is(house: House, mari: Started, tmp_path: Path, harm: str) -> None:
    back_up(house, tmp_path / "varu")
    content = bytearray((tmp_path / "varu").read_bytes())
    if harm == "cut":
        del content[-20_000:]
    elif harm == "changed":
        content[len(content) // 2] ^= 1
    else:
        content = bytearray(b"see ei ole varukoopia")
    (tmp_path / "varu").write_bytes(content)
    with pytest.raises((Unopenable, SettingsError)):
        restored(house, tmp_path / "varu")
    assert said(house, mari.conversation_id)[0] == WORDS
    assert [path.name for path in house.folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../mujal", tarfile.REGTYPE), ("/tmp/mujal", tarfile.REGTYPE), ("viit", tarfile.SYMTYPE), ("kõva", tarfile.LNKTYPE), ("toru", tarfile.FIFOTYPE)],
)
def test_what_is_no_plain_file_below_the_folder_is_never_taken_out(tmp_path: Path, name: str, kind: bytes) -> None:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    whole.seek(0)
    (tmp_path / "varu").mkdir()
    with tarfile.open(fileobj=whole, mode="r|") as archive, pytest.raises(tarfile.TarError):
        take_out(archive, tmp_path / "varu")
    assert [path.name for path in tmp_path.rglob("*")] == ["varu"]


def test_nothing_is_overwritten_without_being_told_to(house: House, mari: Started, tmp_path: Path) -> None:
    back_up(house, tmp_path / "varu")
    with pytest.raises(SettingsError, match="--force"):
        back_up(house, tmp_path / "varu")
    with pytest.raises(SettingsError, match="--force"), unpacked(house, tmp_path / "varu") as folder:
        put_in_place(house, folder, force=False)
    assert back_up(house, tmp_path / "varu", force=True) > 0


def test_the_commands_do_both(house: House, mari: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABILINE_DATA_KEY")
    monkeypatch.setenv("ABILINE_DATA_DIR", str(house.folder))
    monkeypatch.setenv("ABILINE_PORT", "8369")
    run = CliRunner()
    assert run.invoke(cli.app, ["backup", str(tmp_path / "varu")], catch_exceptions=False).exit_code == 0
    assert isinstance(run.invoke(cli.app, ["restore", str(tmp_path / "varu")]).exception, SettingsError)
    database = opened(house)
    erasure.erase(database, shelf_of(house), mari.conversation_id)
    database.close()
    assert run.invoke(cli.app, ["restore", str(tmp_path / "varu"), "--force"], catch_exceptions=False).exit_code == 0
    assert said(house, mari.conversation_id) == ["", ""]
    assert run.invoke(cli.app, ["privacy", "retention", "--dry-run"], catch_exceptions=False).exit_code == 0
    assert run.invoke(cli.app, ["privacy", "seal"], catch_exceptions=False).exit_code == 0


def test_a_postgresql_without_its_programs_is_told_what_is_missing(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="pg_dump"):
        back_up(House(house.folder, "postgresql+psycopg://abiline@localhost/abiline", house.vault), tmp_path / "varu")


@pytest.mark.both_databases
def test_a_postgresql_is_dumped_and_comes_back(empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if empty.is_sqlite:
        pytest.skip("PostgreSQL only")
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    upgrade(empty)
    house = House(tmp_path, empty.engine.url.render_as_string(hide_password=False), empty.vault)
    mari = service.start(empty, greeting="Tere!")
    talk.say(empty, mari.conversation_id, WORDS)
    back_up(house, tmp_path / "varu")
    erasure.keep_log(empty, house.forgotten.path)
    erasure.erase(empty, shelf_of(house), mari.conversation_id)
    empty.close()
    with pytest.raises(SettingsError, match="--force"), unpacked(house, tmp_path / "varu") as folder:
        put_in_place(house, folder, force=False)
    assert restored(house, tmp_path / "varu") == 1
    assert said(house, mari.conversation_id) == [""]
