"""Those who act at random while a chaos run is played: customers, agents, an editor. Each writes down what it did, was told and saw."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from tests.fault.journal import Claimed, Journal, Kept, Opened, Published, Publishing, Saw, Sent
from tests.fault.line import Line

WORDS = ("tere", "millal pakk jõuab", "kingad on katki", "katki bot", "inimesega palun", "aitäh", "kas teil on šokolaadi")
LETTERS = "aeioulmnrst"
RELOAD = 0.08  # how often a customer's page is loaded anew instead of something being said


class Actor(ABC):
    """Acts until it is told to stop; `pace` is seconds from one act to the next, on the average."""

    def __init__(self, name: str, line: Line, journal: Journal, chance: random.Random, pace: float) -> None:
        self.name, self.line, self.journal, self.chance, self._pace = name, line, journal, chance, pace
        self._readers = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def live(self, stop: asyncio.Event) -> None:
        await self.begin()
        while not stop.is_set():
            await self.act()
            await asyncio.sleep(self.chance.expovariate(1 / self._pace))

    async def leave(self) -> None:
        """Close everything that is open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.line.close()

    async def begin(self) -> None:
        """What comes before the first act."""
        return

    @abstractmethod
    async def act(self) -> None: ...

    def word(self) -> str:
        """A word that nobody else says."""
        return "".join(self.chance.choices(LETTERS, k=12))

    async def send(self, path: str, conversation: str, text: str) -> bool:
        """Send a message until it is acknowledged, refused or given up; True when it is kept."""
        client_id = f"{self.name}-{secrets.token_hex(6)}"
        self.journal.add(Sent(self.name, conversation, client_id, text))
        answer = await self.line.ask("POST", path, {"client_id": client_id, "text": text})
        if answer is None or not answer.is_success:
            return False
        self.journal.add(Kept(self.name, conversation, client_id, answer.json()["number"]))
        return True

    def follow(self, side: str, conversation: str, path: str, last: int) -> asyncio.Task[None]:
        """Listen to a conversation, connection after connection, each from where the one before ended."""

        async def listening() -> None:
            seen = last
            while True:
                self._readers += 1
                reader = f"{self.name}#{self._readers}"
                self.journal.add(Opened(reader, side, conversation, seen))
                async with aclosing(self.line.listen(path, {"Last-Event-ID": str(seen)})) as told:
                    async for name, data in told:
                        if name == "event":
                            seen = data["number"]
                            self._write_down(reader, conversation, data)
                await asyncio.sleep(0.1)

        task = asyncio.create_task(listening())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _write_down(self, reader: str, conversation: str, event: dict[str, Any]) -> None:
        text = event["body"].get("text")
        self.journal.add(Saw(reader, conversation, event["number"], event["kind"], event["actor"], event["client_id"], text))


class Customer(Actor):
    """Writes, asks for a person, goes back to the bot, ends, loads the page anew."""

    conversation = ""
    _reader: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        self._secret = secrets.token_urlsafe(32)
        wish = {"language": self.chance.choice(("et", "en", "ru")), "secret": self._secret}
        while (begun := await self.line.ask("POST", "/api/widget/conversations", wish)) is None or not begun.is_success:
            continue
        self.conversation = begun.json()["id"]
        self._place = f"/api/widget/conversations/{self.conversation}"
        self.line.knows(Authorization=f"Bearer {self._secret}")
        self._load()

    async def act(self) -> None:
        if self.chance.random() < RELOAD:
            self._load()
            return
        (what,) = self.chance.choices(("say", "human", "back-to-bot", "end", "typing", "seen"), (70, 10, 4, 3, 6, 7))
        if what == "say":
            await self.send(f"{self._place}/messages", self.conversation, f"{self.chance.choice(WORDS)} {self.word()}")
        elif what == "human":
            client_id = f"{self.name}-{secrets.token_hex(6)}"
            self.journal.add(Sent(self.name, self.conversation, client_id, None))
            await self.line.ask("POST", f"{self._place}/human", {"client_id": client_id})
        else:
            await self.line.ask("POST", f"{self._place}/{what}", {"number": 3} if what == "seen" else None, patience=5)

    def _load(self) -> None:
        """As a page that begins anew: it asks for everything once more."""
        if self._reader is not None:
            self._reader.cancel()
        self._reader = self.follow("customer", self.conversation, f"{self._place}/stream", 0)


class Agent(Actor):
    """Sits at the desk, takes who waits, answers, notes, and lets conversations go in every way there is."""

    def __init__(self, name: str, line: Line, journal: Journal, chance: random.Random, pace: float, *, agent_id: str) -> None:
        super().__init__(name, line, journal, chance, pace)
        self.name = agent_id  # events name them so
        self._following: dict[str, asyncio.Task[None]] = {}

    async def begin(self) -> None:
        self._tasks.add(asyncio.create_task(self._sit()))

    async def act(self) -> None:
        (what,) = self.chance.choices(("claim", "answer", "note", "leave"), (35, 45, 8, 12))
        listed = await self.line.ask("GET", f"/api/desk/queue?list={'waiting' if what == 'claim' else 'mine'}", patience=8)
        found = [one["id"] for one in listed.json()["conversations"]] if listed is not None and listed.is_success else []
        if not found:
            return
        conversation = self.chance.choice(found)
        place = f"/api/desk/conversations/{conversation}"
        if what == "claim":
            answer = await self.line.ask("POST", f"{place}/claim", patience=8)
            if answer is not None and answer.is_success:
                self.journal.add(Claimed(self.name, conversation))
                await self.open(conversation)
        elif what == "leave":
            way, body = self.chance.choice((("release", None), ("give-back", None), ("close", {"outcome": "solved"}), ("snooze", _soon())))
            await self.line.ask("POST", f"{place}/{way}", body, patience=8)
        else:
            await self.send(f"{place}/{'messages' if what == 'answer' else 'notes'}", conversation, f"Vaatan kohe {self.word()}")

    async def _sit(self) -> None:
        """The desk's own stream: as long as it is open, they are here."""
        while True:
            async with aclosing(self.line.listen("/api/desk/stream")) as told:
                async for _news in told:
                    pass
            await asyncio.sleep(0.1)

    async def open(self, conversation: str) -> None:
        """Look at it, and listen to it from there on."""
        if conversation in self._following:
            return
        opened = await self.line.ask("GET", f"/api/desk/conversations/{conversation}", patience=8)
        if opened is not None and opened.is_success:
            last = opened.json()["conversation"]["last_number"]
            self._following[conversation] = self.follow("desk", conversation, f"/api/desk/conversations/{conversation}/stream", last)


class Editor(Actor):
    """Publishes other words for the entries, one after another."""

    def __init__(self, name: str, line: Line, journal: Journal, chance: random.Random, pace: float, *, entries: list[str]) -> None:
        super().__init__(name, line, journal, chance, pace)
        self._entries, self._count = entries, 0

    async def act(self) -> None:
        entry = self.chance.choice(self._entries)
        present = await self.line.ask("GET", f"/api/editor/entries/{entry}", patience=8)
        if present is None or not present.is_success:
            return
        known = present.json()
        self._count += 1
        words = f"Vastus number {self._count}."
        form = {"revision": known["revision"], "topic": known["topic"], "question": question_of(entry), "answer": words}
        self.journal.add(Publishing(entry, words))
        answer = await self.line.ask("POST", f"/api/editor/entries/{entry}/publish", form, patience=8)
        if answer is not None and answer.is_success:
            self.journal.add(Published(entry, words))


class Operator(Actor):
    """Looks at how the house is, and makes backups while it serves."""

    def __init__(self, name: str, line: Line, journal: Journal, chance: random.Random, pace: float, *, back_up: Callable[[], None]) -> None:
        super().__init__(name, line, journal, chance, pace)
        self._back_up = back_up

    async def act(self) -> None:
        if self.chance.random() < 0.3:
            await asyncio.to_thread(self._back_up)
        else:
            await self.line.ask("GET", self.chance.choice(("/health", "/ready")), patience=2)


def question_of(entry: str) -> str:
    """What a customer asks to be answered from the entry."""
    return f"mida tähendab {entry}"


def _soon() -> dict[str, str]:
    return {"until": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 30))}
