"""Follows single messages through the house with OpenTelemetry: which part of which answer took how long.

A span has a name of ours, times, and the random id of its conversation; of a request its route's pattern and its status. Errors stay
out of it: what they say may quote a customer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from handoff.watch import conversation_now

CONVERSATION = "abiline.conversation"
STATUS = "http.response.status_code"


class Traces:
    """Keeps `handoff.operations.meters.Tracer`. Spans go out in batches from a thread of their own; nobody waits for the collector."""

    def __init__(self, exporter: SpanExporter, *, share: float = 1.0) -> None:
        sampler = ParentBased(TraceIdRatioBased(share))
        self._provider = TracerProvider(sampler=sampler, resource=Resource({"service.name": "abiline"}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("abiline")

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """The block is a part of what is under way in this task or thread."""
        with self._tracer.start_as_current_span(name, attributes=_about(), record_exception=False, set_status_on_exception=False):
            yield

    def ended(self, name: str, seconds: float) -> None:
        """A part that was measured elsewhere and is over now."""
        end = time.time_ns()
        self._tracer.start_span(name, start_time=end - int(max(0.0, seconds) * 1e9), attributes=_about()).end(end)

    def request(self, name: str, status: int) -> None:
        """What the present request turned out to be."""
        span = trace.get_current_span()
        span.update_name(name)
        span.set_attribute(STATUS, status)

    def close(self) -> None:
        """Send what is left, and stop."""
        self._provider.shutdown()


def _about() -> dict[str, str]:
    conversation = conversation_now.get()
    return {CONVERSATION: conversation} if conversation else {}
