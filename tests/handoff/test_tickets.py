"""Matters for later: the contact form and the wish to be called back."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from bot.understanding import LANGUAGES, Language
from handoff.conversations import agents, service, tickets, turns
from handoff.conversations.agents import Holder
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.errors import NotFound, Unreadable
from tests.handoff import talk

pytestmark = pytest.mark.both_databases

GOOD = {"/contact": "mari@naide.ee", "/callback": "5555 1234"}
BAD = {"/contact": "mari kodus", "/callback": "number"}
PATHS = sorted(GOOD)


def _tickets(database: Database) -> list[ConversationRow]:
    with database.read() as session:
        return list(session.scalars(select(ConversationRow)))


def test_a_ticket_waits_with_its_question_and_no_answer_of_the_bot(database: Database) -> None:
    ticket = tickets.open_ticket(database, channel="email", text="Kus mu šokolaad on?", email="mari@naide.ee", name="Mari")
    row = talk.row(database, ticket)
    assert (row.state, row.channel, row.reason, row.email, row.name) == ("ticket", "email", "contact_left", "mari@naide.ee", "Mari")
    assert talk.kinds(database, ticket) == ["message", "contact_left"]
    assert turns.unpaid(database) == []


def test_an_agent_takes_a_ticket(database: Database, jaan: Holder) -> None:
    ticket = tickets.open_ticket(database, channel="callback", text="Arve", phone="+372 5555 1234")
    agents.claim(database, ticket, jaan)
    assert (talk.row(database, ticket).state, talk.row(database, ticket).agent_id) == ("live", jaan.id)


def test_no_visitor_opens_a_ticket_by_its_id(database: Database) -> None:
    ticket = tickets.open_ticket(database, channel="email", text="Arve", email="mari@naide.ee")
    with pytest.raises(NotFound):
        service.authorise(database, ticket, "-")


def test_a_ticket_without_words_is_refused_and_leaves_nothing(database: Database) -> None:
    with pytest.raises(Unreadable):
        tickets.open_ticket(database, channel="email", text=" ", email="mari@naide.ee")
    assert _tickets(database) == []


@pytest.mark.parametrize(("written", "kept"), [(" Mari@NAIDE.ee ", "Mari@naide.ee"), ("mari+pood@naide.ee", "mari+pood@naide.ee")])
def test_an_address_is_kept_in_its_usual_form(written: str, kept: str) -> None:
    assert tickets.checked_email(written) == kept


@pytest.mark.parametrize("written", ["", "mari", "mari@", "@naide.ee", "mari@naide", "mari@naide.ee\nBcc: peeter@naide.ee", "a b@naide.ee"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        tickets.checked_email(written)
    assert (refusal.value.code, refusal.value.field) == ("bad_email", "email")


@pytest.mark.parametrize("written", ["5555 1234", "+372 5555 1234", "00372 55551234", "55-55-12-34"])
def test_a_number_is_kept_in_international_form(written: str) -> None:
    assert tickets.checked_phone(written) == "+372 5555 1234"


@pytest.mark.parametrize("written", ["", "number", "12", "+999 123456789", "5555 1234 5555 1234 5555"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        tickets.checked_phone(written)
    assert (refusal.value.code, refusal.value.field) == ("bad_phone", "phone")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_the_form_is_there_in_every_language(quiet: TestClient, path: str, language: Language) -> None:
    page = quiet.get(path, params={"lang": language})
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    assert "[?" not in page.text


@pytest.mark.parametrize("path", PATHS)
def test_a_sent_form_is_a_ticket_in_the_customers_language(client: TestClient, database: Database, path: str) -> None:
    page = client.post(path, params={"lang": "ru"}, data={"contact": GOOD[path], "text": "Где моя посылка?", "name": " Mari "})
    assert page.status_code == 200
    assert "[?" not in page.text
    (ticket,) = _tickets(database)
    assert (ticket.state, ticket.language, ticket.name) == ("ticket", "ru", "Mari")
    assert talk.texts(database, ticket.id, "customer") == ["Где моя посылка?"]
    assert (ticket.email or ticket.phone) in page.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_a_bad_contact_gets_the_form_again_with_what_was_typed(quiet: TestClient, path: str, language: Language) -> None:
    page = quiet.post(path, params={"lang": language}, data={"contact": BAD[path], "text": "Kus mu öötööpluus on?", "name": "Mari"})
    assert page.status_code == 422
    assert "[?" not in page.text
    assert 'aria-invalid="true"' in page.text
    for typed in (BAD[path], "Kus mu öötööpluus on?", "Mari"):
        assert typed in page.text


@pytest.mark.parametrize("text", ["", "  ", "õ" * 10_000, "\x00\x01\x02\x03"])
@pytest.mark.parametrize("path", PATHS)
def test_a_bad_text_gets_the_form_again_saying_why(quiet: TestClient, path: str, text: str) -> None:
    page = quiet.post(path, data={"contact": GOOD[path], "text": text})
    assert page.status_code == 422
    assert 'class="error" id="text-error"' in page.text
    assert "[?" not in page.text


@pytest.mark.parametrize("field", ["contact", "text", "name"])
def test_far_too_much_still_gets_the_form_and_not_a_page_for_programs(client: TestClient, field: str) -> None:
    page = client.post("/contact", data={"contact": GOOD["/contact"], "text": "Tere", "name": "Mari"} | {field: "õ" * 30_000})
    assert "text/html" in page.headers["content-type"]
    assert page.status_code in (200, 422)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_typed_is_never_markup(quiet: TestClient, path: str) -> None:
    page = quiet.post(path, data={"contact": '"><script>alert(1)</script>', "text": "</textarea><script>alert(2)</script>", "name": "<b>Mari</b>"})
    assert "<script>alert" not in page.text
    assert "<b>Mari" not in page.text
