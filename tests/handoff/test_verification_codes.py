"""A code to the address on file: typed into the chat it verifies, is never kept, and can be neither guessed nor used twice."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select, update

from bot.understanding import FaqEntry
from handoff.app import create_app
from handoff.conversations import codes, erasure, service, tickets, verification
from handoff.conversations.agents import Holder
from handoff.conversations.events import for_customer
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow, EventRow, VerificationCodeRow
from handoff.conversations.verification import How, verified
from handoff.database import Database, now
from handoff.errors import MoveRefused, TooMany, Unreadable
from handoff.letters import Letters
from handoff.mail import Mailer
from handoff.outbox import Outbox, OutboxRow
from handoff.services import Services
from handoff.settings import Settings, read_settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at, wait

pytestmark = pytest.mark.both_databases

ADDRESS = "mari@naide.ee"
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


def mari_is_at(database: Database, mari: Started, *, later: bool = True, email: str | None = ADDRESS) -> None:
    """Her address stands on the conversation, which began after (or before) the other one."""
    with database.write() as session:
        moment = now() + timedelta(seconds=1 if later else -3600)
        session.execute(update(ConversationRow).where(ConversationRow.id == mari.conversation_id).values(email=email, created_at=moment))


def send(database: Database, mari: Started, letters: Letters, cause: str = "proov-0001", **more: Any) -> str:
    """Send a code; gives it, as it stands in the letter."""
    codes.send(database, mari.conversation_id, cause=cause, write=letters.code, **more)
    return code_in_letter(database)


def code_in_letter(database: Database) -> str:
    with database.read() as session:
        letter = session.scalars(select(OutboxRow).order_by(OutboxRow.made_at.desc())).first()
    assert letter is not None
    found = re.search(r"\d{3} \d{3}", letter.payload["text"])
    assert found is not None
    return found.group()


def other_than(code: str) -> str:
    return f"{(int(code.replace(' ', '')) + 1) % 1_000_000:06}"


def how(database: Database, mari: Started) -> How | None:
    return verification.standing(talk.row(database, mari.conversation_id))


@pytest.mark.parametrize("said", ["{}", "kood on {}", "{}.", "see: {}", "Sain kirjast koodi {}, kas sobib?", "Вот код: {}"])
def test_the_code_to_an_address_on_file_verifies_and_is_not_kept(database: Database, mari: Started, letters: Letters, known: None, said: str) -> None:
    mari_is_at(database, mari)
    code = send(database, mari, letters)
    kept = service.say(database, mari.conversation_id, client_id="kood-0001", text=said.format(code))
    assert how(database, mari) is How.CODE
    assert not kept.owed  # nothing waited for it, so the bot has nothing to say
    with database.read() as session:
        everything = [str(event.body) + str(event.hidden) for event in session.scalars(select(EventRow))] + [
            row.code_hash + row.address_hash for row in session.scalars(select(VerificationCodeRow))
        ]
    assert code not in "".join(everything)
    assert code.replace(" ", "") not in "".join(everything)
    told = [view["kind"] for event in talk.events(database, mari.conversation_id) if (view := for_customer(event))]
    assert told[-2:] == ["message", "verified"]
    assert talk.texts(database, mari.conversation_id, "customer") == [said.format(codes.HIDDEN)]


def test_a_code_to_an_address_that_was_typed_here_proves_the_address_alone(database: Database, mari: Started, letters: Letters) -> None:
    mari_is_at(database, mari)
    talk.say(database, mari.conversation_id, send(database, mari, letters))
    assert how(database, mari) is How.ADDRESS
    assert not verified(talk.row(database, mari.conversation_id))


def test_an_address_in_a_later_conversation_is_not_on_file(database: Database, mari: Started, letters: Letters, known: None) -> None:
    mari_is_at(database, mari, later=False)
    talk.say(database, mari.conversation_id, send(database, mari, letters))
    assert how(database, mari) is How.ADDRESS


def test_an_address_that_the_site_signed_is_on_file(database: Database, mari: Started, letters: Letters) -> None:
    mari_is_at(database, mari)
    with database.write() as session:
        session.execute(update(ConversationRow).values(email_signed=True))
    talk.say(database, mari.conversation_id, send(database, mari, letters))
    assert how(database, mari) is How.CODE


def test_five_wrong_tries_end_it_and_then_the_right_one_is_too_late(database: Database, mari: Started, letters: Letters, known: None, jaan: Holder) -> None:
    mari_is_at(database, mari)
    talk.go_live(database, mari.conversation_id, jaan)
    code = send(database, mari, letters)
    for _ in range(codes.TRIES):
        talk.say(database, mari.conversation_id, other_than(code))
    talk.say(database, mari.conversation_id, code)
    assert how(database, mari) is None
    events = [(event.kind, event.body.get("left")) for event in talk.events(database, mari.conversation_id) if event.kind.startswith("code_")]
    assert events == [("code_wrong", 4), ("code_wrong", 3), ("code_wrong", 2), ("code_wrong", 1), ("code_over", None), ("code_over", None)]
    assert code not in str(talk.texts(database, mari.conversation_id, "customer"))


def test_a_code_is_over_after_ten_minutes_and_later_six_digits_are_a_number(database: Database, mari: Started, letters: Letters, known: None) -> None:
    mari_is_at(database, mari)
    code = send(database, mari, letters)
    for age, kept in ((codes.LIVES, codes.HIDDEN), (codes.REMEMBERED, code)):
        with database.write() as session:
            session.execute(update(VerificationCodeRow).values(sent_at=now() - age - timedelta(seconds=1)))
        talk.say(database, mari.conversation_id, code)
        assert talk.texts(database, mari.conversation_id, "customer")[-1] == kept
    assert how(database, mari) is None


def test_a_used_code_and_one_that_a_newer_has_replaced_open_nothing(database: Database, mari: Started, letters: Letters, known: None, jaan: Holder) -> None:
    mari_is_at(database, mari)
    talk.go_live(database, mari.conversation_id, jaan)
    first = send(database, mari, letters)
    second = send(database, mari, letters, cause="proov-0002")
    if first != second:
        talk.say(database, mari.conversation_id, first)
        assert how(database, mari) is None
    talk.say(database, mari.conversation_id, second)
    assert how(database, mari) is How.CODE
    verification.take_back(database, mari.conversation_id, jaan)
    talk.say(database, mari.conversation_id, second)
    assert how(database, mari) is None


def test_a_code_for_the_address_before_does_not_verify_the_one_after(database: Database, mari: Started, letters: Letters, known: None) -> None:
    mari_is_at(database, mari)
    code = send(database, mari, letters)
    mari_is_at(database, mari, email="keegi.teine@naide.ee")
    talk.say(database, mari.conversation_id, code)
    assert how(database, mari) is None


@pytest.mark.parametrize("text", ["Minu tellimuse number on 123456, kus see on?", "tellimus 123456", "5123456", "Kas 12345?", "Tere"])
def test_other_words_are_no_try_and_stay_as_they_are(database: Database, mari: Started, letters: Letters, text: str) -> None:
    mari_is_at(database, mari)
    send(database, mari, letters)
    talk.say(database, mari.conversation_id, text)
    assert talk.texts(database, mari.conversation_id, "customer") == [text]
    with database.read() as session:
        assert session.scalars(select(VerificationCodeRow.tries_left)).all() == [codes.TRIES]


def test_six_digits_are_a_number_where_no_code_is_awaited(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "123456")
    assert talk.texts(database, mari.conversation_id, "customer") == ["123456"]


def test_a_repeated_message_is_one_try_and_a_repeated_wish_one_letter(database: Database, mari: Started, letters: Letters, known: None) -> None:
    mari_is_at(database, mari)
    code = send(database, mari, letters)
    assert send(database, mari, letters) == code
    for _ in range(2):
        service.say(database, mari.conversation_id, client_id="sama-0001", text=other_than(code))
    with database.read() as session:
        assert session.scalars(select(VerificationCodeRow.tries_left)).all() == [codes.TRIES - 1]
        assert len(session.scalars(select(OutboxRow)).all()) == 1


def test_nobodys_mailbox_is_filled(database: Database, mari: Started, letters: Letters) -> None:
    mari_is_at(database, mari)
    for number in range(codes.MOST_HOURLY):
        send(database, mari, letters, cause=f"proov-{number}")
    with pytest.raises(TooMany):
        send(database, mari, letters, cause="proov-palju")
    other = service.start(database, greeting="Tere!")
    mari_is_at(database, other)
    for number in range(codes.MOST_DAILY - codes.MOST_HOURLY):
        send(database, other, letters, cause=f"teine-{number}")
    third = service.start(database, greeting="Tere!")
    mari_is_at(database, third, email=ADDRESS.upper())
    with pytest.raises(TooMany):
        send(database, third, letters, cause="kolmas")


def test_without_an_address_there_is_nothing_to_send_to(database: Database, mari: Started, letters: Letters, jaan: Holder) -> None:
    with pytest.raises(Unreadable) as refusal:
        send(database, mari, letters)
    assert refusal.value.code == "no_address"
    with pytest.raises(MoveRefused):
        send(database, mari, letters, agent=jaan)


async def test_a_letter_that_comes_too_late_is_not_sent(database: Database, mari: Started, letters: Letters) -> None:
    mari_is_at(database, mari)
    send(database, mari, letters)
    with database.write() as session:
        row = session.scalars(select(OutboxRow)).one()
        row.payload = {**row.payload, "until": (now() - timedelta(seconds=1)).isoformat()}
    assert await Outbox(database, secret="", mailer=Mailer("smtp://localhost:9", sender="tugi@kodukaup.example", name="Kodukaup")).deliver_one()
    with database.read() as session:
        row = session.scalars(select(OutboxRow)).one()
        assert (row.dead_at is not None, row.payload) == (True, {})


def test_the_copy_names_the_codes_and_erasure_forgets_them(database: Database, mari: Started, letters: Letters, shelf: Shelf) -> None:
    mari_is_at(database, mari)
    send(database, mari, letters)
    assert erasure.export(database, mari.conversation_id)["codes"][0]["on_file"] is False
    erasure.erase(database, shelf, mari.conversation_id)
    with database.read() as session:
        assert session.scalars(select(VerificationCodeRow)).all() == []
        assert session.scalars(select(OutboxRow)).one().payload == {}


# The whole way: the bot keeps the answer back, sends the code, takes it and answers.


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


def test_two_tries_at_once_are_two(database: Database, mari: Started, letters: Letters, known: None) -> None:
    mari_is_at(database, mari)
    code = send(database, mari, letters)

    async def both() -> None:
        await asyncio.gather(*(asyncio.to_thread(talk.say, database, mari.conversation_id, other_than(code)) for _ in range(2)))

    asyncio.run(both())
    with database.read() as session:
        assert session.scalars(select(VerificationCodeRow.tries_left)).all() == [codes.TRIES - 2]


def test_the_letter_says_the_code_once_and_large(mari: Started, letters: Letters) -> None:
    for language, words in (("et", "Teie kood on"), ("en", "Your code is"), ("ru", "Ваш код")):
        letter = letters.code(ConversationRow(id="v", email=ADDRESS, language=language), "123456")
        assert "123 456" in letter.subject
        assert words in letter.text
        assert "123 456" in letter.html
        json.dumps(letter.as_payload())
