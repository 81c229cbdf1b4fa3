"""Who types is seen on the other side for some seconds; what is typed never is."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from handoff.conversations import typists
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.signals import Signals, conversation_topic
from handoff.conversations.typists import CUSTOMER, LASTS_SECONDS, QUIET_SECONDS, Told, Typist, Typists
from handoff.database import Database
from handoff.services import Services
from handoff.web import stream
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.test_widget import Visitor
from tests.handoff.test_widget_limits import Clock

JAAN = Typist("jaan-id", "Jaan")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(clock: Clock) -> Typists:
    return Typists(clock)


@pytest.fixture
def mari_online(client: TestClient) -> Visitor:
    return Visitor(client)


def typing_of(services: Services, conversation_id: str) -> list[Typist]:
    return [sign.typist for sign in services.typists.signs(conversation_id)]


def test_a_sign_lasts_some_seconds(here: Typists, clock: Clock) -> None:
    assert here.began("üks", CUSTOMER)
    assert [sign.typist for sign in here.signs("üks")] == [CUSTOMER]
    assert here.signs("kaks") == ()
    clock.moment += LASTS_SECONDS
    assert here.signs("üks") == ()


def test_a_sign_that_is_renewed_lasts_on_and_is_news_only_now_and_then(here: Typists, clock: Clock) -> None:
    here.began("üks", CUSTOMER)
    assert not here.began("üks", CUSTOMER)
    clock.moment += LASTS_SECONDS - 1
    assert here.began("üks", CUSTOMER)
    clock.moment += LASTS_SECONDS - 1
    assert len(here.signs("üks")) == 1


def test_a_message_ends_the_sign_and_a_late_sign_of_it_is_dropped(here: Typists, clock: Clock) -> None:
    here.began("üks", CUSTOMER)
    here.ended("üks", CUSTOMER)
    assert here.signs("üks") == ()
    assert not here.began("üks", CUSTOMER)
    clock.moment += QUIET_SECONDS
    assert here.began("üks", CUSTOMER)


def test_signs_that_are_over_are_forgotten_when_there_are_many(here: Typists, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typists, "MOST_KEPT", 3)
    for place in range(3):
        here.began(f"vana-{place}", CUSTOMER)
    clock.moment += LASTS_SECONDS
    here.began("uus", CUSTOMER)
    assert list(here._began) == ["uus"]


def test_a_reader_tells_who_types_after_all_else_and_when_it_is_over(here: Typists, clock: Clock) -> None:
    read = typists.telling(lambda _last: [(1, "event", {})], here, "üks", whose=lambda typist: typist != CUSTOMER, view=len)
    here.began("üks", CUSTOMER)
    assert read(0) == [(1, "event", {})]
    here.began("üks", JAAN)
    assert read(0) == [(1, "event", {}), (None, "typing", 1)]
    clock.moment += 2
    here.began("üks", JAAN)
    assert read(0)[-1] == (None, "typing", 1)
    here.ended("üks", JAAN)
    assert read(0)[-1] == (None, "typing", 0)


async def test_a_sign_is_streamed_without_a_number() -> None:
    def read(last: int) -> Told:
        return [(7, "event", {}), (None, "typing", {"name": "Jaan"})] if last == 0 else []

    async def stays() -> dict[str, str]:
        raise AssertionError("nobody asks yet")

    chunks = stream(Request({"type": "http"}, receive=stays), Signals(), conversation_topic("üks"), read, after=0)
    _, told = [(await anext(chunks)).decode() for _ in range(2)]
    await chunks.aclose()  # type: ignore[attr-defined]
    said, _, typing = told.partition("\n\n")
    assert said.startswith("id: 7\n")
    assert typing == f"event: typing\ndata: {json.dumps({'name': 'Jaan'})}\n\n"


def test_the_customer_types_until_the_message_is_there(mari_online: Visitor, services: Services) -> None:
    assert mari_online.post("typing").status_code == 204
    assert typing_of(services, mari_online.id) == [CUSTOMER]
    mari_online.say("Tere!")
    assert typing_of(services, mari_online.id) == []


def test_typing_leaves_nothing_in_the_log(mari_online: Visitor) -> None:
    mari_online.post("typing", {"text": "mu salajane mõte"})
    assert [event["number"] for event in mari_online.log()["events"]] == [1]
    assert "salajane" not in str(mari_online.log())


def test_peeter_can_not_type_in_maris_name(client: TestClient, mari_online: Visitor, services: Services) -> None:
    assert mari_online.post("typing", secret=Visitor(client).secret).status_code == 404
    assert client.post(f"/api/widget/conversations/{mari_online.id}/typing").status_code == 404
    assert typing_of(services, mari_online.id) == []


def test_a_page_that_tells_of_every_key_is_slowed_down(mari_online: Visitor) -> None:
    statuses = [mari_online.post("typing").status_code for _ in range(8)]
    assert (statuses[0], statuses[-1]) == (204, 429)
    mari_online.say("Sõnumid tulevad ikka läbi")


def test_the_holder_types_until_the_answer_is_there(log_in: LogIn, services: Services, database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    browser, path = log_in("jaan"), f"/api/desk/conversations/{mari.conversation_id}"
    assert browser.post(f"{path}/typing").status_code == 204
    assert typing_of(services, mari.conversation_id) == [Typist(jaan.id, jaan.name)]
    assert browser.post(f"{path}/messages", json={"client_id": "jaan-0001", "text": "Tere!"}).status_code == 201
    assert typing_of(services, mari.conversation_id) == []


def test_only_the_holder_is_seen_typing(log_in: LogIn, services: Services, database: Database, mari: Started, jaan: Holder, client: TestClient) -> None:
    path = f"/api/desk/conversations/{mari.conversation_id}/typing"
    assert log_in("jaan").post(path).status_code == 409  # nobody has it yet
    talk.go_live(database, mari.conversation_id, jaan)
    assert log_in("kadri").post(path).status_code == 403
    assert client.post(path).status_code == 401
    assert typing_of(services, mari.conversation_id) == []
