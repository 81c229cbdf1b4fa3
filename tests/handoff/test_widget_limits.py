"""Who asks too often waits; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from handoff.bucket import Bucket
from handoff.errors import TooMany
from handoff.services import Services
from handoff.widget import routes
from handoff.widget.limits import Limits


class Clock:
    def __init__(self) -> None:
        self.moment = 0.0

    def __call__(self) -> float:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_passes_and_the_next_one_is_told_how_long_to_wait(clock: Clock) -> None:
    bucket = Bucket(burst=2, per_second=0.5, clock=clock)
    bucket.take("mari")
    bucket.take("mari")
    with pytest.raises(TooMany) as refused:
        bucket.take("mari")
    assert refused.value.retry_after == 2


def test_time_fills_the_bucket_again(clock: Clock) -> None:
    bucket = Bucket(burst=1, per_second=0.5, clock=clock)
    bucket.take("mari")
    clock.moment += 2
    bucket.take("mari")


def test_one_visitor_does_not_slow_another(clock: Clock) -> None:
    bucket = Bucket(burst=1, per_second=1, clock=clock)
    bucket.take("mari")
    bucket.take("peeter")


@pytest.fixture
def narrow(app: FastAPI, services: Services) -> Iterator[TestClient]:
    """The widget alone, with room for one new conversation."""
    small = FastAPI()
    small.exception_handlers.update(app.exception_handlers)
    small.include_router(routes.router(services, Limits(starts=Bucket(burst=1, per_second=0.001))))
    with TestClient(small) as browser:
        yield browser


def test_the_refusal_says_when_to_come_back_and_the_page_may_read_it(narrow: TestClient) -> None:
    assert narrow.post("/api/widget/conversations", json={}).status_code == 201
    refused = narrow.post("/api/widget/conversations", json={}, headers={"Origin": "https://pood.example"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
