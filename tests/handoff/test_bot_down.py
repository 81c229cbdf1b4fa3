"""The bot hangs: each customer is told in time and offered a person, nobody's message is lost, and once it goes on it answers again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runtime import RasaBot
from bot.understanding import Button, Incoming, Reply, TrackerEvents, Turn
from handoff.conversations import service, turns
from handoff.conversations.payer import Payer
from handoff.conversations.service import ASK_HUMAN, Started
from handoff.conversations.signals import Signals
from handoff.database import Database
from handoff.operations.meters import Meters
from tests.handoff import talk

SORRY = "Vastus viibib. Kas ühendan inimesega?"


class Hanging:
    """In the place of the dialogue: reading a text blocks the bot's own thread, as an encoder that hangs does."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.read: list[str] = []

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        self.goes_on.wait(60)
        self.read.append(message.text)
        return Turn((Reply(f"Vastus: {message.text}"),), ())


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    made = Hanging()
    yield made
    made.goes_on.set()


@pytest.fixture
def bot(hanging: Hanging, tmp_path: Path) -> Iterator[RasaBot]:
    """The real bot's thread and loop, without a model."""
    made = RasaBot(tmp_path, executor=None)  # type: ignore[arg-type]
    made._loop = asyncio.new_event_loop()
    made._thread = threading.Thread(target=made._loop.run_forever, daemon=True)
    made._thread.start()
    made._dialogue = hanging  # type: ignore[assignment]
    yield made
    hanging.goes_on.set()
    made.stop()


async def test_a_bot_that_hangs_keeps_nobody_waiting_and_goes_on_where_it_can(database: Database, mari: Started, bot: RasaBot, hanging: Hanging) -> None:
    others = [service.start(database, greeting="Tere!") for _ in range(4)]
    everybody = [mari.conversation_id, *(one.conversation_id for one in others)]
    meters, told = Meters(), []

    def sorry(incoming: Incoming) -> Reply:
        told.append(incoming.conversation_id)
        return Reply(SORRY, (Button("Räägi inimesega", ASK_HUMAN),))

    paying = Payer(database, bot, Signals(), people_available=lambda: True, sorry=sorry, timeout=0.05, at_once=2, watch=meters)  # fewer places than customers
    meters.queue_of(lambda: paying.length)
    for one in everybody:
        talk.say(database, one, "Kus mu pakk on?")
        paying.owe(one)
    assert meters.registry.get_sample_value("abiline_bot_queue") == 5
    async with asyncio.timeout(30):
        await paying.settle()

    assert sorted(told) == sorted(everybody)
    assert [talk.texts(database, one, "bot")[-1] for one in everybody] == [SORRY] * 5
    assert all(talk.debts(database, one)[0].failed for one in everybody)
    assert turns.unpaid(database) == []
    assert meters.registry.get_sample_value("abiline_bot_failures_total", {"why": "slow"}) == 5
    assert bot.awake  # the house stays ready: people can still be reached

    hanging.goes_on.set()
    patient = Payer(database, bot, Signals(), people_available=lambda: True, sorry=sorry, timeout=30, at_once=2)
    talk.say(database, mari.conversation_id, "Aga nüüd?")
    patient.owe(mari.conversation_id)
    await patient.settle()
    assert talk.texts(database, mari.conversation_id, "bot")[-1] == "Vastus: Aga nüüd?"


async def test_who_asks_for_a_person_while_the_bot_hangs_is_put_in_line(database: Database, mari: Started, bot: RasaBot) -> None:
    service.say(database, mari.conversation_id, client_id="mari-0009", text="Räägi inimesega", payload=ASK_HUMAN)
    paying = Payer(database, bot, Signals(), people_available=lambda: True, sorry=lambda _: Reply(SORRY), timeout=0.05, at_once=2)
    paying.owe(mari.conversation_id)
    async with asyncio.timeout(30):
        await paying.settle()
    assert talk.stands(database, mari.conversation_id)[0] == "waiting"
