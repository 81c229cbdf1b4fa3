"""Whatever the API's own description allows, and what it does not: no request makes the service fail.

schemathesis makes the requests from the description, the same ones each time; they are asked in process, by a supervisor who may do everything
and knows the conversation's secret, so that they come past the doors.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from handoff.accounts import keys
from handoff.bucket import Bucket
from handoff.conversations.service import Started
from handoff.database import Database
from tests.handoff.conftest import LogIn

pytestmark = [pytest.mark.commands, pytest.mark.load]
EXAMPLES = int(os.environ.get("ABILINE_API_EXAMPLES", "12"))  # of each operation, allowed ones and others; `make test-long` asks for many more
OURS = ("authorization", "user-agent", "x-csrf-token")
WAITS = ("stream",)  # a stream has no end: its own tests read it


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is slowed down here: what is refused unread proves nothing."""
    monkeypatch.setattr(Bucket, "take", lambda self, key: None)
    monkeypatch.setattr(Bucket, "check", lambda self, key: None)


@pytest.mark.parametrize("mode", GenerationMode)
def test_no_request_makes_the_service_fail(app: FastAPI, log_in: LogIn, mari: Started, unhurried: None, mode: GenerationMode) -> None:
    described = json.loads(json.dumps(app.openapi()))
    browser = log_in("tiit")
    browser.headers["Authorization"] = f"Bearer {mari.secret}"
    asked, statuses, failed = 0, set(), {}
    for found in schemathesis.openapi.from_dict(described).get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.path.endswith(WAITS):
            continue

        @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def play(case: Case[Any]) -> None:
            nonlocal asked
            asked += 1
            try:
                statuses.add(ask(browser, case, mari).status_code)
            except Exception as error:  # the browser of a test raises what would be a 500; all of them are told at once
                failed[f"{case.method} {case.path}"] = f"{type(error).__name__}: {error}"[:300]

        with suppress(Unsatisfiable):  # an operation where nothing can be wrong
            play()
    assert failed == {}
    assert asked > 300
    assert {200, 404, 422} <= statuses


@pytest.mark.parametrize("mode", GenerationMode)
def test_what_programs_are_answered_is_what_the_description_says(
    app: FastAPI, client: TestClient, anu: str, database: Database, mari: Started, unhurried: None, mode: GenerationMode
) -> None:
    client.headers["Authorization"] = f"Bearer {keys.make(database, keys.Wish('Proov', anu, tuple(keys.Scope)), by=None)[1]}"
    described = client.get("/api/v1/openapi.json").json()
    asked, failed = 0, {}
    for found in schemathesis.openapi.from_dict(described).get_all_operations():
        assert isinstance(found, Ok), found

        @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=found.ok().as_strategy(generation_mode=mode))
        def play(case: Case[Any]) -> None:
            nonlocal asked
            asked += 1
            try:
                answer = ask(client, case, mari)
                told = answer.headers.get("content-type", "")
                assert answer.status_code < 500, answer.text
                assert str(answer.status_code) in case.operation.definition.raw["responses"], f"{answer.status_code} is not described"
                assert told == ("application/problem+json" if answer.status_code >= 400 else "application/json") or not answer.content, (
                    f"{answer.status_code} {told} {answer.text[:60]}"
                )
            except Exception as error:
                failed[f"{case.method} {case.path}"] = f"{type(error).__name__}: {error}"[:200]

        with suppress(Unsatisfiable):
            play()
    assert failed == {}
    assert asked > 150


def ask(browser: TestClient, case: Case[Any], mari: Started) -> Any:
    """One request; those about a conversation are about Mari's, since an id that nobody has would end each at the door."""
    case.path_parameters = {**(case.path_parameters or {}), **({"conversation_id": mari.conversation_id} if "{conversation_id}" in case.path else {})}
    request = case.as_transport_kwargs(base_url="http://testserver")
    request.pop("cookies", None)
    request["headers"] = {
        name: value for name, value in dict(request.get("headers") or {}).items() if name.lower() not in ("authorization", "user-agent", "x-csrf-token")
    }
    if "wait" in (request.get("params") or {}):
        request["params"]["wait"] = 0
    if not isinstance(request.get("data"), str | bytes | dict | None):
        request.pop("data")
    if isinstance(request.get("data"), str | bytes):
        request["content"] = request.pop("data")
    return browser.request(**request, follow_redirects=False)
