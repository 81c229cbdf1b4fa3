"""Somebody's page: it listens to a stream, begins anew where it breaks, and can be asked what it was told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

import httpx

PATIENCE_SECONDS = 30.0
News = tuple[str, Any]


class Reader:
    """Listens from being made until `stop`, in a thread of its own; asks for what came after the last number, as a browser does."""

    _all: ClassVar[list[Reader]] = []

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url, self._headers, self._last = url, headers, "0"
        self._told: list[News] = []
        self._more = threading.Condition()
        self._over = threading.Event()
        self._client = httpx.Client(timeout=httpx.Timeout(PATIENCE_SECONDS), trust_env=False)
        self.begun = 0  # streams
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self._all.append(self)

    def stop(self) -> None:
        """The page is closed. What it waits for at the moment ends with the next heartbeat, or with the process."""
        self._over.set()

    def wait_for(self, wanted: Callable[[list[News]], object], *, says: str = "") -> list[News]:
        """All that was told, as soon as `wanted` is true of it. Raises `AssertionError` with what was told when it does not come."""
        with self._more:
            came = self._more.wait_for(lambda: wanted(self._told), PATIENCE_SECONDS)
            assert came, f"{says or 'what was waited for'} did not come; told: {self._told[-12:]}"
            return list(self._told)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of the conversation so far, each as often as it was told."""
        with self._more:
            return [data for name, data in self._told if name == "event" and data["kind"] == "message"]

    @classmethod
    def end_all(cls) -> None:
        """Once nobody serves any more: wait until every page has gone."""
        while cls._all:
            one = cls._all.pop()
            one.stop()
            one._thread.join(PATIENCE_SECONDS)

    def _listen(self) -> None:
        with self._client:
            while not self._over.is_set():
                try:
                    with self._client.stream("GET", self._url, headers=self._headers | {"Last-Event-ID": self._last}) as answer:
                        answer.raise_for_status()
                        self.begun += 1
                        self._read(answer)
                except httpx.HTTPError:
                    time.sleep(0.1)

    def _read(self, answer: httpx.Response) -> None:
        name, number = "", self._last
        for line in answer.iter_lines():
            if self._over.is_set():
                return
            if line.startswith("id: "):
                number = line.removeprefix("id: ")
            elif line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                with self._more:
                    self._told.append((name, json.loads(line.removeprefix("data: "))))
                    self._last = number
                    self._more.notify_all()
