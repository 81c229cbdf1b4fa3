"""A code to the address on file: typed into the chat it verifies, is never kept, and can be neither guessed nor used twice."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

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
from handoff.outbox import OutboxRow
from handoff.settings import Settings, read_settings
from tests.handoff import talk
from tests.handoff.coded import ADDRESS, mari_is_at, other_than, send
from tests.handoff.post import outbox

pytestmark = pytest.mark.both_databases


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
    assert await outbox(database, Mailer("smtp://localhost:9", sender="tugi@kodukaup.example", name="Kodukaup")).deliver_one()
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
