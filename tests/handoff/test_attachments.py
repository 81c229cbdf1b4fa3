"""Files both ways: what is taken and what is refused, what is kept and what is left out, who may look, and what goes when it goes."""

from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from PIL import Image
from sqlalchemy import select

from bot.understanding import Reply
from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.bucket import Bucket
from handoff.conversations import agents, erasure, pictures, service, store
from handoff.conversations.agents import Holder
from handoff.conversations.attachments import Allowed, Answer, Attachments
from handoff.conversations.filetypes import TYPES, recognise
from handoff.conversations.service import Started
from handoff.conversations.shelf import YOUNG_SECONDS, Shelf, own_name
from handoff.conversations.tables import AttachmentRow
from handoff.database import Database
from handoff.errors import Unreadable
from handoff.services import Services
from handoff.settings import Settings
from handoff.widget import routes
from handoff.widget.limits import Limits
from tests.handoff import files, talk
from tests.handoff.conftest import LogIn
from tests.handoff.test_widget import Visitor

ALL = frozenset(TYPES)


class Sender(Visitor):
    """Mari's browser, which sends files."""

    def send(self, content: bytes, name: str = "pilt.jpg", *, client_id: str | None = None, secret: str | None = None) -> Response:
        self._made += 1
        headers = {"Authorization": f"Bearer {secret or self.secret}", "Abiline-File-Name": quote(name)}
        path = f"/api/widget/conversations/{self.id}/files/{client_id or f'fail-{self._made:04}'}"
        answer: Response = self._client.post(path, content=content, headers=headers)
        return answer

    def get(self, file: str, *, secret: str | None = None) -> Response:
        headers = {"Authorization": f"Bearer {secret or self.secret}"}
        answer: Response = self._client.get(f"/api/widget/conversations/{self.id}/files/{file}", headers=headers)
        return answer

    def sent(self) -> list[dict[str, Any]]:
        """The files in the log."""
        return [file for event in self.log()["events"] for file in event["body"].get("files", ())]


@pytest.fixture
def sender(client: TestClient) -> Sender:
    return Sender(client)


@pytest.fixture
def jaan_is_here(services: Services, people: dict[str, str]) -> None:
    accounts.set_availability(services.database, people["jaan"], Availability.AVAILABLE)


def on_disk(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "attachments").glob("*"))


def recognised(tmp_path: Path, content: bytes, name: str = "") -> str:
    path = tmp_path / "tundmatu"
    path.write_bytes(content)
    return recognise(path, name=name, allowed=ALL).name


# What a file is


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.picture("JPEG"), "jpeg"),
        (files.picture("PNG"), "png"),
        (files.picture("WEBP"), "webp"),
        (files.moving_picture(), "gif"),
        (files.PDF, "pdf"),
        ("Tere, šokolaad jäi saamata\r\n".encode(), "txt"),
        (files.word_document(), "docx"),
        (files.archive(**{"[Content_Types]___xml": b"<Types/>", "xl__workbook___xml": b"<x/>"}), "xlsx"),
        (files.open_document(), "odt"),
        (files.open_document("application/vnd.oasis.opendocument.spreadsheet"), "ods"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_what_its_bytes_say(tmp_path: Path, content: bytes, kind: str) -> None:
    assert recognised(tmp_path, content) == kind


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (files.SVG, "pilt.png"),
        (files.HTML, "pilt.png"),
        (files.HTML, "kiri.txt"),
        (b"\n  " + files.SVG, "kiri.txt"),
        (b"alert(1)", "pilt.png"),
        (b"alert(1)", "abi.js"),
        (b"MZ\x90\x00" + bytes(200), "arve.pdf"),
        (b"\x7fELF" + bytes(200), "kiri.txt"),
        (files.word_document(macros=True), "kiri.docx"),
        (files.archive(mimetype=b"application/vnd.oasis.opendocument.text", Basic__x=b"kood"), "kiri.odt"),
        (files.archive(lihtsalt___txt=b"x"), "kiri.docx"),
        (b"PK\x03\x04 katki", "kiri.docx"),
        (b"<script>%PDF-1.7", "arve.pdf"),
        (b"", "pilt.png"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # an archive's bytes hold the time it was made
)
def test_what_is_none_of_these_is_refused_whatever_it_is_called(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        recognised(tmp_path, content, name)
    assert refused.value.code == ("file_type" if content else "empty_file")


def test_what_the_house_does_not_allow_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "arve.pdf"
    path.write_bytes(files.PDF)
    with pytest.raises(Unreadable, match="jpeg, png"):
        recognise(path, name="arve.pdf", allowed=frozenset({"jpeg", "png"}))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("minu pilt.JPG", "minu pilt.JPG"),
        ("pilt.png", "pilt.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Pildid\\õun.jpeg", "õun.jpeg"),
        ("\u202egpj.exe", "gpj.jpg"),
        ("..", "fail.jpg"),
        ("", "fail.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie x.jpg"),
        ("kiri v1.2 lõplik", "kiri v1.2 lõplik.jpg"),
        ("ü" * 300 + ".jpg", "ü" * 115 + ".jpg"),
    ],
)
def test_a_name_is_only_a_name_and_ends_as_what_the_file_is(given: str, kept: str) -> None:
    assert own_name(given, TYPES["jpeg"]) == kept


# Pictures


def drawn(tmp_path: Path, content: bytes) -> tuple[pictures.Picture, Path, Path]:
    source, target, preview = tmp_path / "tulnud", tmp_path / "uus", tmp_path / "vaike"
    source.write_bytes(content)
    return pictures.redraw(source, target, preview), target, preview


def test_a_photo_loses_where_and_with_what_it_was_taken(tmp_path: Path) -> None:
    content = files.picture("JPEG") + b"<script>peidetud</script>"
    assert b"Salakaamera" in content
    _picture, target, preview = drawn(tmp_path, content)
    for path in (target, preview):
        kept = path.read_bytes()
        assert [word for word in (b"Salakaamera", b"salasona", b"peidetud", b"Exif") if word in kept] == []
        with Image.open(path) as again:
            assert len(again.getexif()) == 0


def test_a_photo_held_sideways_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    packed = io.BytesIO()
    Image.new("RGB", (640, 480)).save(packed, "JPEG", exif=exif)
    assert drawn(tmp_path, packed.getvalue())[0] == pictures.Picture(480, 640)


def test_a_preview_is_small_and_the_picture_stays_as_it_is(tmp_path: Path) -> None:
    picture, target, preview = drawn(tmp_path, files.picture("PNG", size=(1200, 900)))
    with Image.open(target) as large, Image.open(preview) as small:
        assert (picture.width, large.size, large.format) == (1200, (1200, 900), "PNG")
        assert (small.size, small.format) == ((480, 360), "WEBP")


def test_a_moving_picture_goes_on_moving(tmp_path: Path) -> None:
    _picture, target, _preview = drawn(tmp_path, files.moving_picture())
    with Image.open(target) as again:
        assert (again.format, getattr(again, "n_frames", 1)) == ("GIF", 2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_a_picture_of_any_kind_of_colour_is_drawn(tmp_path: Path, mode: str) -> None:
    packed = io.BytesIO()
    Image.new(mode, (30, 20)).save(packed, "JPEG" if mode == "CMYK" else "PNG")
    assert drawn(tmp_path, packed.getvalue())[0] == pictures.Picture(30, 20)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_read(tmp_path: Path) -> None:
    packed = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(packed, "PNG")
    with pytest.raises(Unreadable) as refused:
        drawn(tmp_path, packed.getvalue())
    assert refused.value.code == "picture_too_large"


@pytest.mark.parametrize("content", [files.picture("PNG")[:60], b"\x89PNG\r\n\x1a\n" + files.HTML, files.picture("JPEG")[:200], b"GIF89a" + files.HTML])
def test_a_broken_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        drawn(tmp_path, content)
    assert refused.value.code == "picture_broken"


# From the customer


def test_a_picture_is_kept_as_a_message_and_can_be_fetched(sender: Sender) -> None:
    answer = sender.send(files.picture(), "kingad õues.jpg")
    assert answer.status_code == 201, answer.text
    (file,) = sender.sent()
    assert {key: file[key] for key in ("name", "type", "width", "height")} == {"name": "kingad õues.jpg", "type": "image/jpeg", "width": 640, "height": 480}
    got = sender.get(file["id"])
    assert (got.status_code, got.headers["content-type"], len(got.content)) == (200, "image/jpeg", file["size"])
    assert sender.get(f"{file['id']}/preview").headers["content-type"] == "image/webp"


def test_a_file_is_given_so_that_it_can_not_run(sender: Sender) -> None:
    sender.send(files.PDF, 'arve "mai".pdf')
    (file,) = sender.sent()
    headers = sender.get(file["id"]).headers
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert sender.get(f"{file['id']}/preview").status_code == 404


def test_the_same_id_again_is_the_same_message_and_the_same_file(sender: Sender, tmp_path: Path) -> None:
    first, second = sender.send(files.picture(), client_id="sama-fail-1"), sender.send(files.picture(), client_id="sama-fail-1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(on_disk(tmp_path)) == 2  # the picture and its preview


def test_a_hostile_drawing_called_png_is_refused_and_leaves_nothing(sender: Sender, tmp_path: Path) -> None:
    for content in (files.SVG, files.HTML):
        answer = sender.send(content, "pilt.png")
        assert (answer.status_code, answer.json()["code"]) == (422, "file_type")
    assert on_disk(tmp_path) == []
    assert len(sender.log()["events"]) == 1


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(sender: Sender, services: Services, tmp_path: Path) -> None:
    services.attachments.allowed = Allowed(ALL, size=1_000, count=20, total=10_000)
    answer = sender.send(files.PDF + bytes(1_000), "arve.pdf")
    assert (answer.status_code, answer.json()["code"]) == (422, "file_too_large")
    assert on_disk(tmp_path) == []


def test_a_length_that_is_not_told_is_counted_as_it_comes(sender: Sender, services: Services, tmp_path: Path) -> None:
    services.attachments.allowed = Allowed(ALL, size=1_000, count=20, total=10_000)
    answer = sender._client.post(
        f"/api/widget/conversations/{sender.id}/files/jupphaaval", content=iter([bytes(600)] * 3), headers={"Authorization": f"Bearer {sender.secret}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "file_too_large")
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize("allowed", [Allowed(ALL, size=9_999, count=1, total=99_999), Allowed(ALL, size=9_999, count=9, total=150)])
def test_past_the_limits_of_a_conversation_nothing_more_is_taken(sender: Sender, services: Services, tmp_path: Path, allowed: Allowed) -> None:
    services.attachments.allowed = allowed
    assert sender.send(files.PDF + b"%" * 60, "arve.pdf").status_code == 201
    answer = sender.send(files.PDF + b"%" * 60, "teine.pdf")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_files")
    assert len(on_disk(tmp_path)) == 1


def test_where_files_are_turned_off_none_is_taken(sender: Sender, services: Services) -> None:
    services.attachments.allowed = Allowed(frozenset(), size=9_999, count=9, total=9_999)
    assert sender.send(files.PDF).json()["code"] == "file_type"
    assert sender._client.get("/api/widget/config").json()["files"] is None


def test_the_widget_is_told_what_may_be_sent(client: TestClient) -> None:
    told = client.get("/api/widget/config").json()["files"]
    assert told["most"] == 10_000_000
    assert ".jpg" in told["accept"].split(",")
    assert ".svg" not in told["accept"]


def test_the_bot_offers_a_person_for_a_file_once(sender: Sender, jaan_is_here: None) -> None:
    sender.send(files.picture())
    sender.send(files.picture(color="red"))
    events = sender.log()["events"]
    assert [event["actor"] for event in events] == ["bot", "customer", "bot", "customer"]
    assert events[2]["body"]["buttons"] == ["Räägi inimesega"]
    sender.post("messages", {"client_id": "valik-0001", "choice": {"number": events[2]["number"], "button": 0}})
    assert sender.wait(lambda log: log["state"]["state"] == "waiting")["state"]["owed"] is False


def test_when_nobody_is_here_the_bot_asks_where_to_answer(sender: Sender, services: Services) -> None:
    sender.send(files.picture())
    assert "e-posti aadress" in sender.log()["events"][-1]["body"]["text"]
    with services.database.read() as session:
        (heard,) = store.tracker_history(session, sender.id)
    assert heard["metadata"] == {"utter_action": "utter_offer_contact"}  # so that the address that comes next is understood


def test_a_file_opens_a_closed_conversation_again(sender: Sender) -> None:
    sender.post("end")
    sender.send(files.picture())
    assert [event["kind"] for event in sender.log()["events"][1:]] == ["closed", "reopened", "message", "message"]


def test_with_a_person_the_bot_stays_silent(sender: Sender, services: Services, jaan: Holder) -> None:
    talk.go_live(services.database, sender.id, jaan)
    sender.send(files.picture())
    assert sender.log()["events"][-1]["body"]["files"]


def test_peeter_with_a_secret_of_his_own_neither_sends_nor_gets(client: TestClient, sender: Sender) -> None:
    peeter = Sender(client)
    sender.send(files.picture())
    (file,) = sender.sent()
    assert sender.send(files.picture(), secret=peeter.secret).status_code == 404
    assert sender.get(file["id"], secret=peeter.secret).status_code == 404
    assert peeter.get(file["id"]).status_code == 404  # his own conversation does not have it
    assert client.get(f"/api/widget/conversations/{sender.id}/files/{file['id']}?secret={sender.secret}").status_code == 404


@pytest.mark.parametrize("name", ["..%2F..%2Fabiline.db", "abiline.db", "%2e%2e"])
def test_only_files_of_the_conversation_have_an_address(sender: Sender, name: str) -> None:
    assert sender.get(name).status_code in (404, 405)


def test_too_many_files_from_one_address_are_slowed_down(app: FastAPI, services: Services) -> None:
    small = FastAPI()
    small.exception_handlers.update(app.exception_handlers)
    small.include_router(routes.router(services, Limits(files=Bucket(burst=1, per_second=0.001))))
    with TestClient(small) as browser:
        sender = Sender(browser)
        assert [sender.send(files.PDF, "arve.pdf").status_code for _ in range(2)] == [201, 429]


# From the agent


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


# What goes


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
    assert erasure.erase_older_than(database, shelf, days=-1) == 1
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


# Settings


@pytest.mark.parametrize(("given", "kept"), [("jpeg, pdf", ("jpeg", "pdf")), ("", ())])
def test_the_kinds_of_files_are_a_setting(monkeypatch: pytest.MonkeyPatch, given: str, kept: tuple[str, ...]) -> None:
    monkeypatch.setenv("ABILINE_ATTACHMENT_TYPES", given)
    assert Settings().attachment_types == kept


ALLOWED = Allowed(ALL, size=10_000_000, count=20, total=50_000_000)


def sent(database: Database, shelf: Shelf, mari: Started, tmp_path: Path) -> None:
    """Mari has sent a file."""
    (tmp_path / "attachments").mkdir(exist_ok=True)
    source = tmp_path / "attachments" / "tulnud.part"
    source.write_bytes(files.PDF)
    attachments = Attachments(database, shelf, ALLOWED)
    thanks = Answer(Reply("Aitäh!"), "utter_offer_human")
    attachments.from_customer(mari.conversation_id, client_id="fail-0001", name="arve.pdf", source=source, answers=lambda _state: thanks)
