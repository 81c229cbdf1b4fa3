"""Questions asked in vain, as the tests of what is missing need them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.understanding import Button, Candidate, Reading, Reply, Turn
from handoff.conversations import turns
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.editor.gaps.book import Gaps, State
from handoff.editor.gaps.look import Look
from handoff.entries.store import EntryStore
from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS
from tests.handoff.talk import owed, say

PUPPY, PUPPY_TOO, PAINT = "kas kutsikas tohib kaasa tulla", "kas teie juurde tohib kutsikas tulla", "müüte värvi seintele"


def ask(database: Database, mari: Started, text: str, action: str = "human", *, why: str = "unlikely among=0.10 threshold=0.40") -> int:
    """Mari asks and the bot does this; gives the number of what it says."""
    number = say(database, mari.conversation_id, text)
    best = Candidate(RETURNS.id, RETURNS.question, 0.3)
    reading = Reading(text, "et", action, "ask_question", 0.9, (best,), why)  # type: ignore[arg-type]
    choices = (Button(best.question, f'/choose_entry{{"entry": "{best.entry_id}"}}'), Button("Ükski neist", "/none_of_these"))
    reply = {"answer": Reply("Nii.", entry_id=best.entry_id, probability=0.9), "suggest": Reply("Kas mõtlesite …?", choices)}.get(action, Reply("Ei tea veel."))
    turns.pay(database, owed(database, mari.conversation_id), Turn((reply,), (), reading))
    return number + 1


@dataclass(frozen=True)
class House:
    """As much of the service as looking needs."""

    database: Database
    bot: FakeBot
    entries: EntryStore


def house_with(database: Database, bot: FakeBot) -> House:
    """Two entries are published and the bot knows them."""
    entries = EntryStore(database)
    entries.import_all([RETURNS, DELIVERY], by=None)
    asyncio.run(bot.replace_entries([RETURNS, DELIVERY], revision=1))
    return House(database, bot, entries)


def ask_in_vain(house: House, mari: Started) -> None:
    """Three questions without an answer; two ask the same."""
    for text in (PUPPY, PAINT, PUPPY_TOO):
        ask(house.database, mari, text)
    look(house)


def look(house: House | Services) -> bool:
    return asyncio.run(Look(house.database, house.bot).look())


def gaps(house: House | Services, state: State = "open") -> list[tuple[int, str]]:
    """(size, the words in the middle) of the groups."""
    found, _ = Gaps(house.database, house.bot.mask).page(state)
    return [(gap.size, gap.examples[0].text) for gap in found]
