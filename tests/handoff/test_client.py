"""The way from a separate Rasa to the desk: delivered once, tried again when that helps, clear when it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from handoff import client
from handoff.contract import HandoffAccepted, HandoffRequest, Reason

ACCEPTED = {"handoff_id": "h1", "conversation_id": "c1", "state": "waiting"}
REQUEST = HandoffRequest(conversation_id="mari-1", reason=Reason.ASKED, requested_at=datetime(2026, 11, 21, tzinfo=UTC), messages=[])


class Desk:
    """Answers with these, the last one again and again, and remembers what came."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.got: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def deliver(desk: Callable[[httpx.Request], httpx.Response]) -> object:
    async with httpx.AsyncClient(transport=httpx.MockTransport(desk)) as http:
        return await client.deliver(REQUEST, key="k1", url="https://abiline.example/", token="saladus", client=http)


async def test_a_handoff_is_posted_with_token_and_key() -> None:
    desk = Desk(httpx.Response(201, json=ACCEPTED))
    accepted = await deliver(desk)
    assert accepted == HandoffAccepted(**ACCEPTED)
    (request,) = desk.got
    assert str(request.url) == "https://abiline.example/api/handoffs"
    assert request.headers["Authorization"] == "Bearer saladus"
    assert request.headers["Idempotency-Key"] == "k1"
    assert json.loads(request.content)["conversation_id"] == "mari-1"


async def test_a_desk_that_stumbles_gets_the_same_handoff_again() -> None:
    desk = Desk(httpx.ConnectError("down"), httpx.Response(503), httpx.Response(200, json=ACCEPTED))
    await deliver(desk)
    assert [request.headers["Idempotency-Key"] for request in desk.got] == ["k1", "k1", "k1"]


async def test_a_desk_that_stays_down_is_an_error_that_may_pass() -> None:
    desk = Desk(httpx.Response(502))
    with pytest.raises(client.HandoffNotDelivered, match="HTTP 502") as caught:
        await deliver(desk)
    assert not caught.value.permanent
    assert len(desk.got) == client.TRIES


async def test_a_refusal_is_not_tried_again() -> None:
    desk = Desk(httpx.Response(401))
    with pytest.raises(client.HandoffNotDelivered, match="HTTP 401") as caught:
        await deliver(desk)
    assert caught.value.permanent
    assert len(desk.got) == 1


async def test_an_answer_that_is_no_acceptance_is_an_error() -> None:
    with pytest.raises(client.HandoffNotDelivered, match="something else"):
        await deliver(Desk(httpx.Response(200, text="<html>")))


async def test_a_missing_address_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(client.URL_KEY, raising=False)
    with pytest.raises(client.HandoffNotDelivered, match="ABILINE_INTAKE_URL"):
        await client.deliver(REQUEST, key="k1")
