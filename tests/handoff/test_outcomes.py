"""What counts as somebody's judgement of the bot's best candidate, and what does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.understanding import Button, Candidate, Outcome, Reading, Reply, Turn
from handoff import app
from handoff.conversations import agents, service, turns
from handoff.conversations.agents import Holder
from handoff.conversations.outcomes import DAYS, outcomes
from handoff.conversations.service import Started
from handoff.conversations.tables import DecisionRow
from handoff.database import Database, now
from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff.talk import owed, say, wait_for_person

pytestmark = pytest.mark.both_databases

BEST, OTHER = Candidate("tagastus", "Kuidas tagastada?", 0.6), Candidate("vahetus", "Kuidas vahetada?", 0.3)
CHOICES = tuple(Button(one.question, f'/choose_entry{{"entry": "{one.entry_id}"}}') for one in (BEST, OTHER))


def bot_says(database: Database, mari: Started, action: str, *, shift: float = 0.0) -> int:
    """Mari asks and the bot answers or suggests; gives the number of what it says."""
    asked = say(database, mari.conversation_id, "kas saan tagasi saata")
    reading = Reading("kas saan tagasi saata", "et", action, "ask_question", 0.9, (BEST, OTHER), "", shift=shift)  # type: ignore[arg-type]
    answer = Reply("Saab küll.", entry_id=BEST.entry_id, probability=0.6)
    suggestion = Reply("Kas mõtlesite …?", (*CHOICES, Button("Ükski neist", "/none_of_these")))
    turns.pay(database, owed(database, mari.conversation_id), Turn((answer if action == "answer" else suggestion,), (), reading))
    return asked + 1


@pytest.mark.parametrize("helpful", [True, False])
def test_a_thumb_on_an_answer_judges_it(database: Database, mari: Started, helpful: bool) -> None:
    number = bot_says(database, mari, "answer", shift=0.25)
    service.rate(database, mari.conversation_id, number=number, helpful=helpful)
    assert outcomes(database) == [Outcome(0.6, helpful, 0.25)]


def test_who_says_nothing_has_said_nothing(database: Database, mari: Started) -> None:
    bot_says(database, mari, "answer")
    bot_says(database, mari, "suggest")
    assert outcomes(database) == []


@pytest.mark.parametrize(("button", "right"), [(0, True), (1, False), (2, False)])
def test_a_choice_from_a_list_judges_the_first_of_it(database: Database, mari: Started, button: int, right: bool) -> None:
    number = bot_says(database, mari, "suggest")
    service.choose(database, mari.conversation_id, client_id="choice-0001", number=number, button=button)
    assert outcomes(database) == [Outcome(0.6, right)]


def test_the_last_choice_counts(database: Database, mari: Started) -> None:
    number = bot_says(database, mari, "suggest")
    service.choose(database, mari.conversation_id, client_id="choice-0001", number=number, button=1)
    service.choose(database, mari.conversation_id, client_id="choice-0002", number=number, button=0)
    assert outcomes(database) == [Outcome(0.6, True)]


@pytest.mark.parametrize(("picked", "expected"), [("tagastus", [Outcome(0.6, True)]), ("vahetus", [Outcome(0.6, False)]), (None, [])])
def test_an_agents_pick_judges_what_the_bot_thought_best(database: Database, mari: Started, jaan: Holder, picked: str | None, expected: list[Outcome]) -> None:
    bot_says(database, mari, "suggest")
    wait_for_person(database, mari.conversation_id)
    agents.claim(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="jaan-0001", text="Saab küll, 14 päeva jooksul.", picked=picked)
    assert outcomes(database) == expected


def test_what_is_too_old_no_longer_counts(database: Database, mari: Started) -> None:
    service.rate(database, mari.conversation_id, number=bot_says(database, mari, "answer"), helpful=True)
    with database.write() as session:
        session.execute(update(DecisionRow).values(at=now() - timedelta(days=DAYS + 1)))
    assert outcomes(database) == []


async def test_the_running_service_lets_the_bot_learn_from_them(services: Services, database: Database, mari: Started) -> None:
    service.rate(database, mari.conversation_id, number=bot_says(database, mari, "answer"), helpful=False)
    assert isinstance(services.bot, FakeBot)
    learning = asyncio.create_task(app._learn_for_ever(services))
    await asyncio.wait_for(services.bot.recalibrated.wait(), 20)
    learning.cancel()
    assert services.bot.outcomes == [Outcome(0.6, False)]
