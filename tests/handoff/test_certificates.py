"""Whom we trust is read from the disk once: it takes longer than a delivery, and every customer would wait for it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx
import pytest

from handoff.conversations.service import Started
from handoff.database import Database
from handoff.endpoints import addresses, telling
from handoff.endpoints.sending import Sender
from handoff.outbox import Outbox
from tests.handoff import talk
from tests.handoff.receiver import Receiver
from tests.handoff.test_webhooks import deliver_all, endpoint


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


async def test_many_webhooks_read_the_certificates_once(database: Database, receiver: Receiver, mari: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bool] = []
    really = httpx.create_ssl_context

    def reading() -> ssl.SSLContext:
        read.append(True)
        return really()

    monkeypatch.setattr(httpx, "create_ssl_context", reading)
    addresses.certificates.cache_clear()
    endpoint(database, receiver)
    for words in ("tere", "kus mu pakk on", "aitäh"):
        talk.say(database, mari.conversation_id, words)
    await deliver_all(database, Outbox(database, secret="", ways={telling.KIND: Sender(database, inside=True)}))
    assert len(receiver.got) == 3
    assert addresses.Outside()
    assert len(read) == 1
