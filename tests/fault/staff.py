"""Those who work in a house while a chaos run is played: agents, a supervisor, an editor, an operator."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing

from tests.fault.actors import Actor
from tests.fault.journal import Claimed, Erased, Erasing, IsSet, Journal, Kept, Moved, Moving, Published, Publishing, Setting
from tests.fault.line import Line

LEAVE = {"release": "released", "give-back": "given_back", "close": "closed", "snooze": "snoozed"}  # paths, and the events that they become
DESK_PATIENCE = 15.0  # seconds until somebody who works gives up one thing
UNDO = 0.3  # how often what was just done is taken back
PERSON = "/privacy/person"
SEARCH = re.compile(r'name="search" value="([^"]+)"')  # what was found, sealed for the next step
EVERYBODY = "default"  # whose promised times hold for those without their own


class Agent(Actor):
    """Sits at the desk, takes who waits, answers, notes, passes on, and lets conversations go in every way there is.

    `others` are colleagues by id, `teams` teams, to whom a conversation may go on."""

    ACTS: Mapping[str, int] = {"claim": 32, "answer": 34, "note": 6, "leave": 14, "pass": 14}

    def __init__(
        self, name: str, line: Line, journal: Journal, chance: random.Random, pace: float, *, agent_id: str, others: Sequence[str], teams: Sequence[str]
    ) -> None:
        super().__init__(name, line, journal, chance, pace)
        self.name = agent_id  # events name them so
        self._others, self._teams = others, teams
        self._following: dict[str, asyncio.Task[None]] = {}

    async def begin(self) -> None:
        self._tasks.add(asyncio.create_task(self._sit()))

    async def act(self) -> None:
        (what,) = self.chance.choices(list(self.ACTS), list(self.ACTS.values()))
        found = await self._listed("waiting" if what == "claim" else "mine")
        if found:
            await self._do(what, self.chance.choice(found))

    async def _do(self, what: str, conversation: str) -> None:
        place = f"/api/desk/conversations/{conversation}"
        if what == "claim":
            answer = await self.line.ask("POST", f"{place}/claim", patience=DESK_PATIENCE)
            if answer is not None and answer.is_success:
                self.journal.add(Claimed(self.name, conversation))
                await self.open(conversation)
        elif what == "leave":
            way, body = self.chance.choice((("release", None), ("give-back", None), ("close", {"outcome": "solved"}), ("snooze", _soon())))
            await self.move(conversation, way, LEAVE[way], body)
        elif what == "pass":
            await self._pass(conversation)
        else:
            await self.send(f"{place}/{'messages' if what == 'answer' else 'notes'}", conversation, f"Vaatan kohe {self.word()}")
            await self.open(conversation)

    async def move(self, conversation: str, path: str, way: str, body: object = None, *, to: str | None = None, words: str = "") -> bool:
        """Do something with the conversation itself; True when the service has said that it is done."""
        self.journal.add(Moving(self.name, conversation, way, to, words))
        answer = await self.line.ask("POST", f"/api/desk/conversations/{conversation}/{path}", body, patience=DESK_PATIENCE)
        if answer is None or not answer.is_success:
            return False
        self.journal.add(Moved(self.name, conversation, way, to))
        if way not in ("undone", "given_back", "taken_over") and self.chance.random() < UNDO:
            await self.move(conversation, "undo", "undone")
        return True

    async def _pass(self, conversation: str) -> None:
        to_team = self.chance.random() < 0.4
        to = self.chance.choice(self._teams if to_team else self._others)
        note = f"Palun aita {self.word()}" if self.chance.random() < 0.5 else ""
        body = {"team_id" if to_team else "agent_id": to, "note": note}
        await self.move(conversation, "pass", "passed", body, to=None if to_team else to, words=note)

    async def _listed(self, name: str) -> list[str]:
        listed = await self.line.ask("GET", f"/api/desk/queue?list={name}", patience=DESK_PATIENCE)
        return [one["id"] for one in listed.json()["conversations"]] if listed is not None and listed.is_success else []

    async def _sit(self) -> None:
        """The desk's own stream: as long as it is open, they are here."""
        async with aclosing(self.line.listen_on("/api/desk/stream", dict)) as told:
            async for _news in told:
                pass

    async def open(self, conversation: str) -> None:
        """Look at it, and listen to it from there on."""
        if conversation in self._following:
            return
        opened = await self.line.ask("GET", f"/api/desk/conversations/{conversation}", patience=DESK_PATIENCE)
        if opened is not None and opened.is_success:
            last = opened.json()["conversation"]["last_number"]
            self._following[conversation] = self.follow("desk", conversation, f"/api/desk/conversations/{conversation}/stream", last)


class Supervisor(Agent):
    """Also takes over what colleagues have, and sets how soon customers are answered."""

    ACTS: Mapping[str, int] = {**Agent.ACTS, "take-over": 10, "set": 8}

    async def act(self) -> None:
        (what,) = self.chance.choices(list(self.ACTS), list(self.ACTS.values()))
        if what == "set":
            await self._set(self.chance.randint(1, 9_999))
        elif found := await self._listed({"claim": "waiting", "take-over": "all"}.get(what, "mine")):
            await self._do(what, self.chance.choice(found))

    async def _do(self, what: str, conversation: str) -> None:
        if what == "take-over":
            if await self.move(conversation, "take-over", "taken_over"):
                await self.open(conversation)
        else:
            await super()._do(what, conversation)

    async def _set(self, minutes: int) -> None:
        self.journal.add(Setting(EVERYBODY, minutes))
        form = {"first": str(minutes), "first_unit": "minutes", "active": "true", "csrf_token": self.line.known("X-CSRF-Token")}
        answer = await self.line.ask("POST", f"/people/times/{EVERYBODY}", form=form, patience=DESK_PATIENCE)
        if answer is not None and answer.status_code == 303:
            self.journal.add(IsSet(EVERYBODY, minutes, alone=self.line.tries == 1))


class Editor(Actor):
    """Publishes other words for the entries, one after another."""

    def __init__(self, name: str, line: Line, journal: Journal, chance: random.Random, pace: float, *, entries: list[str]) -> None:
        super().__init__(name, line, journal, chance, pace)
        self._entries, self._count = entries, 0

    async def act(self) -> None:
        entry = self.chance.choice(self._entries)
        present = await self.line.ask("GET", f"/api/editor/entries/{entry}", patience=DESK_PATIENCE)
        if present is None or not present.is_success:
            return
        known = present.json()
        self._count += 1
        words = f"Vastus number {self._count}."
        form = {"revision": known["revision"], "topic": known["topic"], "question": question_of(entry), "answer": words}
        self.journal.add(Publishing(entry, words))
        answer = await self.line.ask("POST", f"/api/editor/entries/{entry}/publish", form, patience=DESK_PATIENCE)
        if answer is not None and answer.is_success:
            self.journal.add(Published(entry, words))


class Operator(Actor):
    """Looks at how the house is, makes backups while it serves, and erases customers who asked for it by letter."""

    def __init__(self, name: str, line: Line, journal: Journal, chance: random.Random, pace: float, *, back_up: Callable[[], None]) -> None:
        super().__init__(name, line, journal, chance, pace)
        self._back_up = back_up

    async def act(self) -> None:
        what = self.chance.random()
        if what < 0.3:
            await asyncio.to_thread(self._back_up)
        elif what < 0.5:
            await self._erase()
        else:
            await self.line.ask("GET", self.chance.choice(("/health", "/ready")), patience=2)

    async def _erase(self) -> None:
        """As the page does it: look for the person, choose what was found, type how much it is."""
        talks = sorted({note.conversation for note in self.journal.of(Kept)} - {note.conversation for note in self.journal.of(Erased)})
        if not talks:
            return
        conversation = self.chance.choice(talks)
        form = {"csrf_token": self.line.known("X-CSRF-Token")}
        found = await self.line.ask("POST", PERSON, form=form | {"who": conversation}, patience=DESK_PATIENCE)
        search = SEARCH.search(found.text) if found is not None and found.is_success else None
        if found is None or search is None or conversation not in found.text:
            return  # nobody answered, or it has just been erased
        self.journal.add(Erasing(self.name, conversation))
        typed = {"search": search[1], "chosen": conversation, "typed": "1", "why": "letter"}
        gone = await self.line.ask("POST", f"{PERSON}/erase", form=form | typed, patience=DESK_PATIENCE)
        if gone is not None and gone.status_code == 200:
            self.journal.add(Erased(self.name, conversation))


def question_of(entry: str) -> str:
    """What a customer asks to be answered from the entry."""
    return f"mida tähendab {entry}"


def _soon() -> dict[str, str]:
    return {"until": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 30))}
