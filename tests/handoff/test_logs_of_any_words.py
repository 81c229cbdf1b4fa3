"""Whatever people write, and whatever the bot quotes of it when it fails, no word of it is in the log; each line about it names its conversation."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as playing
from hypothesis import strategies as st

from bot.understanding import Incoming, TrackerEvents, Turn
from handoff.conversations import service
from handoff.database import Database
from handoff.operations import logs
from handoff.settings import Settings
from tests.fakes import FakeBot
from tests.handoff import talk

FIRST, LAST = "Ööaedur", "Kuuvarjuke"  # words that nobody else says, around what hypothesis thinks of
STRANGE = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
FORMATS = st.sampled_from(["%s %d %(x)s", "{0} {x!r}", "\nCRITICAL valelik rida", "\r\n\x1b[31m", '"}\n{"level": "critical"', "mari@example.ee 47101010033"])


class Quoting(FakeBot):
    """Fails, and its error quotes the customer."""

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        raise ValueError(message.text, {"text": message.text})


@pytest.fixture
def bot() -> FakeBot:
    return Quoting()


@pytest.fixture
def lines(settings: Settings) -> Iterator[io.StringIO]:
    """All that can be logged, as JSON."""
    root, to = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    root.handlers = []
    logs.begin(settings.model_copy(update={"log_format": "json", "log_level": "debug"}), to)
    yield to
    root.handlers = before
    root.setLevel(level)


def until_paid(client: TestClient, database: Database, conversation_id: str) -> None:
    while any(debt.paid_at is None for debt in talk.debts(database, conversation_id)):
        client.get("/health")


@playing(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(between=STRANGE | FORMATS)
def test_no_word_that_anybody_writes_is_in_the_log(
    between: str, lines: io.StringIO, client: TestClient, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    lines.truncate(0)
    words = f"{FIRST} {between} {LAST}"
    begun = client.post("/api/widget/conversations", json={"language": "et", "page": f"https://kodukaup.ee/{quote(words)}"}).json()
    at, own = f"/api/widget/conversations/{begun['id']}", {"Authorization": f"Bearer {begun['secret']}"}
    client.post(f"{at}/messages", headers=own, json={"client_id": "mari-0001", "text": words})
    client.post(f"{at}/messages", headers=own, json={"client_id": words, "text": [words]})  # refused
    client.post("/login", data={"login": words, "password": words})
    client.get(f"/asi/{quote(words, safe='')}", headers={"User-Agent": LAST})
    until_paid(client, database, begun["id"])
    service.end(database, begun["id"])
    client.post(f"{at}/messages", headers=own, json={"client_id": "mari-0002", "text": words})
    until_paid(client, database, begun["id"])

    logged = lines.getvalue() + "".join(capsys.readouterr())
    assert [word for word in (FIRST, LAST, FIRST.encode("unicode_escape").decode(), quote(FIRST), begun["secret"]) if word in logged] == []
    told = [json.loads(line) for line in lines.getvalue().replace("\x00", "").splitlines()]
    failed = {line["conversation"] for line in told if "bot failed" in line["message"]}
    assert failed == {begun["id"]} if talk.debts(database, begun["id"]) else set()
    assert "critical" not in {line["level"] for line in told}
