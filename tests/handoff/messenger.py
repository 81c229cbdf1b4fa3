"""A messenger's API on this machine: it takes what it is sent, says no or keeps still when told to, and gives out files."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from tests.handoff.loopback import Loopback, QuietHandler

Answers = Callable[[str], tuple[int, Any]]


class Messenger(Loopback):
    """Answers each method as `answers` says, with success where it says nothing; `got` is what came, in its order."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self.failing: list[tuple[int, Any]] = []  # said first, one after the other
        self.files: dict[str, bytes] = {}
        messenger = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:
                method, kind = self.path.partition("?")[0].rpartition("/")[2], self.headers.get("Content-Type", "")
                body = self.body() if self.headers.get("Content-Length") else b""
                messenger.got.append((method, _read(body, kind)))
                status, told = messenger.failing.pop(0) if messenger.failing else (200, messenger.answers.get(method, {"ok": True, "result": {}}))
                time.sleep(told.get("late", 0) if isinstance(told, dict) else 0)
                with contextlib.suppress(ConnectionError):  # who asked has gone meanwhile
                    self._say(status, json.dumps(told).encode())

            def do_GET(self) -> None:
                name = self.path.partition("?")[0].rpartition("/")[2]
                found = messenger.files.get(name)
                if found is None:
                    told = messenger.answers.get(name)
                    self._say(200 if told is not None else 404, json.dumps(told).encode())
                else:
                    self._say(200, found)

            def _say(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if status == 429:
                    self.send_header("Retry-After", "30")
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)

    def said(self, method: str) -> list[str]:
        """The words of everything that was sent by this method."""
        return [str(body.get("text", "")) for name, body in self.got if name == method]


def _read(body: bytes, kind: str) -> Any:
    if kind.startswith("application/json"):
        return json.loads(body)
    if kind.startswith("application/x-www-form-urlencoded"):
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return {"raw": body}
