"""Rasa as its own guide recommends it for an FAQ: WhitespaceTokenizer, count vectors, DIET, a ResponseSelector with the entries as retrieval
intents, TED and RulePolicy; `rasa run` with `rasa run actions` beside it, asked over the REST channel."""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import yaml

from bench.contender import ANSWER_SECONDS, Answer, asking
from bench.material import Material
from bench.running import Running, free_port
from bot.understanding import FaqEntry

FAQ = "faq"
TRAINING_SECONDS, START_SECONDS = 7200, 600
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore", "TF_CPP_MIN_LOG_LEVEL": "3"}
CONFIG = """
recipe: default.v1
assistant_id: stock
language: et
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    retrieval_intent: faq
    epochs: 100
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: RulePolicy
  - name: TEDPolicy
    max_history: 5
    epochs: 100
    constrain_similarities: true
"""
# The usual action server of an FAQ bot: it looks at what the selector found and says it.
ACTIONS = """
from rasa_sdk import Action


class AnswerFaq(Action):
    def name(self):
        return "action_answer_faq"

    def run(self, dispatcher, tracker, domain):
        found = tracker.latest_message["response_selector"]["faq"]["response"]["intent_response_key"]
        dispatcher.utter_message(response="utter_" + found, json_message={"entry": found.partition("/")[2]})
        return []
"""


class Stock:
    """A Rasa project in a folder of its own."""

    name = "stock Rasa"

    def __init__(self, folder: Path, material: Material) -> None:
        self._folder, self._material = folder, material
        self._entries = list(material.entries)
        self._port, self._actions_port = free_port(), free_port()
        self.programs: tuple[Running, ...] = ()

    def train(self) -> float:
        """See `Contender`: `rasa train`, all of it."""
        self.write()
        return self._rasa("train", "train", "--fixed-model-name", f"model-{len(self._entries)}", "--quiet").finish(TRAINING_SECONDS)

    def start(self, question: str) -> float:
        """See `Contender`."""
        self.write()  # where its actions are this time, also when it was trained by an earlier run
        began = time.monotonic()
        actions = self._rasa("actions", "run", "actions", "--port", str(self._actions_port))
        server = self._rasa("server", "run", "--enable-api", "--interface", "127.0.0.1", "--port", str(self._port), "--model", str(self._model))
        self.programs = (server, actions)
        server.wait_until(lambda: self._answers(question) is not None, START_SECONDS)
        return time.monotonic() - began

    async def customer(self) -> StockCustomer:
        return StockCustomer(self._address)

    def change(self, entry: FaqEntry, question: str) -> float:
        """See `Contender`: trained anew, then loaded by the running server (`PUT /model`)."""
        began = time.monotonic()
        self._entries.append(entry)
        self.train()
        httpx.put(f"{self._address}/model", json={"model_file": str(self._model)}, timeout=START_SECONDS).raise_for_status()
        self.programs[0].wait_until(lambda: self._answers(question) == entry.id, ANSWER_SECONDS)
        return time.monotonic() - began

    def stop(self) -> None:
        for program in self.programs:
            program.stop()

    @property
    def _model(self) -> Path:
        return self._folder / "models" / f"model-{len(self._entries)}.tar.gz"

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _answers(self, question: str) -> str | None:
        """The entry that it is answered from, "" where it is answered otherwise, None while nobody answers."""
        try:
            return asyncio.run(self._asked(question)).entry_id or ""
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def _asked(self, question: str) -> Answer:
        customer = await self.customer()
        try:
            return await customer.asks(question)
        finally:
            await customer.leaves()

    def _rasa(self, log: str, *words: str) -> Running:
        return Running([sys.executable, "-m", "rasa", *words], log=self._folder / f"{log}.log", cwd=self._folder, environment=QUIET)

    def write(self) -> None:
        """The project's files, with the entries as they are now."""
        (self._folder / "data").mkdir(parents=True, exist_ok=True)
        (self._folder / "config.yml").write_text(CONFIG, encoding="utf-8")
        (self._folder / "actions.py").write_text(ACTIONS, encoding="utf-8")
        self._yaml("credentials.yml", {"rest": None})
        self._yaml("endpoints.yml", {"action_endpoint": {"url": f"http://127.0.0.1:{self._actions_port}/webhook"}})
        self._yaml("domain.yml", _domain(self._entries, self._intents))
        self._yaml("data/nlu.yml", {"version": "3.1", "nlu": [*self._chat(), *map(_retrieval, self._entries)]})
        self._yaml(
            "data/rules.yml", {"version": "3.1", "rules": [_rule(FAQ, "action_answer_faq"), *(_rule(intent, f"utter_{intent}") for intent in self._intents)]}
        )
        self._yaml("data/stories.yml", {"version": "3.1", "stories": [_story()]})

    @property
    def _intents(self) -> list[str]:
        return sorted({example.intent for example in self._material.chat})

    def _chat(self) -> Iterable[dict[str, str]]:
        texts: dict[str, list[str]] = defaultdict(list)
        for example in self._material.chat:
            texts[example.intent].append(example.text)
        return ({"intent": intent, "examples": _listed(texts[intent])} for intent in self._intents)

    def _yaml(self, name: str, form: dict[str, Any]) -> None:
        (self._folder / name).write_text(yaml.safe_dump(form, allow_unicode=True, sort_keys=False, width=10_000), encoding="utf-8")


class StockCustomer:
    """Over `POST /webhooks/rest/webhook`, which answers when the whole turn is done."""

    def __init__(self, address: str) -> None:
        self._http = asking(address)
        self._sender = secrets.token_hex(8)

    async def asks(self, text: str) -> Answer:
        began = time.perf_counter()
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with self._http.post("/webhooks/rest/webhook", json={"sender": self._sender, "message": text}, timeout=timeout) as answered:
            replies = await answered.json()
        seconds = time.perf_counter() - began
        said = [one["custom"]["entry"] for one in replies if "custom" in one]
        return Answer(seconds, said[0] if said else None)

    async def leaves(self) -> None:
        await self._http.close()


def _domain(entries: Iterable[FaqEntry], intents: Iterable[str]) -> dict[str, Any]:
    answers = {f"utter_{FAQ}/{entry.id}": [{"text": entry.answer}] for entry in entries}
    said = {f"utter_{intent}": [{"text": f"({intent})"}] for intent in (*intents, "default")}
    return {"version": "3.1", "intents": [FAQ, *intents], "actions": ["action_answer_faq"], "responses": answers | said}


def _retrieval(entry: FaqEntry) -> dict[str, str]:
    return {"intent": f"{FAQ}/{entry.id}", "examples": _listed([entry.question, *entry.examples])}


def _rule(intent: str, action: str) -> dict[str, Any]:
    return {"rule": intent, "steps": [{"intent": intent}, {"action": action}]}


def _story() -> dict[str, Any]:
    """What TED learns from; the rules say the same."""
    return {"story": "a greeting and a question", "steps": [{"intent": "greet"}, {"action": "utter_greet"}, {"intent": FAQ}, {"action": "action_answer_faq"}]}


def _listed(texts: Iterable[str]) -> str:
    """Rasa's list of examples; brackets would mark entities."""
    return "".join(f"- {' '.join(text.translate(_BRACKETS).split())}\n" for text in texts)


_BRACKETS = str.maketrans("[]{}", "()()")
