"""Known weaknesses of other support systems, each as a story that must not happen here."""

from __future__ import annotations

import threading
from pathlib import Path

from fastapi.testclient import TestClient

from bot import estonian
from bot.runtime import RasaBot
from bot.understanding import FaqEntry, Incoming
from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability, TeamMemberRow, TeamRow
from handoff.conversations import agents, offers, service
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.errors import AlreadyTaken
from handoff.schedule import people_available
from tests.handoff import talk
from tests.handoff.talk import be_here, change

RENAMED = FaqEntry(id="kassitoit", question="Kas teil on kassitoitu?", answer="Jah, kassitoit on meil **alati olemas**.")


def trained_at(models: Path) -> list[int]:
    return [path.stat().st_mtime_ns for path in sorted(models.glob("*.tar.gz"))]


async def test_escalation_does_not_hang_on_a_sentence(real_bot: RasaBot) -> None:
    unheard = [
        "mulle aitab sellest jutust, kutsuge keegi oma inimestest siia",
        "äkki mõni neiu või noormees teie majast vastaks",
        "soovin teie töötajaga suhelda",
    ]

    turns = [await real_bot.reply((), Incoming(conversation_id=f"c{i}", message_id="m", text=text)) for i, text in enumerate(unheard)]

    granted = [turn.handoff is not None or any(button.payload == "/ask_human" for reply in turn.replies for button in reply.buttons) for turn in turns]
    assert granted == [True, True, True]


def test_two_agents_never_take_the_same_chat(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def grab(agent: Holder) -> None:
        ready.wait()
        try:
            agents.claim(database, mari.conversation_id, agent)
            outcomes.append("won")
        except AlreadyTaken as refused:
            outcomes.append(f"told that {refused.holder} has it")

    racers = [threading.Thread(target=grab, args=(agent,)) for agent in (jaan, kadri)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    winner = talk.row(database, mari.conversation_id).agent_id
    assert sorted(outcomes) == sorted(["won", f"told that {'Jaan' if winner == jaan.id else 'Kadri'} has it"])


def test_a_chat_does_not_die_on_a_page_change(client: TestClient, database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "esimesel lehel kirjutatud")

    seen = client.get(f"/api/widget/conversations/{mari.conversation_id}/events?after=0", headers={"Authorization": f"Bearer {mari.secret}"}).json()

    assert "esimesel lehel kirjutatud" in [event["body"].get("text") for event in seen["events"]]


def test_a_person_is_not_offered_when_none_is_there(database: Database, people: dict[str, str]) -> None:
    accounts.set_availability(database, people["jaan"], Availability.AWAY)
    assert not people_available(database)

    accounts.set_availability(database, people["jaan"], Availability.AVAILABLE)
    assert people_available(database)


async def test_the_bot_promises_nobody_when_nobody_is_there(real_bot: RasaBot) -> None:
    turn = await real_bot.reply((), Incoming(conversation_id="c", message_id="m", text="tahan inimesega rääkida", people_available=False))

    assert turn.handoff is None
    assert turn.replies
    assert not any(button.payload == "/ask_human" for reply in turn.replies for button in reply.buttons)


async def test_an_edit_needs_no_training(real_bot: RasaBot, trained_model: Path, starter_entries: list[FaqEntry]) -> None:
    before = trained_at(trained_model)
    await real_bot.replace_entries([*starter_entries, RENAMED], revision=real_bot.revision + 1)
    try:
        turn = await real_bot.reply((), Incoming(conversation_id="c", message_id="m", text="kas teil kassitoitu on"))
    finally:
        await real_bot.replace_entries(starter_entries, revision=real_bot.revision + 1)

    assert [reply.entry_id for reply in turn.replies] == ["kassitoit"]
    assert trained_at(trained_model) == before


def test_words_are_understood_as_estonian_and_not_as_strings() -> None:
    assert "pakiautomaat" in estonian.analyse("pakiautomaatidesse").lemmas
    assert {"paki", "automaat"} & set(estonian.analyse("pakiautomaati").tokens[0].word.parts)


def test_the_customer_can_go_back_from_the_queue_to_the_bot(database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)

    service.back_to_bot(database, mari.conversation_id)

    assert talk.row(database, mari.conversation_id).state == "bot"


def test_the_place_in_the_queue_is_true_and_moves_on(client: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    accounts.set_availability(database, jaan.id, Availability.AVAILABLE)
    before = service.start(database, greeting="Tere!").conversation_id
    talk.wait_for_person(database, before)
    talk.wait_for_person(database, mari.conversation_id)

    def standing() -> dict[str, object]:
        url = f"/api/widget/conversations/{mari.conversation_id}/events?after=0"
        state: dict[str, object] = client.get(url, headers={"Authorization": f"Bearer {mari.secret}"}).json()["state"]
        return state

    assert standing()["place"] == 2
    assert standing()["waiting"]
    agents.claim(database, before, jaan)
    assert standing()["place"] == 1


def test_a_waiting_conversation_is_offered_to_the_least_busy_agent(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    with database.write() as session:
        team = TeamRow(name="Arved", accept_seconds=30)
        session.add(team)
        session.flush()
        session.add_all(TeamMemberRow(team_id=team.id, agent_id=one.id) for one in (jaan, kadri))
        team_id = team.id
    be_here(database, jaan, kadri)
    talk.go_live(database, service.start(database, greeting="Tere!").conversation_id, jaan)
    talk.wait_for_person(database, mari.conversation_id)
    change(database, mari.conversation_id, team_id=team_id)

    offers.go_on(database)

    assert talk.row(database, mari.conversation_id).offered_to == kadri.id
