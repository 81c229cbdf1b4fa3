"""The figures of this process for Prometheus, in a registry of their own: two houses in one process never mix theirs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

STAGE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
REQUEST_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10)
WAKE_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.5, 2)
STAGES = ("claim", "wait", "slot", "bot", "understanding", "encoder", "actions", "commit", "answer", "whole")


class Tracer(Protocol):
    """Who follows single messages beside; see `handoff.operations.traces`."""

    @contextmanager
    def span(self, name: str) -> Iterator[None]: ...

    def ended(self, name: str, seconds: float) -> None: ...

    def request(self, name: str, status: int) -> None: ...

    def close(self) -> None: ...


class Meters:
    """Keeps `handoff.watch.Watch`, and counts requests and streams."""

    def __init__(self, tracer: Tracer | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self.tracer = tracer
        self._clock = clock
        ProcessCollector(registry=self.registry)
        own = self.registry
        self._stages = Histogram("abiline_stage_seconds", "Parts of the way from a kept message to its answer.", ["stage"], buckets=STAGE_SECONDS, registry=own)
        self._decisions = Counter("abiline_decisions_total", "Messages by what the bot did.", ["action"], registry=own)
        self._failures = Counter("abiline_bot_failures_total", "Messages that the bot gave no answer to.", ["why"], registry=own)
        self._queue = Gauge("abiline_bot_queue", "Conversations whose answer is being found or waits for it, in this process.", registry=own)
        self._requests = Counter("abiline_requests_total", "Answers by route and status.", ["method", "route", "status"], registry=own)
        self._seconds = Histogram("abiline_request_seconds", "Time to the first byte of an answer.", ["route"], buckets=REQUEST_SECONDS, registry=own)
        self._refused = Counter("abiline_rate_limited_total", "Requests refused because there were too many.", ["route"], registry=own)
        self.streams = Gauge("abiline_streams", "Event streams that are open, in this process.", registry=own)
        self.wake = Histogram("abiline_stream_wake_seconds", "From a commit until its streams are woken.", buckets=WAKE_SECONDS, registry=own)
        for stage in STAGES:
            self._stages.labels(stage)  # a part that never happened is a zero and no gap
        for why in ("slow", "error"):
            self._failures.labels(why)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = self._clock()
        try:
            if self.tracer is None:
                yield
            else:
                with self.tracer.span(name):
                    yield
        finally:
            self._stages.labels(name).observe(self._clock() - began)

    def took(self, name: str, seconds: float) -> None:
        self._stages.labels(name).observe(max(0.0, seconds))
        if self.tracer is not None:
            self.tracer.ended(name, seconds)

    def decided(self, action: str) -> None:
        self._decisions.labels(action).inc()

    def failed(self, why: str) -> None:
        self._failures.labels(why).inc()

    def bot_of(self, pid: Callable[[], int | None]) -> None:
        """Where the bot's own process is known: memory, processor and open files of it, as of this one. Nothing is told while there is none."""
        ProcessCollector(namespace="abiline_bot", pid=lambda: pid() or "none", registry=self.registry)

    def queue_of(self, length: Callable[[], int]) -> None:
        """Where the length of the bot's queue is known."""
        self._queue.set_function(length)

    def close(self) -> None:
        """Let go of what follows messages."""
        if self.tracer is not None:
            self.tracer.close()

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """A request was answered; `seconds` is None for streams and answers that wait for news."""
        self._requests.labels(method, route, str(status)).inc()
        if status == 429:
            self._refused.labels(route).inc()
        if seconds is not None:
            self._seconds.labels(route).observe(seconds)
