"""Where agents see personal data covered, what webhooks carry is covered too; at home it is as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.app import create_app
from handoff.conversations import agents
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.endpoints import book
from handoff.endpoints.book import Wish
from handoff.settings import read_settings
from tests.handoff import talk
from tests.handoff.receiver import Receiver
from tests.serve import MaskingBot

SAID = "Helistage mulle 5123 4567, tellimus A-1042"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.mark.parametrize(("covered", "arrives"), [(True, "Helistage mulle [telefon], tellimus A-1042"), (False, SAID)])
async def test_words_leave_as_agents_see_them(
    database: Database, receiver: Receiver, mari: Started, jaan: Holder, tmp_path: Path, covered: bool, arrives: str
) -> None:
    outbox = create_app(read_settings(data_dir=tmp_path, mask_for_agents=covered, webhooks_inside=True), MaskingBot(), database).state.services.outbox
    book.make(database, Wish("Kassa", receiver.url, (), with_words=True), inside=True, by=None)
    talk.say(database, mari.conversation_id, SAID)
    talk.go_live(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Meie number on 600 1234.")
    while await outbox.deliver_one():
        pass
    assert ("5123" in b"".join(body for _headers, body in receiver.got).decode()) is not covered
    told = [json.loads(body)["data"] for _headers, body in receiver.got]
    messages = [(one["actor"], one["body"]["text"], one.get("masked", False)) for one in told if one["kind"] == "message"]
    assert ("customer", arrives, covered) in messages
    assert ("agent", "Meie number on 600 1234.", False) in messages, "a colleague's words are not covered"
    assert talk.texts(database, mari.conversation_id, "customer")[0] == SAID, "at home it is as it was"
