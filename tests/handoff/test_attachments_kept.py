"""Files at the desk, in copies and letters of rights; how they leave the disk."""

from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from bot.understanding import Reply
from handoff.conversations import agents, retention, service
from handoff.conversations.agents import Holder
from handoff.conversations.attachments import Allowed, Answer, Attachments
from handoff.conversations.retention import Days
from handoff.conversations.service import Started
from handoff.conversations.shelf import YOUNG_SECONDS, Shelf
from handoff.conversations.tables import AttachmentRow
from handoff.database import Database
from handoff.services import Services
from tests.handoff import files, talk
from tests.handoff.conftest import LogIn
from tests.handoff.sender import ALL, Sender, on_disk

ALLOWED = Allowed(ALL, size=10_000_000, count=20, total=50_000_000)


@pytest.fixture
def sender(client: TestClient) -> Sender:
    return Sender(client)


def test_jaan_sends_a_file_and_mari_gets_it(sender: Sender, services: Services, jaan: Holder, log_in: LogIn) -> None:
    talk.go_live(services.database, sender.id, jaan)
    desk = log_in("jaan")
    path = f"/api/desk/conversations/{sender.id}/files"
    sent = desk.post(f"{path}/jaani-fail-1", content=files.PDF, headers={"Abiline-File-Name": "juhend.pdf"})
    assert sent.status_code == 201, sent.text
    assert desk.post(f"{path}/jaani-fail-1", content=files.PDF).json() == sent.json()
    (file,) = sender.sent()
    assert (file["name"], sender.get(file["id"]).content) == ("juhend.pdf", files.PDF)
    assert desk.get(f"{path}/{file['id']}").content == files.PDF


def test_only_the_holder_sends_but_every_agent_looks(sender: Sender, services: Services, jaan: Holder, log_in: LogIn, client: TestClient) -> None:
    sender.send(files.picture())
    (file,) = sender.sent()
    talk.go_live(services.database, sender.id, jaan)
    path = f"/api/desk/conversations/{sender.id}/files"
    kadri = log_in("kadri")
    assert kadri.post(f"{path}/kadri-fail-1", content=files.PDF, headers={"Abiline-File-Name": "x.pdf"}).status_code == 403
    assert kadri.get(f"{path}/{file['id']}/preview").status_code == 200
    assert log_in("liis").get(f"{path}/{file['id']}").status_code == 403
    assert TestClient(client.app).get(f"{path}/{file['id']}").status_code == 401


def test_a_file_from_the_desk_needs_the_token_of_its_page(sender: Sender, services: Services, jaan: Holder, log_in: LogIn) -> None:
    talk.go_live(services.database, sender.id, jaan)
    desk = log_in("jaan")
    del desk.headers["X-CSRF-Token"]
    assert desk.post(f"/api/desk/conversations/{sender.id}/files/jaani-fail-1", content=files.PDF).status_code == 403


def test_the_list_shows_the_name_of_a_file_that_came_without_words(sender: Sender, services: Services, log_in: LogIn) -> None:
    talk.wait_for_person(services.database, sender.id)
    sender.send(files.picture(), "katki.jpg")
    (line,) = log_in("jaan").get("/api/desk/queue").json()["conversations"]
    assert line["last"]["text"] == "katki.jpg"


def test_a_draft_is_made_of_words_not_of_files(sender: Sender, services: Services, jaan: Holder, log_in: LogIn) -> None:
    talk.go_live(services.database, sender.id, jaan)
    talk.say(services.database, sender.id, "Kas selle saab parandada?")
    sender.send(files.picture())
    agents.answer(services.database, sender.id, jaan, client_id="jaan-0001", text="Jah, muidugi.")
    assert log_in("jaan").post(f"/api/desk/conversations/{sender.id}/draft", json={}).json()["question"] == "Kas selle saab parandada?"


def test_erasure_takes_the_bytes_off_the_disk(sender: Sender, tmp_path: Path, database: Database) -> None:
    sender.send(files.picture(), "Mari Maasikas.jpg")
    assert on_disk(tmp_path)
    assert sender._client.post(f"/api/privacy/conversations/{sender.id}/erase", headers={"Authorization": f"Bearer {sender.secret}"}).status_code == 200
    assert on_disk(tmp_path) == []
    with database.read() as session:
        assert session.scalars(select(AttachmentRow)).all() == []
    assert "Maasikas" not in str([event.body for event in talk.events(database, sender.id)])


def test_a_copy_holds_the_files_too(sender: Sender) -> None:
    sender.send(files.PDF, "arve.pdf")
    copy = sender._client.post(f"/api/privacy/conversations/{sender.id}/export", headers={"Authorization": f"Bearer {sender.secret}"})
    with zipfile.ZipFile(io.BytesIO(copy.content)) as archive:
        assert archive.read("files/1-arve.pdf") == files.PDF
        assert b"arve.pdf" in archive.read("abiline.json")


def test_what_is_old_goes_with_its_files(database: Database, shelf: Shelf, mari: Started, tmp_path: Path) -> None:
    sent(database, shelf, mari, tmp_path)
    assert retention.forget(database, shelf, Days(conversation=-1))["conversation"] == 1
    assert on_disk(tmp_path) == []


def test_bytes_that_no_row_names_are_swept_away_once_they_are_old(database: Database, shelf: Shelf, mari: Started, tmp_path: Path) -> None:
    sent(database, shelf, mari, tmp_path)
    kept = on_disk(tmp_path)
    folder = tmp_path / "attachments"
    for name in ("jaanud", "jaanud.webp", "pooleli.part", "noor.part"):
        (folder / name).write_bytes(b"x")
    long_ago = time.time() - YOUNG_SECONDS - 60
    for path in folder.iterdir():
        if path.name != "noor.part":
            os.utime(path, (long_ago, long_ago))
    assert Attachments(database, shelf, ALLOWED).sweep() == 3
    assert on_disk(tmp_path) == sorted([*kept, "noor.part"])


def test_a_crash_between_the_file_and_its_row_leaves_no_message(
    database: Database, shelf: Shelf, mari: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(service, "wake", full)
    with pytest.raises(OSError, match="disk is full"):
        sent(database, shelf, mari, tmp_path)
    assert on_disk(tmp_path) == []
    assert len(talk.events(database, mari.conversation_id)) == 1


def sent(database: Database, shelf: Shelf, mari: Started, tmp_path: Path) -> None:
    """Mari has sent a file."""
    (tmp_path / "attachments").mkdir(exist_ok=True)
    source = tmp_path / "attachments" / "tulnud.part"
    source.write_bytes(files.PDF)
    attachments = Attachments(database, shelf, ALLOWED)
    thanks = Answer(Reply("Aitäh!"), "utter_offer_human")
    attachments.from_customer(mari.conversation_id, client_id="fail-0001", name="arve.pdf", source=source, answers=lambda _state: thanks)
