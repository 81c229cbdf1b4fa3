"""Rasa's own commands with this repository, as any Rasa user runs them. Started together, since each imports for ten seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.ports import free_port

pytestmark = [pytest.mark.commands, pytest.mark.load]
ROOT = Path(__file__).parents[1]
START_SECONDS = 240
FOREIGN_NLU = """
version: "3.1"
nlu:
- intent: lauabroneering
  examples: |
    - soovin lauda broneerida
    - kas reede õhtul on vaba lauda
    - laud neljale palun
    - tahaks homseks kohta kinni panna
- intent: menyy
  examples: |
    - mis teil süüa on
    - näidake menüüd
    - kas taimetoitu pakute
    - palju kartulisalat maksab
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def start(trained_model: Path) -> Iterator[Start]:
    """Starts `rasa …` in the repository; what still runs at the end is ended."""
    running: list[subprocess.Popen[str]] = []
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "ABILINE_MODEL_DIR": str(trained_model), "PYTHONWARNINGS": "ignore", "SANIC_WORKERS": "1"}

    def begin(*words: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "rasa", *words], cwd=ROOT, env=os.environ | quiet | environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@dataclass(frozen=True)
class Commands:
    """Commands that end by themselves, all started at once, and the folder they write to."""

    folder: Path
    validate: subprocess.Popen[str]
    core: subprocess.Popen[str]
    nlu: subprocess.Popen[str]


@pytest.fixture(scope="module")
def commands(start: Start, trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    folder = tmp_path_factory.mktemp("rasa")
    (folder / "nlu.yml").write_text(FOREIGN_NLU, encoding="utf-8")
    model = str(trained_model / "abiline.tar.gz")
    return Commands(
        folder,
        validate=start("data", "validate"),
        core=start("test", "core", "--stories", "tests/dialogue", "--model", model, "--out", str(folder / "core")),
        nlu=start("train", "nlu", "--config", "config.yml", "--nlu", str(folder / "nlu.yml"), "--out", str(folder / "models")),
    )


def ended(process: subprocess.Popen[str], said: str = "") -> str:
    output, _ = process.communicate(said, timeout=START_SECONDS)
    assert process.returncode == 0, output[-3000:]
    return output


def test_the_training_data_is_valid(commands: Commands) -> None:
    output = ended(commands.validate)
    assert "No story structure conflicts found" in output
    assert not [line for line in output.splitlines() if "intent" in line and "is not used in any story or rule" in line]


def test_every_dialogue_goes_as_written(commands: Commands) -> None:
    ended(commands.core)
    failed = (commands.folder / "core" / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert "None of the test stories failed" in failed, failed


@pytest.mark.parametrize("folder", ["faq", "bank"])
def test_nothing_but_training_data_looks_like_it(folder: str) -> None:
    """Rasa takes any YAML file below `data/` with one of these keys for its own."""
    for path in (ROOT / "data" / folder).glob("*.yml"):
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        assert not {"nlu", "responses", "stories", "rules", "forms", "intents"} & set(found if isinstance(found, dict) else ())


def test_every_rule_has_a_dialogue() -> None:
    def steps(path: Path, key: str) -> list[dict[str, Any]]:
        return [step for story in yaml.safe_load(path.read_text(encoding="utf-8"))[key] for step in story["steps"]]

    ruled = {step["intent"] for step in steps(ROOT / "data" / "rules.yml", "rules") if "intent" in step}
    tried = {step["intent"] for path in (ROOT / "tests" / "dialogue").glob("test_*.yml") for step in steps(path, "stories") if "intent" in step}
    assert ruled == tried


def test_anybodys_intents_are_learned_and_left_alone(start: Start, commands: Commands) -> None:
    """Another bot's NLU file: no FAQ, no intent of ours, so the decision keeps out of it."""
    ended(commands.nlu)
    output = ended(start("shell", "nlu", "--model", str(commands.folder / "models")), "kas teil on laupäeval mõni laud vaba\n/stop\n")
    parsed, _ = json.JSONDecoder().raw_decode(output[output.index('{\n  "text"') :])
    assert parsed["intent"]["name"] == "lauabroneering"
    assert "decision" not in parsed


class Desk(BaseHTTPRequestHandler):
    """A desk that takes every handoff."""

    got: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((self.path, self.headers["Authorization"], self.headers["Idempotency-Key"], body))  # type: ignore[attr-defined]
        self.send_response(201)
        self.end_headers()
        self.wfile.write(json.dumps({"handoff_id": "h1", "conversation_id": "c1", "state": "waiting"}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to the test's output."""


@pytest.fixture
def desk() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Desk)
    server.got = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_separate_rasa_answers_and_hands_over(start: Start, trained_model: Path, desk: HTTPServer, tmp_path: Path) -> None:
    rasa, actions = free_port(), free_port()
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions}/webhook\n", encoding="utf-8")
    intake = {"ABILINE_INTAKE_URL": f"http://127.0.0.1:{desk.server_port}", "ABILINE_INTAKE_TOKEN": "saladus"}
    processes = [
        start("run", "actions", "--port", str(actions), **intake),
        start("run", "--port", str(rasa), "--interface", "127.0.0.1", "--model", str(trained_model / "abiline.tar.gz"), "--endpoints", str(endpoints)),
    ]
    wait_for(f"http://127.0.0.1:{actions}/health", processes[0])
    wait_for(f"http://127.0.0.1:{rasa}/", processes[1])

    def say(text: str) -> list[dict[str, Any]]:
        answer = httpx.post(f"http://127.0.0.1:{rasa}/webhooks/rest/webhook", json={"sender": "mari-1", "message": text}, timeout=60)
        said: list[dict[str, Any]] = answer.json()
        return said

    answered = say("mitu päeva on mul aega kaup tagastada?")
    assert "14 päeva" in answered[0]["text"]
    handed = say("tahan inimesega rääkida")
    assert [message["text"] for message in handed] == ["Annan vestluse üle klienditeenindajale. Ta näeb kogu senist juttu ja vastab teile siinsamas."]
    ((path, token, key, request),) = desk.got  # type: ignore[attr-defined]
    assert (path, token) == ("/api/handoffs", "Bearer saladus")
    assert key.startswith("rasa:mari-1:")
    assert [said["text"] for said in request["messages"] if said["who"] == "customer"] == ["mitu päeva on mul aega kaup tagastada?", "tahan inimesega rääkida"]
    assert request["candidates"][0]["shown"]
    assert say("halloo") == []


def wait_for(address: str, process: subprocess.Popen[str]) -> None:
    """Until it answers; a process that ended instead shows what it said."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[0][-3000:]
        try:
            if httpx.get(address, timeout=2).is_success:
                return
        except httpx.TransportError:
            threading.Event().wait(0.2)
    raise AssertionError(f"{address} did not answer within {START_SECONDS} s")
