"""Traces go to a real collector on this machine, by OTLP over HTTP: one message from its request to its answer, without a word of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

from bot.stages import ENCODER, part
from bot.understanding import Incoming, TrackerEvents, Turn
from handoff.database import Database
from handoff.operations.beginning import tracer
from handoff.operations.otlp import OtlpJson
from handoff.settings import read_settings
from tests.fakes import FakeBot
from tests.handoff import talk

WORDS = "Mari Maasikas, 5555 1234: millal pakk jõuab?"


class Collector(ThreadingHTTPServer):
    """Keeps what it is given."""

    daemon_threads = True
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, str, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def spans(self) -> list[dict[str, Any]]:
        return [span for _, _, body in self.got for resource in body["resourceSpans"] for scope in resource["scopeSpans"] for span in scope["spans"]]


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Reading(FakeBot):
    """Its encoder reads, so to speak."""

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        with part(ENCODER):
            return await super().reply(history, message)


def test_a_message_is_followed_from_its_request_to_its_answer_without_a_word_of_it(collector: Collector, database: Database, tmp_path: Path) -> None:
    from handoff.app import create_app

    with TestClient(create_app(read_settings(data_dir=tmp_path, traces=collector.url), Reading(), database)) as client:
        begun = client.post("/api/widget/conversations", json={"language": "et"}).json()
        mari = {"Authorization": f"Bearer {begun['secret']}"}
        client.post(f"/api/widget/conversations/{begun['id']}/messages", headers=mari, json={"client_id": "mari-0001", "text": WORDS})
        while not talk.debts(database, begun["id"])[0].paid_at:
            client.get("/health")

    by_name = {span["name"]: span for span in collector.spans}
    request = by_name["POST /api/widget/conversations/{conversation_id}/messages"]
    assert {"answer", "slot", "bot", "encoder", "commit", "wait", "whole"} <= set(by_name)
    assert {span["traceId"] for span in (request, by_name["answer"], by_name["bot"], by_name["encoder"])} == {request["traceId"]}
    assert by_name["answer"]["parentSpanId"] == request["spanId"]
    assert by_name["encoder"]["parentSpanId"] == by_name["bot"]["spanId"]
    assert {"key": "abiline.conversation", "value": {"stringValue": begun["id"]}} in by_name["answer"]["attributes"]
    assert {"key": "http.response.status_code", "value": {"intValue": "201"}} in request["attributes"]
    assert int(by_name["bot"]["endTimeUnixNano"]) >= int(by_name["bot"]["startTimeUnixNano"])
    told = json.dumps(collector.got, ensure_ascii=False)
    assert [word for word in ("Maasikas", "5555", "pakk", begun["secret"]) if word in told] == []
    assert {(path, kind) for path, kind, _ in collector.got} == {("/v1/traces", "application/json")}
    assert collector.got[0][2]["resourceSpans"][0]["resource"]["attributes"] == [{"key": "service.name", "value": {"stringValue": "abiline"}}]


def test_a_collector_that_refuses_or_is_away_is_told_of_once_and_keeps_nobody_waiting(collector: Collector, caplog: pytest.LogCaptureFixture) -> None:
    span = TracerProvider(shutdown_on_exit=False).get_tracer("proov").start_span("proov")
    span.end()
    exporter = OtlpJson(collector.url, httpx.Client())
    collector.status = 503
    assert [exporter.export([span]) for _ in range(2)] == [SpanExportResult.FAILURE] * 2  # type: ignore[list-item]
    assert caplog.text.count("dropped") == 1
    collector.status = 200
    assert exporter.export([span]) is SpanExportResult.SUCCESS  # type: ignore[list-item]
    away = OtlpJson("http://127.0.0.1:9")
    assert away.export([span]) is SpanExportResult.FAILURE  # type: ignore[list-item]
    for one in (exporter, away):
        one.shutdown()


def test_without_a_collector_nothing_is_followed_and_its_library_is_not_read(database: Database, tmp_path: Path) -> None:
    assert tracer(read_settings(data_dir=tmp_path)) is None
