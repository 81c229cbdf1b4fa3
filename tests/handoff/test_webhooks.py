"""Webhooks: every event reaches each endpoint once, signed, whatever the others do; and nothing leads into our own network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import httpx
import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook

from handoff import outbox
from handoff.accounts.tables import TeamRow
from handoff.accounts.trail import acts
from handoff.conversations import agents, erasure
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from handoff.endpoints import book, telling
from handoff.endpoints.book import Wish
from handoff.endpoints.sending import Sender
from handoff.errors import NotFound, Unreadable
from handoff.outbox import Outbox, OutboxRow
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.people_pages import Desk
from tests.handoff.receiver import Receiver

pytestmark = pytest.mark.both_databases


class Killed(BaseException):
    """The process is gone, here."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


def endpoint(database: Database, receiver: Receiver | str, *groups: str, with_words: bool = False) -> tuple[str, str]:
    url = receiver if isinstance(receiver, str) else receiver.url
    return book.make(database, Wish("Kassa", url, groups, with_words), inside=True, by=None)


def box(database: Database, *, timeout: float = 5, inside: bool = True) -> Outbox:
    return Outbox(database, secret="", ways={telling.KIND: Sender(database, inside=inside, timeout=timeout)})


def owed(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == telling.KIND).order_by(OutboxRow.made_at)))


def make_due(database: Database) -> None:
    with database.write() as session:
        session.execute(update(OutboxRow).values(next_at=now() - timedelta(seconds=1)))


async def deliver_all(database: Database, sends: Outbox) -> None:
    make_due(database)
    while await sends.deliver_one():
        pass


async def test_every_event_arrives_signed_and_without_anybodys_words(database: Database, receiver: Receiver, mari: Started, jaan: Holder) -> None:
    _id, secret = endpoint(database, receiver)
    talk.go_live(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Pakk on šokolaadi all.")
    await deliver_all(database, box(database))
    told = [json.loads(body) for _headers, body in receiver.got]
    assert (
        sorted(one["data"]["number"] for one in told) == [event.number for event in talk.events(database, mari.conversation_id)][1:]
    )  # the greeting was before
    assert {one["type"] for one in told} >= {"conversation.message", "conversation.handoff_requested", "conversation.claimed"}
    assert all("body" not in one["data"] for one in told)
    everything = b"".join(body for _headers, body in receiver.got).decode()
    assert "šokolaad" not in everything
    assert "inimesega" not in everything
    for headers, body in receiver.got:
        Webhook(secret).verify(body, dict(headers))
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(book.new_secret()).verify(receiver.got[0][1], dict(receiver.got[0][0]))
    assert next(one for one in told if one["data"]["kind"] == "handoff_requested")["data"]["facts"] == {"reason": "asked"}


@pytest.mark.parametrize(("step", "before"), [("_deliver", True), ("_settle", True), ("_settle", False)], ids=["claimed", "sent", "settled"])
async def test_killed_between_any_two_steps_it_is_the_same_delivery(
    database: Database, receiver: Receiver, mari: Started, monkeypatch: pytest.MonkeyPatch, step: str, before: bool
) -> None:
    endpoint(database, receiver)
    talk.say(database, mari.conversation_id)
    made = len(owed(database))
    real = getattr(Outbox, step)

    def gone(*given: object) -> None:
        if not before:
            real(*given)
        raise Killed

    make_due(database)
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, step, gone)
        with pytest.raises(Killed):
            await box(database).deliver_one()
    await deliver_all(database, box(database))
    ids = [headers["Webhook-Id"] for headers, _body in receiver.got]
    assert len(set(ids)) == made
    assert len(ids) - made == (1 if step == "_settle" and before else 0), "only between their yes and ours it goes twice, under the same id"
    assert all(row.delivered_at for row in owed(database))


async def test_words_go_where_they_are_wanted_and_never_from_behind_a_wall(database: Database, receiver: Receiver, mari: Started) -> None:
    endpoint(database, receiver, "messages", with_words=True)
    talk.say(database, mari.conversation_id, "Kus mu šokolaad on?")
    with database.write() as session:
        team = TeamRow(name="Arved", walled=True)
        session.add(team)
        session.flush()
        session.get_one(ConversationRow, mari.conversation_id).team_id = team.id
    talk.say(database, mari.conversation_id, "Minu arve on vale")
    await deliver_all(database, box(database))
    first, second = (json.loads(body)["data"] for _headers, body in receiver.got)
    assert first["body"]["text"] == "Kus mu šokolaad on?"
    assert "body" not in second


def test_only_chosen_events_are_owed_and_each_once(database: Database, mari: Started, jaan: Holder) -> None:
    endpoint_id, _secret = endpoint(database, "https://pood.ee/", "people")
    talk.go_live(database, mari.conversation_id, jaan)
    assert [row.payload["told"]["data"]["kind"] for row in owed(database)] == ["handoff_requested", "claimed"]
    assert {row.receiver for row in owed(database)} == {endpoint_id}


def test_every_event_that_a_group_names_is_one() -> None:
    named = [kind for kinds in telling.GROUPS.values() for kind in kinds]
    assert set(named) <= {kind.value for kind in Kind}
    assert len(named) == len(set(named))


async def test_while_a_secret_is_replaced_both_sign(database: Database, receiver: Receiver, mari: Started) -> None:
    endpoint_id, old = endpoint(database, receiver)
    new = book.rotate(database, endpoint_id, by=None)
    talk.say(database, mari.conversation_id)
    await deliver_all(database, box(database))
    headers, body = receiver.got[0]
    assert old != new
    for secret in (old, new):
        Webhook(secret).verify(body, dict(headers))


async def test_after_a_day_the_old_secret_is_no_more(database: Database, receiver: Receiver, mari: Started) -> None:
    endpoint_id, old = endpoint(database, receiver)
    book.rotate(database, endpoint_id, by=None)
    with database.write() as session:
        session.get_one(type(book.endpoint(database, endpoint_id)), endpoint_id).old_until = now() - timedelta(seconds=1)
    talk.say(database, mari.conversation_id)
    await deliver_all(database, box(database))
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(old).verify(receiver.got[0][1], dict(receiver.got[0][0]))


async def test_a_receiver_that_hangs_keeps_nobody_else_waiting(database: Database, receiver: Receiver, mari: Started) -> None:
    hanging = Receiver()
    hanging.holding = Event()
    stuck, _ = endpoint(database, hanging)
    endpoint(database, receiver)
    for _ in range(3):
        talk.say(database, mari.conversation_id)
    sends = box(database, timeout=20)
    running = asyncio.create_task(sends.run())
    try:
        async with asyncio.timeout(30):
            while len(receiver.got) < 3:
                await asyncio.to_thread(owed, database)
        assert len(hanging.got) == 1, "one at a time"
        assert book.counts(database)[stuck].waiting == 3
    finally:
        hanging.holding.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        hanging.stop()


async def test_who_hangs_too_long_is_tried_again_later(database: Database, receiver: Receiver, mari: Started) -> None:
    receiver.holding = Event()
    endpoint(database, receiver)
    talk.say(database, mari.conversation_id)
    make_due(database)
    await box(database, timeout=0.1).deliver_one()
    receiver.holding.set()
    receiver.holding = None
    (row,) = owed(database)
    assert (row.last_error, row.dead_at) == ("Timeout", None)
    await deliver_all(database, box(database))
    assert owed(database)[0].delivered_at is not None
    assert len({headers["Webhook-Id"] for headers, _ in receiver.got}) == 1, "the same id again: the receiver knows the repeat"


async def test_an_hour_of_500_loses_nothing_and_the_dead_are_sent_again_by_hand(
    database: Database, receiver: Receiver, mari: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LAST_ATTEMPT", 2)
    endpoint_id, _ = endpoint(database, receiver)
    receiver.status = 500
    talk.say(database, mari.conversation_id)
    for _ in range(3):
        make_due(database)
        await box(database).deliver_one()
    assert len(receiver.got) == 2
    (dead,) = book.deliveries(database, endpoint_id)
    assert (dead.dead_at is not None, dead.last_error, dead.event) == (True, "HTTP 500", "conversation.message")
    receiver.status = 204
    assert book.replay(database, endpoint_id, by=None) == 1
    await deliver_all(database, box(database))
    assert book.counts(database)[endpoint_id] == book.Counts(delivered=1)
    assert book.replay(database, endpoint_id, by=None) == 0


async def test_a_redirect_is_not_followed(database: Database, receiver: Receiver, mari: Started) -> None:
    elsewhere = Receiver()
    receiver.status, receiver.location = 302, elsewhere.url
    endpoint(database, receiver)
    talk.say(database, mari.conversation_id)
    await deliver_all(database, box(database))
    elsewhere.stop()
    assert (elsewhere.got, owed(database)[0].last_error) == ([], "HTTP 302")


async def test_who_says_gone_is_asked_no_more(database: Database, receiver: Receiver, mari: Started) -> None:
    endpoint_id, _ = endpoint(database, receiver)
    receiver.status = 410
    talk.say(database, mari.conversation_id)
    await deliver_all(database, box(database))
    assert book.endpoint(database, endpoint_id).paused_why == "gone"
    talk.say(database, mari.conversation_id)
    assert len(owed(database)) == 1


async def test_what_was_erased_is_not_told_only_that_it_was(database: Database, receiver: Receiver, shelf: Shelf, mari: Started) -> None:
    endpoint_id, _ = endpoint(database, receiver, with_words=True)
    talk.say(database, mari.conversation_id, "Minu nimi on Mari Maasikas")
    erasure.erase(database, shelf, mari.conversation_id)
    await deliver_all(database, box(database))
    assert book.replay(database, endpoint_id, by=None) == 0
    (told,) = [json.loads(body) for _headers, body in receiver.got]
    assert (told["type"], told["data"]["facts"]["outcome"]) == ("conversation.closed", "erased")


async def test_a_name_that_leads_into_our_network_is_refused_when_it_is_sent_to(
    database: Database, receiver: Receiver, mari: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = httpx.URL(receiver.url).port
    endpoint(database, f"http://kuri.example:{port}/")
    looked_up: list[str] = []

    async def names(host: str, port: int, **_more: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        return [(None, None, None, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names)
    talk.say(database, mari.conversation_id)
    await deliver_all(database, box(database, inside=False))
    assert looked_up == ["kuri.example"]
    assert (receiver.got, owed(database)[0].last_error) == ([], "NotOutside")


def test_there_are_only_so_many_endpoints_and_no_unknown_events(database: Database) -> None:
    with pytest.raises(Unreadable, match="no events"):
        endpoint(database, "https://pood.ee/", "olematu")
    for _ in range(book.MOST):
        endpoint(database, "https://pood.ee/")
    with pytest.raises(Unreadable, match="already"):
        endpoint(database, "https://pood.ee/")


def test_what_is_removed_is_gone_with_all_that_was_owed_to_it(database: Database, mari: Started) -> None:
    endpoint_id, _ = endpoint(database, "https://pood.ee/")
    talk.say(database, mari.conversation_id)
    book.remove(database, endpoint_id, by=None)
    assert owed(database) == []
    with pytest.raises(NotFound):
        book.endpoint(database, endpoint_id)


def test_an_admin_sets_one_up_sees_its_secret_once_and_what_became_of_it(log_in: LogIn, anu: str, database: Database, mari: Started) -> None:
    admin = Desk(log_in("anu"))
    place = "/connections/webhooks"
    status, page = admin.send(place, name="Kassa", url="https://127.0.0.1/", events=["messages"])
    assert status == 422
    assert "teie enda võrku" in page
    status, page = admin.send(place, name="Kassa", url="https://pood.ee/haak?voti=1", events=["messages"])
    assert status == 200
    (made,) = book.endpoints(database)
    assert made.secret in page
    assert made.secret not in admin.see(f"{place}/{made.id}") + admin.see(place)
    talk.say(database, mari.conversation_id)
    assert "conversation.message" in admin.see(f"{place}/{made.id}")
    assert admin.send(f"{place}/{made.id}/pause")[0] == 303
    assert admin.send(f"{place}/{made.id}/replay") == (303, f"{place}/{made.id}?said=replayed")
    assert admin.send(f"{place}/{made.id}/resume")[0] == 303
    assert admin.send(f"{place}/{made.id}", name="Kassa 2", url="https://pood.ee/haak", events=list(telling.ALL_GROUPS))[0] == 303
    assert (book.endpoint(database, made.id).name, book.endpoint(database, made.id).groups) == ("Kassa 2", [])
    status, page = admin.send(f"{place}/{made.id}/secret")
    assert book.endpoint(database, made.id).secret in page
    assert {"made_webhook", "changed_webhook", "rotated_webhook", "paused_webhook", "resumed_webhook", "replayed_webhook"} <= set(acts(database))
    assert "[?" not in admin.see(f"{place}/{made.id}") + admin.see(f"{place}?said=removed") + admin.see("/people/trail") + admin.see("/people/roles")
    assert admin.send(f"{place}/{made.id}/remove") == (303, f"{place}?said=removed")
    assert Desk(log_in("tiit")).browser.get(place).status_code == 403
