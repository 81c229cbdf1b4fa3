"""Customers' files at another desk, and that desk's own; what is asked of Chatwoot is what its description knows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select, update

from bot.understanding import Reply
from handoff.app import create_app
from handoff.conversations import elsewhere, erasure, store, turns
from handoff.conversations.attachments import Allowed, Answer, Attachments
from handoff.conversations.elsewhere import Rule
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.database import Database, now
from handoff.desks import files
from handoff.desks.chatwoot import Chatwoot, Place
from handoff.desks.routes import Told
from handoff.outbox import Outbox, OutboxRow
from handoff.settings import Settings, read_settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.chatwoot import DESCRIBED, TOKEN, FakeChatwoot, Trouble, running

SECRET = "töölaua-saladus"
AT = "/api/v1/accounts/3/conversations/1/messages"


@pytest.fixture
def chatwoot() -> Iterator[FakeChatwoot]:
    with running() as made:
        yield made
        assert made.wrong == [], "not as Chatwoot's description has it"


@pytest.fixture
def theirs(database: Database, chatwoot: FakeChatwoot, shelf: Shelf) -> Outbox:
    elsewhere.keep_rule(database, Rule(elsewhere.CHATWOOT, chatwoot.url, "Kodukaup"))
    way = Chatwoot(database, Signals(), Place(chatwoot.url, TOKEN, 3, 5), shelf)
    return Outbox(database, secret="", ways={elsewhere.CHATWOOT: way})


@pytest.fixture
def send(database: Database, shelf: Shelf, tmp_path: Path) -> Any:
    """`send(mari, name, words)` sends a text file as the customer."""
    attachments = Attachments(database, shelf, Allowed(frozenset({"txt"}), 10**7, 20, 10**8))

    said = Answer(Reply("Aitäh!"), "utter_offer_human")

    def sent(mari: Started, name: str, words: str) -> None:
        source = tmp_path / "attachments" / "tulnud.part"
        source.parent.mkdir(exist_ok=True)
        source.write_text(words, encoding="utf-8")
        attachments.from_customer(mari.conversation_id, client_id=f"fail-{name}", name=name, source=source, answers=lambda _state: said)

    return sent


async def deliver(database: Database, sends: Outbox) -> None:
    with database.write() as session:
        session.execute(update(OutboxRow).values(next_at=now()))
    while await sends.deliver_one():
        pass


@pytest.mark.both_databases
@pytest.mark.parametrize("trouble", ["", "forgets", "hangs up"])
async def test_files_of_before_and_after_the_handoff_come_to_chatwoot_once(
    database: Database, theirs: Outbox, chatwoot: FakeChatwoot, mari: Started, send: Any, trouble: Trouble
) -> None:
    send(mari, "arve-õ.txt", "enne")
    talk.wait_for_person(database, mari.conversation_id)
    send(mari, "pilt.txt", "pärast")
    chatwoot.trouble = trouble
    for _ in range(8):
        await deliver(database, theirs)
    chatwoot.trouble = ""
    for _ in range(3):
        await deliver(database, theirs)
    assert chatwoot.said(1, kind=0) == ["arve-õ.txt", "Tahan inimesega rääkida", "pilt.txt"]
    assert chatwoot.files == {"arve-õ.txt": b"enne", "pilt.txt": "pärast".encode()}
    if not trouble:
        chatwoot.resolve(1)
        with database.write() as session:
            elsewhere.owe_look(session, store.conversation(session, mari.conversation_id, lock=True), "a")
        await deliver(database, theirs)
        talk.wait_for_person(database, mari.conversation_id)
        await deliver(database, theirs)
        assert len([one for one in chatwoot.messages if one.get("attachments")]) == 2, "the next handoff brings none of them again"


async def test_a_file_that_chatwoot_does_not_take_or_that_is_gone_is_named_and_holds_nothing_up(
    database: Database, theirs: Outbox, chatwoot: FakeChatwoot, shelf: Shelf, mari: Started, send: Any
) -> None:
    chatwoot.trouble = "takes no files"
    talk.wait_for_person(database, mari.conversation_id)
    send(mari, "suur.txt", "sisu")
    await deliver(database, theirs)
    chatwoot.trouble = ""
    send(mari, "kadunud.txt", "sisu")
    with database.read() as session:
        (row,) = session.scalars(select(OutboxRow).where(OutboxRow.delivered_at.is_(None)))
    shelf.drop([row.payload["files"][0]["id"]])
    talk.say(database, mari.conversation_id, "Kas olete seal?")
    await deliver(database, theirs)
    assert chatwoot.said(1, kind=0)[1:] == ["(fail) suur.txt", "(fail) kadunud.txt", "Kas olete seal?"]


async def test_every_operation_that_is_described_is_asked_and_what_is_not_described_is_refused(
    database: Database, theirs: Outbox, chatwoot: FakeChatwoot, mari: Started
) -> None:
    chatwoot.trouble = "forgets"
    talk.wait_for_person(database, mari.conversation_id)
    for _ in range(6):
        await deliver(database, theirs)
    chatwoot.trouble = ""
    await deliver(database, theirs)
    chatwoot.resolve(1)
    with database.write() as session:
        elsewhere.owe_look(session, store.conversation(session, mari.conversation_id, lock=True), "a")
    await deliver(database, theirs)
    talk.wait_for_person(database, mari.conversation_id)
    await deliver(database, theirs)
    told = yaml.safe_load((Path(__file__).parent / "chatwoot.openapi.yml").read_text(encoding="utf-8"))
    assert chatwoot.asked == {one["operationId"] for methods in told["paths"].values() for one in methods.values()}


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("POST", AT, {"content": 5}, "content"),
        ("POST", AT, {"message_type": "incoming"}, "required"),
        ("POST", AT, {"content": "Tere", "colour": "red"}, "colour"),
        ("POST", AT, {"content": "Tere", "message_type": "sideways"}, "sideways"),
        ("POST", AT, None, "takes no"),
        ("DELETE", AT, None, "not described"),
        ("GET", "/api/v1/accounts/3/conversations/õ/messages", None, "not described"),
    ],
)
def test_the_judge_of_the_description_refuses_what_is_not_by_it(method: str, path: str, body: Any, reason: str) -> None:
    with pytest.raises(AssertionError, match=reason):
        DESCRIBED.asked(method, path, {}, body)
    with pytest.raises(AssertionError, match="message_type"):
        DESCRIBED.answered("POST", AT, {"id": 1, "message_type": "incoming"})


def test_files_of_chatwoots_agents_come_as_links() -> None:
    said = Told.model_validate(
        {"event": "message_created", "id": 1, "attachments": [{"data_url": "https://chat.ee/a.pdf"}, {"data_url": "javascript:alert(1)"}, {}]}
    )
    assert said.words == "https://chat.ee/a.pdf"
    assert said.model_copy(update={"content": " Palun! ", "attachments": None}).words == "Palun!"


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    place = {"forward_url": "https://laud.example/abiline", "public_url": "http://testserver"}
    return read_settings(data_dir=tmp_path, forward_secret=SecretStr(SECRET), forward_desk=True, **place)


def hand_over(database: Database, mari: Started, own: Settings) -> None:
    talk.say(database, mari.conversation_id, "Tahan inimesega rääkida")
    turns.pay(database, talk.owed(database, mari.conversation_id), talk.handing_over(mari.conversation_id), forward_url=own.forward_url)


def test_any_address_gets_files_as_links_that_open_for_a_week_and_for_nobody_who_guesses(
    database: Database, own: Settings, mari: Started, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = TestClient(create_app(own, FakeBot(), database))
    send(mari, "arve.txt", "minu arve")
    hand_over(database, mari, own)
    send(mari, "pilt.txt", "minu pilt")
    with database.read() as session:
        handed, said = session.scalars(select(OutboxRow).order_by(OutboxRow.place)).all()
    (before,), (after,) = handed.payload["extra"]["files"], said.payload["files"]
    kind = "text/plain; charset=utf-8"
    assert [(one["name"], one["type"], one["size"]) for one in (before, after)] == [("arve.txt", kind, 9), ("pilt.txt", kind, 9)]
    assert [house.get(one["url"]).text for one in (before, after)] == ["minu arve", "minu pilt"]
    forged = [
        before["url"][:-1] + ("0" if before["url"][-1] != "0" else "1"),
        before["url"].replace(before["id"], after["id"]),
        before["url"].partition("?")[0],
    ]
    assert {house.get(one).status_code for one in forged} == {404}
    moment = time.time() + files.OPEN_SECONDS + 1
    monkeypatch.setattr("handoff.desks.files.time.time", lambda: moment)
    assert house.get(before["url"]).status_code == 404


def test_what_is_erased_opens_by_no_link(database: Database, own: Settings, shelf: Shelf, mari: Started, send: Any) -> None:
    house = TestClient(create_app(own, FakeBot(), database))
    hand_over(database, mari, own)
    send(mari, "arve.txt", "minu arve")
    with database.read() as session:
        link = session.scalars(select(OutboxRow).order_by(OutboxRow.place.desc())).first().payload["files"][0]["url"]  # type: ignore[union-attr]
    erasure.erase(database, shelf, mari.conversation_id)
    assert house.get(link).status_code == 404


def test_without_a_secret_no_file_has_an_address(tmp_path: Path) -> None:
    assert files.addresses(read_settings(data_dir=tmp_path)) is None
