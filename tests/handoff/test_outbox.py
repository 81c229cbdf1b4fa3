"""Deliveries to a real HTTP receiver on this machine: signed, repeated, never lost."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from handoff.database import Database, Table, now
from handoff.outbox import CLAIM_SECONDS, LAST_ATTEMPT, Outbox, OutboxRow, Sent, back_off, enqueue, sign
from tests.handoff import talk
from tests.handoff.receiver import Receiver

pytestmark = pytest.mark.both_databases

SECRET = "ühine-saladus"
PAYLOAD = {"reason": "asked", "messages": [{"who": "customer", "text": "Kus mu šokolaad on?"}]}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
async def outbox(database: Database) -> AsyncIterator[Outbox]:
    made = Outbox(database, secret=SECRET, client=httpx.AsyncClient(timeout=5, trust_env=False))
    yield made
    await made.close()


def owe(database: Database, url: str, key: str = "handoff:1") -> None:
    with database.write() as session:
        enqueue(session, kind="handoff", url=url, key=key, payload=PAYLOAD)


def rows(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.made_at)))


def make_due(database: Database) -> None:
    """The waiting is over."""
    with database.write() as session:
        session.execute(update(OutboxRow).values(next_at=now() - timedelta(seconds=1)))


async def test_a_delivery_carries_the_payload_the_key_and_a_signature(database: Database, outbox: Outbox, receiver: Receiver) -> None:
    owe(database, receiver.url)
    assert await outbox.deliver_one()
    (row,) = rows(database)
    ((headers, body),) = receiver.got
    assert "Kus mu šokolaad on?" in body.decode()
    assert (headers["Idempotency-Key"], headers["Webhook-Id"], headers["Content-Type"]) == ("handoff:1", row.id, "application/json")
    assert headers["Webhook-Signature"] == sign(SECRET, row.id, int(headers["Webhook-Timestamp"]), body)
    assert abs(int(headers["Webhook-Timestamp"]) - datetime.now(UTC).timestamp()) < 60
    assert (row.delivered_at is not None, row.last_error, row.attempts) == (True, None, 1)


async def test_what_a_wrong_clock_has_put_off_by_hours_goes_at_once_when_the_clock_is_right_again(
    database: Database, outbox: Outbox, receiver: Receiver
) -> None:
    owe(database, receiver.url)
    with database.write() as session:
        session.execute(update(OutboxRow).values(made_at=now() + timedelta(hours=2), next_at=now() + timedelta(hours=2)))
    assert await outbox.deliver_one()
    assert rows(database)[0].delivered_at is not None


async def test_what_is_to_go_later_goes_later(database: Database, outbox: Outbox) -> None:
    with database.write() as session:
        enqueue(session, kind="handoff", url="http://127.0.0.1:9", key="handoff:1", payload=PAYLOAD, after=timedelta(hours=2))
    assert not await outbox.deliver_one()


async def test_what_is_erased_while_it_is_on_its_way_stays_erased(database: Database) -> None:
    async def erased_meanwhile(row: OutboxRow) -> Sent:
        with database.write() as session:
            session.execute(update(OutboxRow).values(payload={}, dead_at=now(), last_error="erased"))
        return Sent("HTTP 503")

    owe(database, "http://127.0.0.1:9")
    await Outbox(database, secret=SECRET, ways={"handoff": erased_meanwhile}).deliver_one()
    (row,) = rows(database)
    assert (row.last_error, row.payload, row.dead_at is not None) == ("erased", {}, True)


async def test_what_is_delivered_is_not_sent_again(database: Database, outbox: Outbox, receiver: Receiver) -> None:
    owe(database, receiver.url)
    await outbox.deliver_one()
    make_due(database)
    assert not await outbox.deliver_one()
    assert len(receiver.got) == 1


async def test_without_a_secret_nothing_is_signed(database: Database, receiver: Receiver) -> None:
    unsigned = Outbox(database, secret="", client=httpx.AsyncClient(trust_env=False))
    owe(database, receiver.url)
    await unsigned.deliver_one()
    await unsigned.close()
    assert "Webhook-Signature" not in receiver.got[0][0]


@pytest.mark.parametrize("status", [500, 503, 404, 301])
async def test_a_receiver_that_refuses_delays_and_never_loses(database: Database, outbox: Outbox, receiver: Receiver, status: int) -> None:
    owe(database, receiver.url)
    receiver.status = status
    await outbox.deliver_one()
    (row,) = rows(database)
    assert (row.delivered_at, row.dead_at, row.last_error) == (None, None, f"HTTP {status}")
    assert row.next_at > now()
    assert not await outbox.deliver_one(), "not before it is due"
    receiver.status = 204
    make_due(database)
    await outbox.deliver_one()
    (row,) = rows(database)
    assert (row.delivered_at is not None, row.attempts) == (True, 2)
    assert len({headers["Idempotency-Key"] for headers, _ in receiver.got}) == 1


async def test_a_receiver_that_is_not_there_delays_too(database: Database, outbox: Outbox) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    owe(database, url)
    assert await outbox.deliver_one()
    assert rows(database)[0].last_error == "ConnectError"


@pytest.mark.parametrize("url", ["http://[::1", "http://", "gopher://desk"])
async def test_an_impossible_address_is_an_error_of_the_row_and_not_of_the_outbox(database: Database, outbox: Outbox, url: str) -> None:
    owe(database, url)
    assert await outbox.deliver_one()
    (row,) = rows(database)
    assert row.last_error
    assert row.next_at > now()


async def test_after_the_last_attempt_it_is_visibly_dead(database: Database, outbox: Outbox, receiver: Receiver) -> None:
    owe(database, receiver.url)
    receiver.status = 500
    for _ in range(LAST_ATTEMPT):
        assert rows(database)[0].dead_at is None
        make_due(database)
        await outbox.deliver_one()
    (row,) = rows(database)
    assert (row.dead_at is not None, row.delivered_at, row.attempts) == (True, None, LAST_ATTEMPT)
    make_due(database)
    assert not await outbox.deliver_one()
    assert len(receiver.got) == LAST_ATTEMPT


async def test_one_that_fails_does_not_hold_up_the_next(database: Database, outbox: Outbox, receiver: Receiver) -> None:
    owe(database, "http://[::1", key="handoff:1")
    owe(database, receiver.url, key="handoff:2")
    await outbox.deliver_one()
    await outbox.deliver_one()
    assert [headers["Idempotency-Key"] for headers, _ in receiver.got] == ["handoff:2"]


async def test_of_two_workers_one_sends(database: Database, outbox: Outbox, receiver: Receiver) -> None:
    owe(database, receiver.url)
    other = Outbox(database, secret=SECRET, client=httpx.AsyncClient(trust_env=False))
    sent = await asyncio.gather(outbox.deliver_one(), other.deliver_one())
    await other.close()
    assert sorted(sent) == [False, True]
    assert len(receiver.got) == 1


async def test_what_a_killed_worker_had_in_hand_is_sent_after_its_claim(database: Database, outbox: Outbox, receiver: Receiver) -> None:
    owe(database, receiver.url)
    with database.write() as session:  # as the claim of a worker leaves it, that was killed while sending
        session.execute(update(OutboxRow).values(attempts=1, next_at=now() + timedelta(seconds=CLAIM_SECONDS)))
    assert not await outbox.deliver_one()
    make_due(database)
    assert await outbox.deliver_one()
    assert len(receiver.got) == 1


def test_the_same_key_is_owed_once(database: Database) -> None:
    owe(database, "http://localhost/")
    owe(database, "http://localhost/")
    assert len(rows(database)) == 1


def test_what_is_owed_in_a_transaction_that_fails_is_not_owed(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            enqueue(session, kind="handoff", url="http://localhost/", key="handoff:1", payload={})
            raise RuntimeError("the change itself failed")

    with pytest.raises(RuntimeError):
        fail()
    assert rows(database) == []


def test_the_waiting_doubles_up_to_eight_hours() -> None:
    assert [back_off(attempt).total_seconds() for attempt in (1, 2, 3)] == [5, 10, 20]
    assert back_off(100) == timedelta(hours=8)
    assert sum((back_off(attempt) for attempt in range(1, LAST_ATTEMPT)), timedelta()) > timedelta(hours=10)


def test_a_secret_in_the_form_of_the_specification_signs_as_its_libraries_do() -> None:
    """The example of the Standard Webhooks specification and its libraries."""
    signature = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_running_outbox_survives_a_database_that_is_away_and_delivers_at_once(tmp_path: Path, receiver: Receiver) -> None:
    database = Database(f"sqlite:///{tmp_path / 'later.db'}")
    outbox = Outbox(database, secret=SECRET, client=httpx.AsyncClient(trust_env=False))
    heard = talk.Heard()
    log = logging.getLogger("handoff.outbox")
    log.addHandler(heard)
    running = asyncio.create_task(outbox.run())
    try:
        async with asyncio.timeout(30):
            await heard.something.wait()
            Table.metadata.create_all(database.engine)
            owe(database, receiver.url)
            outbox.look_now()
            while not rows(database)[0].delivered_at:
                await asyncio.to_thread(rows, database)
    finally:
        log.removeHandler(heard)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await outbox.close()
        database.close()
    assert len(receiver.got) == 1
