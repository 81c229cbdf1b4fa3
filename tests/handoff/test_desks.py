"""Another desk instead of ours: nothing is lost and nothing doubled, whatever that desk does meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as playing
from hypothesis import strategies as st
from sqlalchemy import select, update

from handoff.contract import HandoffRequest
from handoff.conversations import agents, elsewhere, erasure, sent_elsewhere, service, store, their_moves, turns
from handoff.conversations.agents import Holder
from handoff.conversations.elsewhere import Rule
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.database import Database, now
from handoff.desks.chatwoot import Chatwoot, Place
from handoff.errors import NotFound
from handoff.outbox import Outbox, OutboxRow
from tests.handoff import talk
from tests.handoff.chatwoot import TOKEN, FakeChatwoot, Trouble, running
from tests.handoff.receiver import Receiver

pytestmark = pytest.mark.both_databases
SECRET = "töölaua-saladus"


@pytest.fixture
def chatwoot() -> Iterator[FakeChatwoot]:
    with running() as made:
        yield made
        assert made.wrong == [], "not as Chatwoot's description has it"


@pytest.fixture
def theirs(database: Database, chatwoot: FakeChatwoot, shelf: Shelf) -> Outbox:
    """Conversations go to Chatwoot."""
    elsewhere.keep_rule(database, Rule(elsewhere.CHATWOOT, chatwoot.url, "Kodukaup"))
    way = Chatwoot(database, Signals(), Place(chatwoot.url, TOKEN, 3, 5), shelf)
    return Outbox(database, secret="", ways={elsewhere.CHATWOOT: way})


async def deliver(database: Database, sends: Outbox) -> None:
    """All that is due by now, or later."""
    with database.write() as session:
        session.execute(update(OutboxRow).values(next_at=now() - timedelta(seconds=1)))
    while await sends.deliver_one():
        pass


async def come_in(database: Database, told: dict[str, Any]) -> None:
    """A webhook of Chatwoot, past its signature."""
    if told["event"] == "message_created" and not told["private"]:
        conversation_id = elsewhere.conversation_of(database, told["conversation"]["id"])
        assert conversation_id
        their_moves.speak(database, conversation_id, key=f"chatwoot:{told['id']}", text=told["content"], name=told["sender"]["name"])


async def test_a_handoff_becomes_a_conversation_there_with_its_history_and_a_note_of_what_the_bot_knows(
    database: Database, theirs: Outbox, chatwoot: FakeChatwoot, mari: Started
) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    await deliver(database, theirs)
    ((number, made),) = chatwoot.talks.items()
    assert (made["status"], made["custom_attributes"]) == ("open", {"abiline": mari.conversation_id})
    history, known = chatwoot.said(number, private=True)
    assert "Klient: Tahan inimesega rääkida" in history
    assert "Põhjus: küsis inimest" in known
    assert chatwoot.said(number, private=False) == ["Tahan inimesega rääkida"]
    talk.say(database, mari.conversation_id, "Tellimus on 12345")
    talk.say(database, mari.conversation_id, "Kas olete seal?")
    await deliver(database, theirs)
    assert chatwoot.said(number, kind=0) == ["Tahan inimesega rääkida", "Tellimus on 12345", "Kas olete seal?"]


async def test_its_people_answer_here_and_what_they_resolve_goes_back_to_the_bot(
    database: Database, theirs: Outbox, chatwoot: FakeChatwoot, mari: Started
) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    await deliver(database, theirs)
    for _ in range(2):
        await come_in(database, chatwoot.reply(1, "Tere, Mari!") | {"id": 5})
    assert talk.texts(database, mari.conversation_id, "agent") == ["Tere, Mari!"]
    assert talk.row(database, mari.conversation_id).state == "live"
    assert [event.body["name"] for event in talk.events(database, mari.conversation_id) if event.actor == "agent"] == ["Piret", "Piret"]
    talk.say(database, mari.conversation_id, "Aitäh!")
    chatwoot.resolve(1)
    look(database, mari.conversation_id, "a")
    await deliver(database, theirs)
    assert chatwoot.said(1, kind=0)[-1] == "Aitäh!"
    assert (talk.row(database, mari.conversation_id).state, talk.tracker(database, mari.conversation_id)[-1]) == ("bot", "resume")


async def test_a_word_of_resolving_that_comes_late_ends_nothing_new(database: Database, theirs: Outbox, chatwoot: FakeChatwoot, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    await deliver(database, theirs)
    chatwoot.resolve(1)
    look(database, mari.conversation_id, "a")
    await deliver(database, theirs)
    talk.wait_for_person(database, mari.conversation_id)
    look(database, mari.conversation_id, "the same word again")
    await deliver(database, theirs)
    assert (talk.row(database, mari.conversation_id).state, chatwoot.talks[1]["status"]) == ("waiting", "open")
    assert len(chatwoot.talks) == 1, "it goes on in the same conversation"


def look(database: Database, conversation_id: str, key: str) -> None:
    with database.write() as session:
        elsewhere.owe_look(session, store.conversation(session, conversation_id, lock=True), key)


@pytest.mark.parametrize("trouble", ["refuses", "forgets", "hangs up"])
async def test_an_hour_of_trouble_loses_nothing_and_doubles_nothing(
    database: Database, theirs: Outbox, chatwoot: FakeChatwoot, mari: Started, trouble: Trouble
) -> None:
    chatwoot.trouble = trouble
    talk.wait_for_person(database, mari.conversation_id)
    for text in ("Esimene", "Teine"):
        talk.say(database, mari.conversation_id, text)
        for _ in range(6):
            await deliver(database, theirs)
    chatwoot.trouble = ""
    for _ in range(3):
        await deliver(database, theirs)
    assert (len(chatwoot.contacts), len(chatwoot.talks)) == (1, 1)
    assert chatwoot.said(1, private=False) == ["Tahan inimesega rääkida", "Esimene", "Teine"]
    assert len(chatwoot.said(1, private=True)) == 2
    with database.read() as session:
        assert session.scalars(select(OutboxRow).where(OutboxRow.delivered_at.is_(None))).all() == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.just("")),
        st.tuples(st.just("answers"), st.just("")),
        st.tuples(st.just("repeats"), st.sampled_from(["first", "last"])),
        st.tuples(st.just("delivers"), st.sampled_from(["", "refuses", "forgets", "hangs up"])),
    ),
    max_size=12,
)


@playing(max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_fails_repeats_or_comes_late_each_word_is_on_both_sides_once(
    database: Database, theirs: Outbox, chatwoot: FakeChatwoot, steps: list[tuple[str, Any]]
) -> None:
    mari = service.start(database, greeting="Tere!").conversation_id
    talk.wait_for_person(database, mari)
    said, answered = ["Tahan inimesega rääkida"], []
    webhooks: list[dict[str, Any]] = []

    async def play() -> None:
        for number, (step, how) in enumerate(steps):
            remote = elsewhere.remote_of(database, mari)
            if step == "says":
                said.append(f"Sõna {number}")
                talk.say(database, mari, said[-1])
            elif step == "answers" and remote:
                answered.append(f"Vastus {number}")
                webhooks.append(chatwoot.reply(remote, answered[-1]))
                if number % 2:  # the others come only when they are repeated, or at the end
                    await come_in(database, webhooks[-1])
            elif step == "repeats" and webhooks:
                await come_in(database, webhooks[0 if how == "first" else -1])
            elif step == "delivers":
                chatwoot.trouble = how
                await deliver(database, theirs)
                chatwoot.trouble = ""
        for told in reversed(webhooks):
            await come_in(database, told)
        for _ in range(4):
            await deliver(database, theirs)

    asyncio.run(play())
    remote = elsewhere.remote_of(database, mari)
    assert remote
    assert chatwoot.said(remote, kind=0) == said
    assert sorted(talk.texts(database, mari, "agent")) == sorted(answered)
    assert len([one for one in chatwoot.talks.values() if one["custom_attributes"] == {"abiline": mari}]) == 1


async def test_what_a_colleague_here_has_is_not_ended_by_the_other_desk(database: Database, theirs: Outbox, mari: Started, jaan: Holder) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    agents.claim(database, mari.conversation_id, jaan)
    assert not their_moves.resolve(database, mari.conversation_id)
    their_moves.speak(database, mari.conversation_id, key="1", text="Ma aitan ka", name=None)
    assert talk.stands(database, mari.conversation_id) == ("live", jaan.id)
    assert talk.texts(database, mari.conversation_id, "agent") == ["Ma aitan ka"]


async def test_what_was_erased_goes_nowhere_and_takes_nothing(database: Database, theirs: Outbox, chatwoot: FakeChatwoot, shelf: Shelf, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    erasure.erase(database, shelf, mari.conversation_id)
    await deliver(database, theirs)
    assert chatwoot.talks == {}
    with pytest.raises(NotFound):
        their_moves.speak(database, mari.conversation_id, key="1", text="Tere", name=None)


async def test_any_address_gets_handoffs_and_what_customers_say_on_in_order(database: Database, mari: Started) -> None:
    receiver = Receiver()
    try:
        elsewhere.keep_rule(database, Rule(elsewhere.HANDOFF, receiver.url))
        talk.say(database, mari.conversation_id, "Tahan inimesega rääkida")
        turns.pay(database, talk.owed(database, mari.conversation_id), talk.handing_over(mari.conversation_id), forward_url=receiver.url)
        receiver.status = 500
        talk.say(database, mari.conversation_id, "Kas olete seal?")
        sends = Outbox(database, secret=SECRET)
        await deliver(database, sends)
        assert len(receiver.got) == 1, "nothing overtakes the handoff"
        receiver.status = 204
        for _ in range(2):
            await deliver(database, sends)
        handed, said = (json.loads(body) for _headers, body in receiver.got[1:])
        assert HandoffRequest.model_validate(handed).conversation_id == mari.conversation_id
        assert (said["what"], said["text"]) == ("said", "Kas olete seal?")
        await sends.close()
    finally:
        receiver.stop()


def give_up(database: Database) -> None:
    with database.write() as session:
        session.execute(update(OutboxRow).values(delivered_at=None, dead_at=now(), last_error="HTTP 500", attempts=14))


async def test_what_was_given_up_is_sent_again_and_nothing_stands_there_twice(
    database: Database, theirs: Outbox, chatwoot: FakeChatwoot, shelf: Shelf, mari: Started
) -> None:
    chatwoot.trouble = "forgets"
    talk.wait_for_person(database, mari.conversation_id)
    await deliver(database, theirs)
    give_up(database)
    (dead,) = [one for one in sent_elsewhere.deliveries(database) if one.again]
    assert (dead.what, dead.conversation_id, dead.last_error) == ("handoff", mari.conversation_id, "HTTP 500")
    assert sent_elsewhere.line(database).dead == 1
    chatwoot.trouble = ""
    assert [sent_elsewhere.send_again(database, which, by=None) for which in ("olematu", dead.id, None)] == [0, 1, 0]
    assert sent_elsewhere.line(database).waiting == 1
    await deliver(database, theirs)
    assert (len(chatwoot.talks), len(chatwoot.said(1, private=True)), sent_elsewhere.line(database).arrived) == (1, 2, 1)
    give_up(database)
    erasure.erase(database, shelf, mari.conversation_id)
    assert sent_elsewhere.send_again(database, by=None) == 0, "what was erased stays so"
