"""Carries finished spans to an OpenTelemetry collector: OTLP, in its JSON form, over HTTP.

OpenTelemetry's own exporter wants a protobuf that Rasa can't have, so this speaks the same protocol without it
(https://opentelemetry.io/docs/specs/otlp/#otlphttp; ids in hex, numbers of 64 bits as strings).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

PATH = "/v1/traces"
TIMEOUT_SECONDS = 5
SPAN_KIND_INTERNAL = 1
log = logging.getLogger(__name__)


class OtlpJson(SpanExporter):
    """One request a batch. What can't be delivered is given up: a trace is no reason to keep anything."""

    def __init__(self, collector: str, client: httpx.Client | None = None) -> None:
        self._url = collector + PATH
        self._client = client or httpx.Client(timeout=TIMEOUT_SECONDS)
        self._told = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            self._client.post(self._url, json=written(spans)).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not self._told:  # a collector that is down for a night fills no log
                log.warning("traces can't be delivered (%s); they are dropped until they can", type(error).__name__)
            self._told = True
            return SpanExportResult.FAILURE
        self._told = False
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self._client.close()


def written(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """`ExportTraceServiceRequest` of spans of one process."""
    resource = _attributes(spans[0].resource.attributes) if spans else []
    return {"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [{"scope": {"name": "abiline"}, "spans": [_span(one) for one in spans]}]}]}


def _span(span: ReadableSpan) -> dict[str, Any]:
    own = span.get_span_context()
    if own is None:
        return {}
    told: dict[str, Any] = {
        "traceId": f"{own.trace_id:032x}",
        "spanId": f"{own.span_id:016x}",
        "name": span.name,
        "kind": SPAN_KIND_INTERNAL,
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes or {}),
    }
    return told | ({"parentSpanId": f"{span.parent.span_id:016x}"} if span.parent else {})


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": str(value)}} for key, value in values.items()]
