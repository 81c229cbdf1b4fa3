"""What the house shows when people look: the desk's list of those who wait, its search, and what each process answers."""

from __future__ import annotations

import asyncio
import random
import secrets

from tests.fault.actors import question_of
from tests.fault.house import ENTRIES, House
from tests.fault.journal import Journal, Kept, Sent
from tests.fault.line import Line

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


async def answers(house: House, journal: Journal, chance: random.Random) -> dict[str, dict[str, str]]:
    """What each process answers now, by its name and by entry: a customer asks it, and it alone."""

    async def of_process(name: str, url: str) -> tuple[str, dict[str, str]]:
        line = house.line(chance, "127.0.5.1")
        try:
            return name, {entry: await _answer(line, journal, url, entry) for entry in ENTRIES}
        finally:
            await line.close()

    return dict(await asyncio.gather(*(of_process(worker.name, worker.url) for worker in house.workers)))


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
