"""A process is killed while it passes a file to another desk: what had arrived is not sent twice, and what had not, arrives."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.understanding import Reply
from handoff.conversations import elsewhere
from handoff.conversations.attachments import Allowed, Answer, Attachments
from handoff.conversations.elsewhere import Rule
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.database import Database, now
from handoff.desks.chatwoot import Chatwoot, Place
from handoff.outbox import Outbox, OutboxRow
from tests.handoff import talk
from tests.handoff.chatwoot import TOKEN, FakeChatwoot, running
from tests.own_process import ended

STEPS: dict[str, tuple[object, str]] = {
    "conversation made": (Chatwoot, "_begin"),
    "conversation known": (elsewhere, "keep_remote"),
    "file": (Chatwoot, "_send_file"),
    "words": (Chatwoot, "_say"),
    "end": (Outbox, "_settle"),
}


@pytest.fixture
def chatwoot() -> Iterator[FakeChatwoot]:
    with running() as made:
        yield made
        assert made.wrong == [], "not as Chatwoot's description has it"


def outbox(database: Database, url: str, folder: Path) -> Outbox:
    """As a process has it that has just started."""
    way = Chatwoot(database, Signals(), Place(url, TOKEN, 3, 5), Shelf(folder / "attachments", database.vault))
    return Outbox(database, secret="", ways={elsewhere.CHATWOOT: way})


async def deliver(database: Database, sends: Outbox) -> None:
    """All that is owed: the claims of who was killed are over."""
    with database.write() as session:
        session.execute(update(OutboxRow).values(next_at=now()))
    while await sends.deliver_one():
        pass


def deliver_and_die(database_url: str, url: str, folder: Path, step: str, when: str, time: int) -> None:
    """In a process of its own, which is killed as by `kill -9` before or after it does this for the first or second time."""
    owner, name = STEPS[step]
    done: Callable[..., object] = getattr(owner, name)
    times = 0

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def counted() -> bool:
        nonlocal times
        times += 1
        return times == time

    def at_once(*given: object, **named: object) -> object:
        last = counted()
        if last and when == "before":
            die()
        result = done(*given, **named)
        if last:
            die()
        return result

    async def later(*given: object, **named: object) -> object:
        last = counted()
        if last and when == "before":
            die()
        result = await done(*given, **named)  # type: ignore[misc]
        if last:
            die()
        return result

    setattr(owner, name, later if asyncio.iscoroutinefunction(done) else at_once)
    database = Database(database_url)
    asyncio.run(deliver(database, outbox(database, url, folder)))


@pytest.mark.parametrize(
    ("step", "when", "time"),
    [
        *(("file", when, time) for when in ("before", "after") for time in (1, 2)),
        *((step, when, 1) for step in ("conversation made", "conversation known") for when in ("before", "after")),
        *(("words", "after", time) for time in (1, 3)),
        *(("end", "before", time) for time in (1, 2)),
    ],
)
async def test_killed_at_any_step_each_file_and_word_stands_there_once(
    database: Database, chatwoot: FakeChatwoot, mari: Started, tmp_path: Path, step: str, when: str, time: int
) -> None:
    shelf = Shelf(tmp_path / "attachments", database.vault)
    attachments = Attachments(database, shelf, Allowed(frozenset({"txt"}), 10**7, 20, 10**8))
    elsewhere.keep_rule(database, Rule(elsewhere.CHATWOOT, chatwoot.url, "Kodukaup"))

    def send(name: str, words: str) -> None:
        source = tmp_path / "attachments" / "tulnud.part"
        source.parent.mkdir(exist_ok=True)
        source.write_text(words, encoding="utf-8")
        said = Answer(Reply("Aitäh!"), "utter_offer_human")
        attachments.from_customer(mari.conversation_id, client_id=f"fail-{name}", name=name, source=source, answers=lambda _state: said)

    send("arve.txt", "enne")
    talk.wait_for_person(database, mari.conversation_id)
    send("pilt.txt", "pärast")
    where = database.engine.url.render_as_string(hide_password=False)
    died = await asyncio.to_thread(ended, deliver_and_die, where, chatwoot.url, tmp_path, step, when, time)
    assert died == -signal.SIGKILL
    await deliver(database, outbox(database, chatwoot.url, tmp_path))
    assert chatwoot.said(1, kind=0) == ["arve.txt", "Tahan inimesega rääkida", "pilt.txt"]
    assert chatwoot.files == {"arve.txt": b"enne", "pilt.txt": "pärast".encode()}
    assert (len(chatwoot.contacts), len(chatwoot.talks), len(chatwoot.said(1, private=True))) == (1, 1, 2)
    with database.read() as session:
        assert session.scalars(select(OutboxRow).where(OutboxRow.delivered_at.is_(None))).all() == []
