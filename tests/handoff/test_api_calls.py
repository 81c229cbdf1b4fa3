"""Calls by the API: taken, tried again at a time, ended; by whom may and no one else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from handoff.accounts.keys import Scope
from handoff.api_client import Abiline, ApiError
from handoff.conversations import bells
from handoff.conversations.agents import Holder
from handoff.conversations.call_tables import Step
from handoff.database import Database, now
from tests.handoff import talk
from tests.handoff.programs import key_of
from tests.handoff.test_calls import call, rings, waiting

Opened = Callable[..., Abiline]


@pytest.fixture
def opened(client: TestClient, database: Database) -> Opened:
    """`opened(agent_id, *scopes)` is a program with a key in that person's name."""
    return lambda agent_id, *scopes: Abiline("http://testserver", key_of(database, agent_id, *scopes), client=client, pause=lambda _seconds: None)


def test_a_program_takes_a_call_tries_it_again_and_ends_it(opened: Opened, database: Database, jaan: Holder, kadri: Holder) -> None:
    ticket = waiting(database)
    program = opened(jaan.id)
    (one,) = program.callbacks()
    assert program.claim_callback(one["id"])["agent_id"] == jaan.id
    with pytest.raises(ApiError, match="409 already_taken"):
        opened(kadri.id).claim_callback(one["id"])
    starts = (now() + timedelta(days=2)).replace(microsecond=0)
    with pytest.raises(ApiError, match="403 not_allowed"):
        opened(kadri.id).retry_callback(one["id"], starts, "Keegi ei vastanud.")
    assert program.retry_callback(one["id"], starts, "Keegi ei vastanud.", key="proovin-uuesti-1")["state"] == "live"
    assert program.retry_callback(one["id"], starts, "Keegi ei vastanud.", key="proovin-uuesti-1")["state"] == "live"  # the same once more is no second try
    row = call(database, ticket)
    assert (row.tries, row.starts, row.ends) == (1, starts, starts + timedelta(minutes=30))
    assert rings(database) == [starts - bells.BEFORE]
    assert program.finish_callback(one["id"], "done", "Rääkisime.", close=True)["state"] == "closed"
    assert (call(database, ticket).step, rings(database), program.callbacks()) == (Step.DONE, [], [])
    assert talk.kinds(database, ticket).count("callback_done") == 1
    with pytest.raises(ApiError, match=r"40[39]"):
        program.finish_callback(one["id"], "done", "Veel kord.")


def test_a_wrong_number_leaves_the_conversation_open(opened: Opened, database: Database, jaan: Holder) -> None:
    waiting(database)
    program = opened(jaan.id)
    (one,) = program.callbacks()
    program.claim_callback(one["id"])
    assert program.finish_callback(one["id"], "wrong", "Vale number.", close=True)["state"] == "live"


def test_a_time_that_is_over_or_none_is_refused_and_a_key_that_only_reads_takes_nothing(opened: Opened, database: Database, jaan: Holder) -> None:
    waiting(database)
    program = opened(jaan.id)
    (one,) = program.callbacks()
    with pytest.raises(ApiError, match="403 not_allowed"):
        opened(jaan.id, Scope.READ).claim_callback(one["id"])
    with pytest.raises(ApiError, match="404 not_found"):
        program.claim_callback("olematu")
    program.claim_callback(one["id"])
    for never in (now() - timedelta(days=1), datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        with pytest.raises(ApiError, match="422"):
            program.retry_callback(one["id"], never, "Hiljem.")
