"""The payer: asks the bot, says sorry for it when it must, and leaves nobody without a word."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.understanding import Button, Incoming, Reply, Turn
from handoff.conversations import agents, handoffs, service, store, turns
from handoff.conversations.agents import Holder
from handoff.conversations.payer import Payer
from handoff.conversations.service import ASK_HUMAN, Started
from handoff.conversations.signals import Signals, conversation_topic
from handoff.database import Database
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.bots import Giving, Slow

SORRY = "Vabandust, minu vastus viibib."


def sorry(incoming: Incoming) -> Reply:
    return Reply(SORRY, (Button("Räägi inimesega", ASK_HUMAN),)) if incoming.people_available else Reply(SORRY)


def payer(
    database: Database,
    bot: FakeBot,
    *,
    timeout: float = 5,
    at_once: int = 8,
    available: bool = True,
    signals: Signals | None = None,
    after_handoff: Callable[[], None] = lambda: None,
) -> Payer:
    return Payer(
        database, bot, signals or Signals(), people_available=lambda: available, sorry=sorry, timeout=timeout, at_once=at_once, after_handoff=after_handoff
    )


async def test_an_owed_answer_is_paid(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "Kas ööbik laulab?")
    paying = payer(database, Giving(Turn((Reply("Laulab."),), ())))
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Laulab."]
    assert turns.unpaid(database) == []


async def test_readers_are_woken_when_it_is_paid(database: Database, mari: Started) -> None:
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    talk.say(database, mari.conversation_id)
    async with signals.listen(conversation_topic(mari.conversation_id)) as woken, asyncio.timeout(30):
        payer(database, FakeBot(), signals=signals).owe(mari.conversation_id)
        await woken.wait()
    assert len(talk.texts(database, mari.conversation_id, "bot")) == 2


async def test_owing_twice_says_it_once(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    paying = payer(database, FakeBot())
    paying.owe(mari.conversation_id)
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert len(talk.texts(database, mari.conversation_id, "bot")) == 2


async def test_what_is_said_while_the_bot_thinks_is_answered_next(database: Database, mari: Started) -> None:
    bot = Slow()
    paying = payer(database, bot)
    talk.say(database, mari.conversation_id, "esimene")
    paying.owe(mari.conversation_id)
    await bot.was_asked.wait()
    talk.say(database, mari.conversation_id, "teine")
    paying.owe(mari.conversation_id)
    bot.may_answer.set()
    await paying.settle()
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Vastus: esimene", "Vastus: teine"]


async def test_of_two_payers_of_two_processes_one_asks_the_bot(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    bot = FakeBot()
    two = [payer(database, bot), payer(database, bot)]
    for one in two:
        one.owe(mari.conversation_id)
    await asyncio.gather(*(one.settle() for one in two))
    assert len(bot.asked) == 1
    assert len(talk.texts(database, mari.conversation_id, "bot")) == 2


async def test_sorry_is_said_in_the_language_that_the_customer_writes_in(database: Database, mari: Started) -> None:
    heard = ({"event": "slot", "name": "language", "value": "en"}, {"event": "slot", "name": "language", "value": "ru"}, {"event": "bot", "text": "Да"})
    turns.pay(database, _asked(database, mari), Turn((Reply("Да."),), heard))
    sorry_in: list[str] = []

    def remember(incoming: Incoming) -> Reply:
        sorry_in.append(incoming.language)
        return Reply(SORRY)

    talk.say(database, mari.conversation_id, "katki bot")
    paying = Payer(database, FakeBot(), Signals(), people_available=lambda: True, sorry=remember, timeout=5, at_once=1)
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert sorry_in == ["ru"]


def _asked(database: Database, mari: Started) -> turns.Owed:
    talk.say(database, mari.conversation_id, "Можно?")
    return talk.owed(database, mari.conversation_id)


@pytest.mark.parametrize("text", ["katki bot", "aeglane"])
async def test_a_bot_that_fails_or_is_slow_gives_a_kind_sentence_and_a_person(database: Database, mari: Started, text: str) -> None:
    talk.say(database, mari.conversation_id, text)
    paying = payer(database, FakeBot(), timeout=0.05)
    paying.owe(mari.conversation_id)
    await paying.settle()
    said = talk.events(database, mari.conversation_id)[-1]
    assert said.body == {"text": SORRY, "buttons": ["Räägi inimesega"]}
    assert said.hidden == {"payloads": [ASK_HUMAN]}
    assert talk.debts(database, mari.conversation_id)[0].failed


async def test_any_mistake_of_the_bot_is_answered_too(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    paying = payer(database, Giving(RuntimeError("ootamatu")))
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert talk.texts(database, mari.conversation_id, "bot")[-1] == SORRY


@pytest.mark.parametrize(
    "turn",
    [
        Turn((Reply("Kutsun kolleegi."),), (), handoff={"reason": "tuju"}),
        Turn((Reply("Kutsun kolleegi."),), (), handoff={}),
        Turn((Reply("Homme."),), ({"event": object()},)),
    ],
)
async def test_a_turn_that_can_not_be_kept_becomes_the_kind_sentence(database: Database, mari: Started, turn: Turn) -> None:
    talk.say(database, mari.conversation_id)
    bot = Giving(turn)
    paying = payer(database, bot)
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == [SORRY]
    assert turns.unpaid(database) == []
    assert len(bot.asked) == 1, "asking again would give the same"


async def test_the_button_of_the_apology_reaches_a_person_without_the_bot(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "katki bot")
    called: list[bool] = []
    paying = payer(database, Giving(RuntimeError("ikka katki")), after_handoff=lambda: called.append(True))
    paying.owe(mari.conversation_id)
    await paying.settle()
    number = talk.row(database, mari.conversation_id).last_number
    service.choose(database, mari.conversation_id, client_id="valik-1", number=number, button=0)
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert talk.row(database, mari.conversation_id).state == "waiting"
    (handoff,) = talk.handoffs_of(database, mari.conversation_id)
    assert handoff.reason == "asked"
    assert [said["text"] for said in handoff.request["messages"]][1:] == ["katki bot", SORRY, "Räägi inimesega"]
    assert called == [True]


async def test_a_failed_bot_promises_nobody_when_nobody_is_here(database: Database, mari: Started) -> None:
    service.say(database, mari.conversation_id, client_id="soov-1", text="Räägi inimesega", payload=ASK_HUMAN)
    paying = payer(database, Giving(RuntimeError("katki")), available=False)
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert talk.row(database, mari.conversation_id).state == "bot"
    assert talk.handoffs_of(database, mari.conversation_id) == []
    assert "buttons" not in talk.events(database, mari.conversation_id)[-1].body


@pytest.mark.parametrize("available", [True, False])
async def test_the_bot_is_told_whether_people_are_here(database: Database, mari: Started, available: bool) -> None:
    talk.say(database, mari.conversation_id)
    bot = FakeBot()
    paying = payer(database, bot, available=available)
    paying.owe(mari.conversation_id)
    await paying.settle()
    assert bot.asked[0].people_available is available


async def test_an_answer_that_comes_after_an_agent_took_over_is_not_said(database: Database, mari: Started, jaan: Holder) -> None:
    bot = Slow()
    paying = payer(database, bot)
    talk.say(database, mari.conversation_id, "Kus mu pakk on?")
    paying.owe(mari.conversation_id)
    await bot.was_asked.wait()
    with database.write() as session:
        handoffs.record(session, store.conversation(session, mari.conversation_id), talk.request(mari.conversation_id), key="kutse-12")
    agents.claim(database, mari.conversation_id, jaan)
    bot.may_answer.set()
    await paying.settle()
    assert talk.texts(database, mari.conversation_id, "bot") == ["Tere! Mina olen Abiline, masin."]


async def test_no_more_than_the_limit_are_with_the_bot_at_once(database: Database) -> None:
    bot = Slow()
    paying = payer(database, bot, at_once=2)
    started = [service.start(database, greeting="Tere!").conversation_id for _ in range(6)]
    for conversation_id in started:
        talk.say(database, conversation_id)
        paying.owe(conversation_id)
    await bot.was_asked.wait()
    bot.may_answer.set()
    await paying.settle()
    assert bot.most_at_once <= 2
    assert len(bot.asked) == 6


async def test_whoever_waits_too_long_for_a_place_is_offered_a_person(database: Database, mari: Started) -> None:
    other = service.start(database, greeting="Tere!")
    bot = Slow()
    paying = payer(database, bot, at_once=1, timeout=0.05)
    for conversation_id in (mari.conversation_id, other.conversation_id):
        talk.say(database, conversation_id)
        paying.owe(conversation_id)
    await paying.settle()
    assert talk.texts(database, mari.conversation_id, "bot")[-1] == SORRY
    assert talk.texts(database, other.conversation_id, "bot")[-1] == SORRY


async def test_after_a_restart_what_was_owed_is_paid_once(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    killed = talk.owed(database, mari.conversation_id)
    talk.make_claims_stale(database)
    bot = Slow()
    paying = payer(database, bot)
    sweeping = asyncio.create_task(paying.run())
    async with asyncio.timeout(30):
        await bot.was_asked.wait()
    bot.may_answer.set()
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    await paying.settle()
    assert not turns.pay(database, killed, Turn((Reply("Teine kord?"),), ()))
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Vastus: Kus mu pakk on?"]


async def test_a_payer_that_is_stopped_gives_its_claim_back(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    bot = Slow()
    payer(database, bot).owe(mari.conversation_id)
    await bot.was_asked.wait()
    under_way = asyncio.all_tasks() - {asyncio.current_task()}
    for task in under_way:
        task.cancel()  # as when the loop is shut down
    await asyncio.gather(*under_way, return_exceptions=True)
    assert talk.owed(database, mari.conversation_id)


async def test_a_database_that_is_away_does_not_end_the_sweeping(tmp_path: Path) -> None:
    without_tables = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    heard = talk.Heard()
    log = logging.getLogger("handoff.conversations.payer")
    log.addHandler(heard)
    sweeping = asyncio.create_task(payer(without_tables, FakeBot()).run())
    try:
        async with asyncio.timeout(30):
            await heard.something.wait()
        await asyncio.sleep(0)
        assert not sweeping.done()
    finally:
        log.removeHandler(heard)
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
        without_tables.close()


async def test_an_answer_that_was_claimed_with_its_message_is_paid_without_asking_for_it(database: Database, mari: Started) -> None:
    paying = payer(database, FakeBot())
    kept = service.say(database, mari.conversation_id, client_id="mari-0001", text="Kus mu pakk on?", take=paying.take)
    assert turns.claim(database, mari.conversation_id, people_available=True) is None
    paying.owe(mari.conversation_id, kept.taken)
    await paying.settle()
    assert len(talk.texts(database, mari.conversation_id, "bot")) == 2
    assert turns.unpaid(database) == []


async def test_messages_claimed_while_the_bot_thinks_are_all_answered_in_order(database: Database, mari: Started) -> None:
    bot = Slow()
    paying = payer(database, bot)
    for place in range(3):
        kept = service.say(database, mari.conversation_id, client_id=f"mari-{place:04}", text=f"küsimus {place}", take=paying.take)
        assert (kept.taken is not None) == (place == 0)
        paying.owe(mari.conversation_id, kept.taken)
        await asyncio.sleep(0)
    bot.may_answer.set()
    await paying.settle()
    assert turns.unpaid(database) == []
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == [f"Vastus: küsimus {place}" for place in range(3)]
