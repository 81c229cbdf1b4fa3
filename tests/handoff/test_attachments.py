"""Files that customers send in the chat: kept, limited, given back so that they can't run."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.bucket import Bucket
from handoff.conversations import store
from handoff.conversations.agents import Holder
from handoff.conversations.attachments import Allowed
from handoff.services import Services
from handoff.settings import Settings
from handoff.widget import routes
from handoff.widget.limits import Limits
from tests.handoff import files, talk
from tests.handoff.sender import ALL, Sender, on_disk


@pytest.fixture
def sender(client: TestClient) -> Sender:
    return Sender(client)


@pytest.fixture
def jaan_is_here(services: Services, people: dict[str, str]) -> None:
    accounts.set_availability(services.database, people["jaan"], Availability.AVAILABLE)


# Pictures


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


def test_a_form_that_knows_the_secret_opens_a_file_on_a_page_of_its_own(sender: Sender) -> None:
    sender.send(files.PDF, "arve.pdf")
    (file,) = sender.sent()
    path = f"/api/widget/conversations/{sender.id}/files/{file['id']}/open"
    assert sender._client.post(path, data={"secret": sender.secret}).content == files.PDF
    assert sender._client.post(path, data={"secret": "vale"}).status_code == 404
    assert sender._client.post(path).status_code == 422


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
    assert (answer.status_code, answer.json()["code"]) == (422, "file_count")
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


# What goes


# Settings


@pytest.mark.parametrize(("given", "kept"), [("jpeg, pdf", ("jpeg", "pdf")), ("", ())])
def test_the_kinds_of_files_are_a_setting(monkeypatch: pytest.MonkeyPatch, given: str, kept: tuple[str, ...]) -> None:
    monkeypatch.setenv("ABILINE_ATTACHMENT_TYPES", given)
    assert Settings().attachment_types == kept
