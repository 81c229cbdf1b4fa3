"""The five mistakes of customer support, each as a story that must not happen here.

Slow answers, too much automation, too little of the personal touch, confusing channels, no feedback.
"""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from bot.runtime import RasaBot
from bot.understanding import Incoming, Reply
from handoff.conversations import agents, service, store, surveys, tickets
from handoff.conversations.agents import Holder
from handoff.conversations.queue import items
from handoff.conversations.service import Started
from handoff.database import Database, now
from handoff.services import Services
from tests.handoff import talk

WISHES = [
    "tahan inimesega rääkida",
    "kas siin mõni päris inimene ka on",
    "operaator palun",
    "andke mulle keegi, kes päriselt aru saab",
    "ühendage mind teenindajaga",
    "I want to talk to a real person",
    "позовите живого человека",
    "ma ei taha masinaga rääkida",
    "helistage mulle palun",
    "kas saaks konsultandiga vestelda",
]


def incoming(text: str, *, number: int = 0, people: bool = True) -> Incoming:
    return Incoming(conversation_id="bar", message_id=f"m{number}", text=text, people_available=people)


async def said(bot: RasaBot, *texts: str, people: bool = True) -> list[tuple[Reply, ...]]:
    """What the bot says to these messages, one after the other, in one conversation."""
    history: list[object] = []
    turns = []
    for number, text in enumerate(texts):
        turn = await bot.reply(history, incoming(text, number=number, people=people))  # type: ignore[arg-type]
        history += turn.tracker_events
        turns.append(turn.replies)
    return turns


# Slow answers


def test_an_answer_that_takes_too_long_becomes_the_offer_of_a_person(services: Services, client: TestClient, database: Database, mari: Started) -> None:
    service.say(database, mari.conversation_id, client_id="m1", text="aeglane küsimus")
    assert client.portal is not None

    async def pay() -> None:
        services.payer.owe(mari.conversation_id)
        await services.payer.settle()

    client.portal.call(pay)

    with database.read() as session:
        last = store.events_after(session, mari.conversation_id, 0)[-1]
    assert last.actor == "bot"
    assert last.body["text"].startswith("Vabandust, minu vastus viibib")


# Too much automation


@pytest.mark.parametrize("wish", WISHES)
async def test_a_wish_for_a_person_in_any_words_is_granted_at_once(real_bot: RasaBot, wish: str) -> None:
    turn = await real_bot.reply((), incoming(wish))

    assert turn.handoff is not None


async def test_the_bot_never_says_twice_in_a_row_that_it_did_not_understand(real_bot: RasaBot) -> None:
    first, second = await said(real_bot, "asdf ghjkl", "qwrtz plkmn xcv")

    assert first[0].text != second[0].text
    assert any(button.payload == "/ask_human" for button in second[-1].buttons)


async def test_not_knowing_always_comes_with_a_way_to_a_person(real_bot: RasaBot) -> None:
    (replies,) = await said(real_bot, "kas te müüte ka lennupileteid Marsile")

    assert any(button.payload == "/ask_human" for button in replies[-1].buttons)


# Too little of the personal touch


def test_the_customer_sees_the_name_of_the_person_who_helps(client: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="j1", text="Tere, Mari!")

    seen = client.get(f"/api/widget/conversations/{mari.conversation_id}/events?after=0", headers={"Authorization": f"Bearer {mari.secret}"}).json()
    assert [event["body"]["name"] for event in seen["events"] if event["actor"] == "agent"] == ["Jaan", "Jaan"]


def test_the_person_does_not_have_to_ask_again(database: Database, mari: Started, jaan: Holder) -> None:
    talk.say(database, mari.conversation_id, "Tellimus 48213 ei ole jõudnud")
    talk.wait_for_person(database, mari.conversation_id)

    agents.claim(database, mari.conversation_id, jaan)

    assert "Tellimus 48213 ei ole jõudnud" in talk.texts(database, mari.conversation_id, "customer")
    assert talk.handoffs_of(database, mari.conversation_id)[0].request["messages"]


async def test_an_angry_complaint_is_met_calmly_and_goes_to_a_person_without_an_argument(real_bot: RasaBot) -> None:
    turn = await real_bot.reply((), incoming("Kolmas kord järjest on vale asi pakis, see on täielik häbi, nõuan raha tagasi!"))

    assert turn.handoff is not None
    assert turn.handoff["reason"] == "complaint"
    assert len(turn.replies) <= 2


# Confusing channels


def test_chat_letter_and_call_back_wait_in_one_queue(database: Database, mari: Started, jaan: Holder) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    tickets.open_ticket(database, channel="email", text="Kuhu arve jäi?", email="mari@naide.ee")
    tickets.open_ticket(database, channel="callback", text="Helistage palun", phone="+372 5555 1234")

    waiting = items(database, "waiting", jaan.id)

    assert len(waiting) == 3


# No feedback


def test_every_answer_can_be_rated(services: Services, client: TestClient, database: Database, mari: Started) -> None:
    service.say(database, mari.conversation_id, client_id="m1", text="kuidas kaupa tagastada?")

    async def pay() -> None:
        services.payer.owe(mari.conversation_id)
        await services.payer.settle()

    assert client.portal is not None
    client.portal.call(pay)
    with database.read() as session:
        answer = next(event for event in store.events_after(session, mari.conversation_id, 0) if event.body.get("entry_id"))

    service.rate(database, mari.conversation_id, number=answer.number, helpful=True)


def test_the_customer_is_asked_once_after_the_conversation(client: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    talk.change(database, mari.conversation_id, survey_at=now())
    assert surveys.ask_due(database) == [mari.conversation_id]
    question = talk.events(database, mari.conversation_id)[-1]
    tap = {"client_id": "hinne-00001", "choice": {"number": question.number, "button": 4}}

    url = f"/api/widget/conversations/{mari.conversation_id}/messages"
    assert client.post(url, json=tap, headers={"Authorization": f"Bearer {mari.secret}"}).is_success

    with database.read() as session:
        assert [answer.score for answer in surveys.answered(session, question.at, now())] == [5]
    assert surveys.ask_due(database) == []
