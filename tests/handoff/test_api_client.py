"""Our own client of the API asks again with the same key, waits as it is told and gives up with the service's words."""

from __future__ import annotations

import httpx
import pytest

from handoff.api_client import Abiline, ApiError


def test_the_client_asks_again_with_the_same_key_and_waits_as_it_is_told() -> None:
    asked: list[httpx.Request] = []
    told_to_wait = httpx.Response(429, headers={"Retry-After": "7"})
    answers: list[httpx.Response | Exception] = [httpx.ReadTimeout("kadus"), told_to_wait, httpx.Response(503), httpx.Response(201, json={"number": 4})]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        given = answers[len(asked) - 1]
        if isinstance(given, Exception):
            raise given
        return given

    waited: list[float] = []
    with Abiline("https://tugi.example/", "abl_x", client=httpx.Client(transport=httpx.MockTransport(answer)), pause=waited.append) as abiline:
        assert abiline.reply("a/b", "Tere!") == 4
    assert {str(one.url) for one in asked} == {"https://tugi.example/api/v1/conversations/a%2Fb/messages"}
    assert len({one.headers["Idempotency-Key"] for one in asked}) == 1
    assert waited == [0.5, 7.0, 14.0]


def test_the_client_gives_up_with_the_services_words() -> None:
    broken = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(502, text="<html>")))
    with pytest.raises(ApiError, match="502 error: Bad Gateway"):
        Abiline("https://tugi.example", "abl_x", client=broken, pause=lambda _seconds: None).people()
