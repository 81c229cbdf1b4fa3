"""What the house shows when people look: the desk's list of those who wait, its search, and what each process answers."""

from __future__ import annotations

import asyncio
import random
import secrets

from tests.fault.house import ENTRIES, House
from tests.fault.journal import Erased, Journal, Kept, Sent
from tests.fault.ledger import own_words
from tests.fault.line import Line
from tests.fault.staff import question_of

SEARCHES = 5
ASKER = "looker-on"
LOOKS = 20


async def waiting(desk: Line) -> set[str]:
    """Who stands in the desk's list of those who wait."""
    return await _listed(desk, "list=waiting")


async def searches(desk: Line, journal: Journal, chance: random.Random) -> dict[str, list[str]]:
    """For some messages, by their client ids, where the desk finds them by a word of their own."""
    words = {note.client_id: note.text.split()[-1] for note in journal.of(Sent) if note.text and note.who != ASKER}
    kept = sorted({note.client_id for note in journal.of(Kept)} & set(words))
    sample = chance.sample(kept, min(SEARCHES, len(kept)))
    return {one: sorted({where for name in ("all", "closed") for where in await _listed(desk, f"list={name}&search={words[one]}")}) for one in sample}


async def erased(desk: Line, journal: Journal, chance: random.Random) -> dict[str, list[str]]:
    """For some conversations that were erased: the own words that the desk shows when one of them is opened, and those by which its search finds it."""
    gone = sorted({note.conversation for note in journal.of(Erased)})
    shows = {}
    for conversation in chance.sample(gone, min(SEARCHES, len(gone))):
        opened = await desk.ask("GET", f"/api/desk/conversations/{conversation}")
        said = [word for note in journal.of(Sent) if note.conversation == conversation and note.text for word in own_words(note.text)]
        asked = chance.sample(said, min(2, len(said)))
        found = [word for word in asked if conversation in await _listed(desk, f"list=closed&search={word}")]
        shows[conversation] = [*(own_words(opened.text) if opened is not None else ()), *found]
    return shows


async def answers(house: House, journal: Journal, chance: random.Random) -> dict[str, dict[str, str]]:
    """What each process answers now, by its name and by entry: customers ask it, and it alone."""

    async def of_process(url: str, entry: str, address: str) -> str:
        line = house.line(chance, address)
        try:
            return await _answer(line, journal, url, entry)
        finally:
            await line.close()

    asked = [(worker, entry) for worker in house.workers for entry in ENTRIES]
    told = await asyncio.gather(*(of_process(worker.url, entry, f"127.0.5.{place}") for place, (worker, entry) in enumerate(asked, 1)))
    by_process: dict[str, dict[str, str]] = {worker.name: {} for worker in house.workers}
    for (worker, entry), words in zip(asked, told, strict=True):
        by_process[worker.name][entry] = words
    return by_process


async def _listed(desk: Line, query: str) -> set[str]:
    listed: set[str] = set()
    while (answer := await desk.ask("GET", f"/api/desk/queue?{query}&skip={len(listed)}")) is not None and answer.is_success:
        part = {one["id"] for one in answer.json()["conversations"]}
        if not part - listed:
            break
        listed |= part
    return listed


async def _answer(line: Line, journal: Journal, url: str, entry: str) -> str:
    begun = await line.ask("POST", "/api/widget/conversations", {}, at=url)
    if begun is None:
        return ""
    conversation, client_id = begun.raise_for_status().json()["id"], secrets.token_hex(8)
    line.knows(Authorization=f"Bearer {begun.json()['secret']}")
    place = f"/api/widget/conversations/{conversation}"
    journal.add(Sent(ASKER, conversation, client_id, question_of(entry)))
    sent = await line.ask("POST", f"{place}/messages", {"client_id": client_id, "text": question_of(entry)}, at=url)
    if sent is not None and sent.is_success:
        journal.add(Kept(ASKER, conversation, client_id, sent.json()["number"]))
    for _ in range(LOOKS):
        told = await line.ask("GET", f"{place}/events?after=2&wait=1", at=url)
        if told is not None and (events := told.json().get("events")):
            return str(events[0]["body"]["text"]).rpartition(" [")[0]
    return ""
