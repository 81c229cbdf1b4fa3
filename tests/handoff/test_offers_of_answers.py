"""Answers of the FAQ that an agent is offered for what the customer asked last."""

from __future__ import annotations

import asyncio

import pytest
from fastapi.testclient import TestClient

from bot.understanding import BotUnavailable, Language, Reading
from handoff.console.writing import asks_for_data, data_page
from handoff.conversations import agents, service
from handoff.conversations.agents import Holder
from handoff.conversations.asked import asked
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at, wait


def test_the_likeliest_answers_come_with_their_words_ready_to_send(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari, text="Kuidas kaupa tagastada?")
    (offer,) = desk.get(at(mari, "/offers")).json()
    assert offer["entry_id"] == "kuidas-tagastada"
    assert offer["question"] == "Kuidas kaupa tagastada?"
    assert offer["text"] == "Tooge kaup 14 päeva jooksul poodi tagasi."  # as a person would type it
    assert (offer["probability"], offer["shown"]) == (1.0, False)


def test_thanks_after_a_question_do_not_hide_it(desk: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    wait(database, mari, text="Millal pakk jõuab?")
    agents.claim(database, mari.conversation_id, jaan)
    service.say(database, mari.conversation_id, client_id="mari-0002", text="aitäh, ootan")
    assert [offer["entry_id"] for offer in desk.get(at(mari, "/offers")).json()] == ["millal-pakk-jouab"]
    service.say(database, mari.conversation_id, client_id="mari-0003", text="Kuidas kaupa tagastada?")
    assert [offer["entry_id"] for offer in desk.get(at(mari, "/offers")).json()] == ["kuidas-tagastada"]


def test_an_answer_is_offered_in_the_customers_language(desk: TestClient, services: Services, database: Database, mari: Started) -> None:
    content = services.entries.get("kuidas-tagastada").content | {"translations": {"en": {"question": "How to return?", "answer": "Bring it back."}}}
    services.entries.save("kuidas-tagastada", topic="tagastamine", content=content, publish=True, by=None, base_revision=1)
    wait(database, mari, text="Kuidas kaupa tagastada?")
    service.speak(database, mari.conversation_id, "en")
    (offer,) = desk.get(at(mari, "/offers")).json()
    assert (offer["question"], offer["text"]) == ("How to return?", "Bring it back.")


def test_what_was_taken_out_of_the_answers_is_not_offered(desk: TestClient, services: Services, database: Database, mari: Started) -> None:
    wait(database, mari, text="Kuidas kaupa tagastada?")
    services.entries.archive("kuidas-tagastada", by=None)
    assert desk.get(at(mari, "/offers")).json() == []


def test_nothing_is_offered_for_what_nobody_has_an_answer_to_nor_before_a_word_is_said(desk: TestClient, database: Database, mari: Started) -> None:
    assert desk.get(at(mari, "/offers")).json() == []
    wait(database, mari, text="papagoi")
    assert desk.get(at(mari, "/offers")).json() == []


def test_while_the_bot_is_not_there_the_agent_writes_alone(desk: TestClient, bot: FakeBot, database: Database, mari: Started) -> None:
    wait(database, mari, text="Kuidas kaupa tagastada?")

    async def fails(text: str, *, language: Language | None = None) -> Reading:
        raise BotUnavailable("not started")

    bot.ask = fails  # type: ignore[method-assign]
    answer = desk.get(at(mari, "/offers"))
    assert (answer.status_code, answer.json()) == (200, [])


def test_to_who_asks_for_their_own_data_the_way_to_its_page_is_offered_first(
    services: Services, bot: FakeBot, database: Database, mari: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def understood(text: str, *, language: Language | None = None) -> Reading:
        return Reading(text, "et", "flow", "my_data", 0.9, (), "")

    monkeypatch.setattr(bot, "ask", understood)
    wait(database, mari, text="kustutage kõik, mis teil minu kohta on")
    question = asked(database, mari.conversation_id)
    assert asyncio.run(asks_for_data(bot, question))
    offer = data_page(services, question)
    assert (offer.entry_id, offer.probability) == (None, None)
    assert f"{services.settings.public_url}/privacy/request?lang=et" in offer.text


def test_offers_are_for_agents(log_in: LogIn, mari: Started) -> None:
    assert log_in("liis").get(at(mari, "/offers")).status_code == 403
    assert log_in("jaan").get("/api/desk/conversations/olematu/offers").status_code == 404


def test_an_answer_for_verified_customers_is_offered_without_its_words(desk: TestClient, services: Services, database: Database, mari: Started) -> None:
    content = services.entries.get("kuidas-tagastada").content | {"needs_identity": True}
    services.entries.save("kuidas-tagastada", topic="tagastamine", content=content, publish=True, by=None, base_revision=1)
    wait(database, mari, text="Kuidas kaupa tagastada?")
    assert [offer["text"] for offer in desk.get(at(mari, "/offers")).json()] == [""]
