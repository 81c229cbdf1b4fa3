"""The whole way of a code: the bot keeps an answer back, sends the code, takes it and answers; an agent sends one too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import update

from bot.understanding import FaqEntry
from handoff.app import create_app
from handoff.conversations import codes, tickets
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import EventRow, VerificationCodeRow
from handoff.database import Database, now
from handoff.letters import Letters
from handoff.services import Services
from handoff.settings import Settings, read_settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.coded import ADDRESS, code_in_letter, mari_is_at, other_than, send
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at, wait

pytestmark = pytest.mark.both_databases

ORDERS = FaqEntry(id="minu-tellimused", topic="tellimus", question="Kus on minu tellimused?", answer="Teie tellimused on **kontol**.", needs_identity=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends mail; nothing listens there."""
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://localhost:9"), mail_from="tugi@kodukaup.example", reply_timeout=0.5)


@pytest.fixture
def letters(settings: Settings) -> Letters:
    return Letters(settings)


@pytest.fixture
def known(database: Database) -> None:
    """Mari has written to us before."""
    tickets.open_ticket(database, channel="email", text="Kus arve on?", email=ADDRESS)


@pytest.fixture
def house(settings: Settings, database: Database, people: dict[str, str]) -> Iterator[TestClient]:
    app = create_app(settings, FakeBot(), database)
    app.state.services.entries.import_all([ORDERS], by=None)
    with TestClient(app) as browser:
        yield browser


class Chat:
    """Mari's page."""

    def __init__(self, house: TestClient, database: Database) -> None:
        begun = house.post("/api/widget/conversations", json={"language": "et"}).json()
        self.started = Started(begun["id"], begun["secret"])
        self._house, self._database, self._number = house, database, 0

    def post(self, **said: Any) -> None:
        self._number += 1
        headers = {"Authorization": f"Bearer {self.started.secret}"}
        body = {"client_id": f"mari-{self._number:04}", **said}
        assert self._house.post(f"/api/widget/conversations/{self.started.conversation_id}/messages", json=body, headers=headers).status_code == 201
        self._settle()

    def tap(self, title: str) -> None:
        asked = next(event for event in reversed(self.events) if title in event.body.get("buttons", ()))
        self.post(choice={"number": asked.number, "button": asked.body["buttons"].index(title)})

    @property
    def events(self) -> list[EventRow]:
        return talk.events(self._database, self.started.conversation_id)

    @property
    def last(self) -> str:
        return talk.texts(self._database, self.started.conversation_id, "bot")[-1]

    def _settle(self) -> None:
        services: Services = self._house.app.state.services  # type: ignore[attr-defined]
        assert self._house.portal is not None
        self._house.portal.call(services.payer.settle)


def test_the_bot_keeps_the_answer_until_the_code_has_come(house: TestClient, database: Database, known: None) -> None:
    chat = Chat(house, database)
    mari_is_at(database, chat.started)
    chat.post(text="Kus on minu tellimused?")
    assert chat.last == "Selle vastuse hoiame ainult teie jaoks."
    chat.tap("Saada kood e-postile")
    assert "m•••@naide.ee" in chat.last
    chat.post(text=other_than(code_in_letter(database)))
    assert chat.events[-1].kind == "code_wrong"
    chat.post(text=code_in_letter(database))
    assert chat.last == ORDERS.answer
    chat.post(text="Kus on minu tellimused?")
    assert chat.last == ORDERS.answer  # now it is known


def test_when_the_code_is_over_the_bot_offers_another_and_a_person(house: TestClient, database: Database, known: None) -> None:
    chat = Chat(house, database)
    mari_is_at(database, chat.started)
    chat.post(text="Kus on minu tellimused?")
    chat.tap("Saada kood e-postile")
    with database.write() as session:
        session.execute(update(VerificationCodeRow).values(sent_at=now() - codes.LIVES))
    chat.post(text=code_in_letter(database))
    assert "Kas saadame uue?" in chat.last
    assert chat.events[-1].body["buttons"] == ["Saada kood e-postile", "Jäta kontakt"]
    chat.tap("Saada kood e-postile")
    chat.post(text=code_in_letter(database))
    assert chat.last == ORDERS.answer


def test_who_has_no_address_on_file_is_offered_a_person_only(house: TestClient, database: Database) -> None:
    chat = Chat(house, database)
    mari_is_at(database, chat.started)  # typed here, nowhere else
    chat.post(text="Kus on minu tellimused?")
    assert chat.events[-1].body["buttons"] == ["Räägi inimesega"]


def test_enough_codes_are_said_so_kindly(house: TestClient, database: Database, known: None, letters: Letters) -> None:
    chat = Chat(house, database)
    mari_is_at(database, chat.started)
    chat.post(text="Kus on minu tellimused?")
    for number in range(codes.MOST_HOURLY):
        send(database, chat.started, letters, cause=f"enne-{number}")
    chat.tap("Saada kood e-postile")
    assert "tunni aja pärast" in chat.last


def test_it_does_not_stand_on_the_public_help_page(house: TestClient) -> None:
    assert ORDERS.question not in house.get("/help").text
    assert house.get(f"/help/{ORDERS.id}", headers={"Accept": "text/html"}).status_code == 404


def test_an_agent_sends_a_code_in_the_customers_language_and_takes_such_answers_only_then(
    desk: TestClient, log_in: LogIn, services: Services, database: Database, mari: Started, known: None
) -> None:
    services.entries.import_all([ORDERS], by=None)
    wait(database, mari)
    sends = {"client_id": "kood-jaan-1"}
    assert desk.post(at(mari, "/send-code"), json=sends).json()["code"] == "move_refused"
    desk.post(at(mari, "/claim"))
    assert desk.post(at(mari, "/send-code"), json=sends).json()["code"] == "no_address"
    mari_is_at(database, mari)
    assert log_in("kadri").post(at(mari, "/send-code"), json=sends).status_code == 403
    assert desk.get(at(mari, f"/answers/{ORDERS.id}")).json()["code"] == "needs_identity"
    assert desk.post(at(mari, "/send-code"), json=sends).status_code == 204
    assert "m•••@naide.ee" in talk.texts(database, mari.conversation_id, "agent")[-1]
    talk.say(database, mari.conversation_id, code_in_letter(database))
    assert desk.get(at(mari)).json()["conversation"]["verification"]["how"] == "code"
    assert desk.get(at(mari, f"/answers/{ORDERS.id}")).json()["text"] == "Teie tellimused on kontol."


def test_a_house_that_sends_no_mail_says_so(log_in: LogIn, app: Any, database: Database, mari: Started, jaan: Holder, tmp_path: Path) -> None:
    bare = create_app(read_settings(data_dir=tmp_path), FakeBot(), database)
    browser = log_in("jaan")
    talk.go_live(database, mari.conversation_id, jaan)
    plain = TestClient(bare, cookies=browser.cookies, headers=dict(browser.headers))
    assert plain.post(at(mari, "/send-code"), json={"client_id": "kood-jaan-1"}).json()["code"] == "no_mail"
