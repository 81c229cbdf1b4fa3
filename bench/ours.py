"""`abiline serve` as it comes, in a folder of its own: a message is sent to the widget's API, its answer comes over the stream."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import aiohttp
import httpx

from bench.contender import ANSWER_SECONDS, Answer, asking
from bench.material import ROOT, Material
from bench.running import Running, free_port
from bot.encoder import FOLDER
from bot.faq.entries import write_file
from bot.understanding import FaqEntry
from handoff import start
from handoff.accounts import service as accounts
from handoff.accounts.tables import Role
from handoff.settings import Settings
from handoff.web import COOKIE

TRAINING_SECONDS, START_SECONDS = 3600, 300


class Ours:
    """The service with a house of its own. `models` is where the exported encoder lies: it comes with the installation, so it is not counted as training."""

    name = "Abiline"

    def __init__(self, folder: Path, material: Material, models: Path) -> None:
        self._folder, self._material = folder, material
        self._settings = Settings(
            port=free_port(),
            data_dir=folder / "var",
            model_dir=folder / "models",
            faq_dir=folder / "faq",
        )
        self.programs: tuple[Running, ...] = ()
        shutil.rmtree(self._settings.data_dir, ignore_errors=True)  # an earlier run has put its new answer there
        self._settings.model_dir.mkdir(parents=True, exist_ok=True)
        if not (self._settings.model_dir / FOLDER).exists():
            shutil.copytree(models / FOLDER, self._settings.model_dir / FOLDER)
        self._settings.faq_dir.mkdir(parents=True, exist_ok=True)
        write_file(self._settings.faq_dir / "faq.yml", list(material.entries))

    def train(self) -> float:
        """See `Contender`: `abiline train`, with the reading of all entries."""
        return self._abiline("train", "train", "--force").finish(TRAINING_SECONDS)

    def start(self, question: str) -> float:
        """See `Contender`."""
        began = time.monotonic()
        server = self._abiline("server", "serve")
        self.programs = (server,)
        server.wait_until(lambda: self._answers(question), START_SECONDS)
        return time.monotonic() - began

    async def customer(self) -> OurCustomer:
        return await OurCustomer.comes(self.address)

    def change(self, entry: FaqEntry, question: str) -> float:
        """See `Contender`: published by an editor's request."""
        with self._editor() as http:
            form = {"question": entry.question, "answer": entry.answer, "examples": list(entry.examples), "topic": "bench"}
            made = http.post("/api/editor/entries", json=form).raise_for_status().json()
            began = time.monotonic()
            http.post(f"/api/editor/entries/{made['id']}/publish", json=form | {"revision": made["revision"]}).raise_for_status()
            self.programs[0].wait_until(lambda: asyncio.run(self._asked(question)).entry_id == made["id"], ANSWER_SECONDS)
            return time.monotonic() - began

    def stop(self) -> None:
        for program in self.programs:
            program.stop()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._settings.port}"

    @property
    def model_dir(self) -> Path:
        return self._settings.model_dir

    def _answers(self, question: str) -> bool:
        with suppress(aiohttp.ClientError):
            return asyncio.run(self._asked(question)).seconds > 0
        return False

    async def _asked(self, question: str) -> Answer:
        mari = await self.customer()
        try:
            return await mari.asks(question)
        finally:
            await mari.leaves()

    def _editor(self) -> httpx.Client:
        database = start.open_database(self._settings, lambda _line: None)
        login, password = secrets.token_hex(4), start.made_password()
        accounts.create(database, login=login, name="Bench", password=password, role=Role.EDITOR)
        token = accounts.log_in(database, login=login, password=password)
        person = accounts.whose(database, token)
        database.close()
        return httpx.Client(base_url=self.address, cookies={COOKIE: token}, headers={"X-CSRF-Token": person.csrf_token}, timeout=ANSWER_SECONDS)

    def _abiline(self, log: str, *words: str) -> Running:
        settings = self._settings
        environment = {
            "ABILINE_PORT": str(settings.port), "ABILINE_DATA_DIR": str(settings.data_dir), "ABILINE_MODEL_DIR": str(settings.model_dir),
            "ABILINE_FAQ_DIR": str(settings.faq_dir), "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        return Running([sys.executable, "-m", "handoff", *words], log=self._folder / f"{log}.log", cwd=ROOT, environment=environment)


class OurCustomer:
    """A widget: one stream, one secret. Each comes from an address of her own, as customers do; the service believes the proxy on loopback."""

    def __init__(self, http: aiohttp.ClientSession, conversation: str, held: AsyncExitStack, events: AsyncIterator[dict[str, Any]]) -> None:
        self._http, self._path, self._held, self._events = http, f"/api/widget/conversations/{conversation}", held, events

    @staticmethod
    async def comes(address: str) -> OurCustomer:
        """Begin a conversation and open its stream."""
        held = AsyncExitStack()
        try:
            at = ".".join(str(part) for part in (10, *os.urandom(3)))
            http = await held.enter_async_context(asking(address, headers={"X-Forwarded-For": at}))
            async with http.post("/api/widget/conversations", json={"language": "et"}) as answer:
                begun = await answer.json()
            http.headers["Authorization"] = f"Bearer {begun['secret']}"
            last = max(event["number"] for event in begun["events"])
            path = f"/api/widget/conversations/{begun['id']}/stream"
            stream = await held.enter_async_context(http.get(path, headers={"Last-Event-ID": str(last)}))
            return OurCustomer(http, begun["id"], held, _events(stream))
        except BaseException:
            await held.aclose()
            raise

    async def asks(self, text: str) -> Answer:
        began = time.perf_counter()
        async with self._http.post(f"{self._path}/messages", json={"client_id": secrets.token_hex(8), "text": text}) as kept:
            number = int((await kept.json())["number"])
        async with asyncio.timeout(ANSWER_SECONDS):
            async for event in self._events:
                if event["number"] > number and event["actor"] != "customer":
                    return _answer(event["body"], time.perf_counter() - began)
        raise aiohttp.ClientError("the stream ended before the answer")

    async def leaves(self) -> None:
        await self._held.aclose()


async def _events(stream: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    kind = ""
    async for line in stream.content:
        name, _, value = line.decode().rstrip().partition(": ")
        if name == "event":
            kind = value
        elif name == "data" and kind == "event":
            yield json.loads(value)


def _answer(body: dict[str, Any], seconds: float) -> Answer:
    return Answer(seconds, body.get("entry_id"))
