"""A chat goes on by letter: what was not read there, once, with the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from handoff.accounts.seal import Seal
from handoff.conversations import matters, service
from handoff.conversations.agents import Holder
from handoff.conversations.links import Links
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.letters import Letters
from handoff.notices import Notices
from handoff.settings import Settings, read_settings
from handoff.stages import read_stages
from tests.handoff import talk
from tests.handoff.letters_house import MARI, SENDER, TEXTS, House, plain
from tests.handoff.post import Post

pytestmark = pytest.mark.both_databases


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends letters and reads the replies."""
    imap = SecretStr("imap://tugi:saladus@127.0.0.1:9/INBOX")
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://127.0.0.1:9"), mail_from=SENDER, imap_url=imap, imap_plus=True)


@pytest.fixture
def house(database: Database, post: Post, jaan: Holder, settings: Settings, tmp_path: Path) -> House:
    return House(database, post, jaan, settings, tmp_path / "attachments")


@pytest.fixture
def chat(house: House, mari: Started) -> str:
    """Mari has left her address in the chat; Jaan has the conversation."""
    talk.go_live(house.database, mari.conversation_id, house.agent)
    with house.database.write() as session:
        session.execute(update(ConversationRow).values(email=MARI))
    return mari.conversation_id


async def test_what_was_not_read_in_the_chat_goes_by_letter_once_with_the_way_back(house: House, chat: str) -> None:
    house.answer(chat, "Leidsin teie paki.")
    house.answer(chat, "See jõuab homme.")
    (letter,) = await house.deliver()
    assert "Leidsin teie paki." in plain(letter)
    assert "See jõuab homme." in plain(letter)
    assert "http://kodukaup.example/asi/" in plain(letter)
    assert "Tahan inimesega" not in plain(letter)  # the address was only typed: what was said in the chat stays there
    assert len(await house.deliver()) == 1


async def test_what_was_read_in_the_chat_makes_no_letter(house: House, chat: str) -> None:
    read = house.answer(chat, "Leidsin teie paki.")
    service.mark_seen(house.database, chat, read)
    assert await house.deliver() == []
    house.answer(chat, "See jõuab homme.")
    (letter,) = await house.deliver()
    assert "Leidsin" not in plain(letter)


async def test_without_an_address_a_chat_stays_a_chat(house: House, mari: Started) -> None:
    talk.go_live(house.database, mari.conversation_id, house.agent)
    house.answer(mari.conversation_id, "Leidsin teie paki.")
    assert await house.deliver() == []


async def test_a_notice_stands_in_the_thread_too(house: House, database: Database, settings: Settings, jaan: Holder) -> None:
    ticket = house.ticket()
    tells = Notices(settings, TEXTS, read_stages(settings, TEXTS), Letters(settings))
    matters.begin(database, ticket, Links(Seal(lambda: "proovi-saladus", purpose="links to matters")), tells)
    house.answer(ticket, "Pakk jõuab homme.")
    received, answered = sorted(await house.deliver(), key=lambda letter: "Auto-Submitted" not in letter)
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["Message-ID"] in (answered["References"] or "") or answered["Message-ID"] in (received["References"] or "")
