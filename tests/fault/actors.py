"""Those who act at random while a chaos run is played: what they have in common, and the customers. Each writes down what it did, was told and saw."""

from __future__ import annotations

import asyncio
import random
import secrets
from abc import ABC, abstractmethod
from contextlib import aclosing
from typing import Any

import httpx

from tests.fault.journal import Erased, Erasing, Journal, Kept, Opened, Saw, Sent
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

    async def send(self, path: str, conversation: str, text: str) -> httpx.Response | None:
        """Send a message until it is acknowledged, refused or given up; gives the answer."""
        client_id = f"{self.name}-{secrets.token_hex(6)}"
        self.journal.add(Sent(self.name, conversation, client_id, text))
        answer = await self.line.ask("POST", path, {"client_id": client_id, "text": text})
        if answer is not None and answer.is_success:
            self.journal.add(Kept(self.name, conversation, client_id, answer.json()["number"]))
        return answer

    def follow(self, side: str, conversation: str, path: str, last: int) -> asyncio.Task[None]:
        """Listen to a conversation, connection after connection, each from where the one before ended."""

        seen, reader = last, ""

        def beginning() -> dict[str, str]:
            nonlocal reader
            self._readers += 1
            reader = f"{self.name}#{self._readers}"
            self.journal.add(Opened(reader, side, conversation, seen))
            return {"Last-Event-ID": str(seen)}

        async def listening() -> None:
            nonlocal seen
            async with aclosing(self.line.listen_on(path, beginning)) as told:
                async for name, data in told:
                    if name == "event":
                        seen = data["number"]
                        self._write_down(reader, conversation, data)

        task = asyncio.create_task(listening())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _write_down(self, reader: str, conversation: str, event: dict[str, Any]) -> None:
        text = event["body"].get("text")
        self.journal.add(Saw(reader, conversation, event["number"], event["kind"], event["actor"], event["client_id"], text))


class Customer(Actor):
    """Writes, asks for a person, goes back to the bot, ends, loads the page anew; has everything erased, and begins anew."""

    conversation = ""
    _reader: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        secret = secrets.token_urlsafe(32)
        wish = {"language": self.chance.choice(("et", "en", "ru")), "secret": secret}
        while (begun := await self.line.ask("POST", "/api/widget/conversations", wish)) is None or not begun.is_success:
            continue
        self.conversation = begun.json()["id"]
        self._place = f"/api/widget/conversations/{self.conversation}"
        self.line.knows(Authorization=f"Bearer {secret}")
        self._load()

    async def act(self) -> None:
        if self.chance.random() < RELOAD:
            self._load()
            return
        (what,) = self.chance.choices(("say", "human", "back-to-bot", "end", "typing", "seen", "erase"), (68, 10, 4, 3, 6, 6, 3))
        if what == "say":
            await self._say()
        elif what == "human":
            client_id = f"{self.name}-{secrets.token_hex(6)}"
            self.journal.add(Sent(self.name, self.conversation, client_id, None))
            await self.line.ask("POST", f"{self._place}/human", {"client_id": client_id})
        elif what == "erase":
            await self._erase()
        else:
            await self.line.ask("POST", f"{self._place}/{what}", {"number": 3} if what == "seen" else None, patience=5)

    async def _say(self) -> None:
        answer = await self.send(f"{self._place}/messages", self.conversation, f"{self.chance.choice(WORDS)} {self.word()}")
        if answer is not None and answer.status_code == 404:
            await self._is_gone()

    async def _erase(self) -> None:
        """Whoever was not answered does not know yet; what they say next tells them."""
        self.journal.add(Erasing(self.name, self.conversation))
        answer = await self.line.ask("POST", f"/api/privacy/conversations/{self.conversation}/erase")
        if answer is not None and (answer.is_success or answer.status_code == 404):
            await self._is_gone()

    async def _is_gone(self) -> None:
        self.journal.add(Erased(self.name, self.conversation))
        if self._reader is not None:
            self._reader.cancel()
        await self.begin()

    def _load(self) -> None:
        """As a page that begins anew: it asks for everything once more."""
        if self._reader is not None:
            self._reader.cancel()
        self._reader = self.follow("customer", self.conversation, f"{self._place}/stream", 0)
