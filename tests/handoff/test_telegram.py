"""Telegram, from a customer's first word to an agent's answer, against an API on this machine; Rasa's own connector reads and draws."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as some
from pydantic import SecretStr
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot.understanding import Language, Reply
from handoff import cli_channels
from handoff.channels import routes, words
from handoff.channels.drawing import Pen
from handoff.channels.provider import payload, press
from handoff.channels.telegram import Telegram
from handoff.conversations import agents, channel_debts, erasure, hearing, store
from handoff.conversations.agents import Holder
from handoff.conversations.attachments import Allowed, Attachments
from handoff.conversations.channel_tables import ChannelSenderRow
from handoff.conversations.events import Kind
from handoff.conversations.keeper import Keeper
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database, now
from handoff.errors import NotLoggedIn, Unreadable
from handoff.outbox import Outbox, OutboxRow
from handoff.settings import Settings, read_settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.files import picture
from tests.handoff.messenger import Messenger
from tests.handoff.talk import be_here

pytestmark = pytest.mark.both_databases

TOKEN, SECRET = "777000:telegrami-proov", "telegrami-saladus-proov"
MARI = {"id": 4242, "is_bot": False, "first_name": "Mari", "last_name": "Mets", "language_code": "et"}
CHAT = {"id": 4242, "type": "private", "first_name": "Mari"}


class SaysLittle:
    """The words of the line, in a few letters."""

    def late(self, language: Language, left: timedelta | None, *, last: bool) -> Reply:
        return Reply("Veel natuke.")

    def alone(self, language: Language) -> Reply:
        return Reply("Kolleegid on läinud.")


def said(number: int, text: str | None = None, **more: Any) -> dict[str, Any]:
    words = {"text": text} if text is not None else {}
    return {"update_id": 9000 + number, "message": {"message_id": number, "from": MARI, "chat": CHAT, "date": 1_760_000_000, **words, **more}}


def pressed(number: int, data: str) -> dict[str, Any]:
    query = {"id": str(number), "from": MARI, "chat_instance": "1", "data": data, "message": said(1, "x")["message"]}
    return {"update_id": 9000 + number, "callback_query": query}


@pytest.fixture
def telegram() -> Iterator[Messenger]:
    made = Messenger()
    yield made
    made.stop()


@pytest.fixture
def settings(tmp_path: Path, telegram: Messenger) -> Settings:
    return read_settings(
        data_dir=tmp_path, telegram_token=SecretStr(TOKEN), telegram_secret=SecretStr(SECRET), telegram_api=telegram.url, public_url="https://tugi.pood.ee"
    )


@pytest.fixture
def bot_there(settings: Settings) -> Telegram:
    return Telegram(settings)


@pytest.fixture
def attachments(database: Database, shelf: Shelf, settings: Settings) -> Attachments:
    return Attachments(database, shelf, Allowed.of(settings))


@pytest.fixture
async def theirs(database: Database, settings: Settings, attachments: Attachments) -> Any:
    """The outbox of a house with Telegram."""
    channel_debts.keep_set_up(database, routes.set_up(settings))
    async with httpx.AsyncClient(timeout=0.5) as client:
        yield Outbox(database, secret="", ways=routes.ways(settings, database, Signals(), attachments, client=client))


def hear(database: Database, settings: Settings, update: dict[str, Any]) -> list[hearing.Taken | None]:
    """As the route takes an update, past its secret."""
    heard = Telegram(settings).read({}, json.dumps(update).encode())
    return [hearing.take(database, one, words.words_of_house(settings)) for one in heard]


def answer(database: Database, conversation_id: str, text: str, buttons: tuple[str, ...] = ()) -> None:
    """The bot says something of its own."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        body = {"text": text} | ({"buttons": list(buttons)} if buttons else {})
        hidden = {"payloads": [f"/valik{number}" for number, _ in enumerate(buttons)]} if buttons else {}
        store.append(session, row, Kind.MESSAGE, actor="bot", body=body, hidden=hidden)


async def deliver(database: Database, sends: Outbox) -> None:
    """All that is due by now, or later."""
    with database.write() as session:
        session.execute(update(OutboxRow).values(next_at=now() - timedelta(seconds=1)))
    while await sends.deliver_one():
        pass


def only(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(ConversationRow.id)).one()


def texts(database: Database, conversation_id: str, actor: str) -> list[str]:
    return talk.texts(database, conversation_id, actor)


async def test_the_first_word_begins_a_conversation_that_says_it_is_a_machine(
    database: Database, settings: Settings, theirs: Outbox, telegram: Messenger
) -> None:
    hear(database, settings, said(1, "Kuidas kaupa tagastada?"))
    row = talk.row(database, only(database))
    assert (row.channel, row.state, row.name, row.language) == ("telegram", "bot", "Mari Mets", "et")
    assert texts(database, row.id, "customer") == ["Kuidas kaupa tagastada?"]
    answer(database, row.id, "Tooge kaup **14 päeva** jooksul [poodi](/help/pood) & naeratage.", ("Räägi inimesega",))
    await deliver(database, theirs)
    first, second = (body for method, body in telegram.got if method == "sendMessage")
    assert "tehisaru" in first["text"]
    assert 'href="https://tugi.pood.ee/privacy"' in first["text"]
    assert second["text"] == 'Tooge kaup <b>14 päeva</b> jooksul <a href="https://tugi.pood.ee/help/pood">poodi</a> &amp; naeratage.'
    ((button,),) = second["reply_markup"]["inline_keyboard"]
    assert button["text"] == "Räägi inimesega"
    hear(database, settings, pressed(2, button["callback_data"]))
    assert texts(database, row.id, "customer")[-1] == "Räägi inimesega"
    with database.read() as session:
        chosen = session.scalars(select(EventRow).where(EventRow.actor == "customer").order_by(EventRow.number.desc())).first()
        assert chosen is not None
        assert chosen.hidden == {"payload": "/valik0"}
    await deliver(database, theirs)
    assert ("answerCallbackQuery", {"callback_query_id": "2"}) in telegram.got


async def test_an_agent_takes_it_over_and_answers_there(database: Database, settings: Settings, theirs: Outbox, telegram: Messenger, jaan: Holder) -> None:
    be_here(database, jaan)
    hear(database, settings, said(1, "Tahan inimesega rääkida"))
    conversation_id = only(database)
    talk.wait_for_person(database, conversation_id)
    agents.claim(database, conversation_id, jaan)
    agents.answer(database, conversation_id, jaan, client_id="jaan-0001", text="Tere, Mari! <b>2*3</b>")
    await deliver(database, theirs)
    assert telegram.said("sendMessage")[-2:] == ["Jaan liitus vestlusega", "Tere, Mari! &lt;b&gt;2*3&lt;/b&gt;"]
    agents.close(database, conversation_id, jaan, outcome="solved")
    await deliver(database, theirs)
    assert telegram.said("sendMessage")[-1].startswith("Vestlus lõppes.")
    hear(database, settings, said(2, "Veel üks küsimus"))
    with database.read() as session:
        assert len(session.scalars(select(ConversationRow.id)).all()) == 2
        assert len(session.scalars(select(ChannelSenderRow)).all()) == 1


def _said(database: Database) -> list[str]:
    with database.read() as session:
        return [event.body.get("text", "") for event in session.scalars(select(EventRow).where(EventRow.actor == "customer"))]


async def test_a_long_answer_goes_on_behind_the_part_that_has_arrived(database: Database, settings: Settings, theirs: Outbox, telegram: Messenger) -> None:
    hear(database, settings, said(1, "Rääkige kõik ära"))
    conversation_id = only(database)
    await deliver(database, theirs)
    telegram.got.clear()
    answer(database, conversation_id, "\n\n".join(f"{number}. lõik: " + "jäääär " * 200 for number in range(4)))
    telegram.failing = [(200, {"ok": True}), (500, {"ok": False})]
    await deliver(database, theirs)
    with database.read() as session:
        waiting = session.scalars(select(OutboxRow).where(OutboxRow.delivered_at.is_(None))).one()
        assert (waiting.attempts, waiting.payload["sent"], waiting.last_error) == (1, 1, "HTTP 500")
    await deliver(database, theirs)
    said_there = telegram.said("sendMessage")
    assert [text[:2] for text in said_there] == ["0.", "2.", "2."]
    assert max(map(len, said_there)) <= 4096


async def test_telegram_that_wants_to_be_left_alone_is_for_so_long(database: Database, settings: Settings, theirs: Outbox, telegram: Messenger) -> None:
    hear(database, settings, said(1, "Tere!"))
    telegram.failing = [(429, {"ok": False, "parameters": {"retry_after": 90}})]
    before = now()
    await theirs.deliver_one()
    with database.read() as session:
        row = session.scalars(select(OutboxRow)).one()
        assert row.next_at >= before + timedelta(seconds=90)
    await deliver(database, theirs)
    assert len(telegram.said("sendMessage")) == 2


async def test_who_has_blocked_the_bot_is_shown_as_such_to_the_agent_once(database: Database, settings: Settings, theirs: Outbox, telegram: Messenger) -> None:
    hear(database, settings, said(1, "Tere!"))
    telegram.failing = [(403, {"ok": False, "description": "Forbidden: bot was blocked by the user"})]
    await deliver(database, theirs)
    conversation_id = only(database)
    whys = [event.body["why"] for event in talk.events(database, conversation_id) if event.kind == "bounced"]
    assert whys == ["channel_blocked"]
    left = {"update_id": 9, "my_chat_member": {"chat": CHAT, "from": MARI, "date": 1, "old_chat_member": {}, "new_chat_member": {"status": "kicked"}}}
    heard = Telegram(settings).read({}, json.dumps(left).encode())
    assert [one.aside for one in heard] == ["blocked"]
    assert hearing.block(database, "telegram", heard[0].sender) is None
    hear(database, settings, said(2, "Olen tagasi"))
    assert hearing.block(database, "telegram", heard[0].sender) == conversation_id


async def test_telegram_that_fails_for_an_hour_and_hangs_delays_and_loses_nothing(
    database: Database, settings: Settings, theirs: Outbox, telegram: Messenger
) -> None:
    hear(database, settings, said(1, "Tere!"))
    answer(database, only(database), "Kuidas saan aidata?")
    telegram.failing = [(500, {}), (502, {}), (503, {}), (200, {"ok": True, "late": 0.8})]
    for _ in range(4):
        await deliver(database, theirs)
    assert telegram.failing == []
    assert len(talk.kinds(database, only(database))) == 3
    telegram.got.clear()
    await deliver(database, theirs)
    assert telegram.said("sendMessage") == ["Tere! " + telegram.said("sendMessage")[0][6:], "Kuidas saan aidata?"]
    await deliver(database, theirs)
    assert len(telegram.got) == 2


def test_who_waits_at_a_messenger_is_never_taken_for_gone_and_hears_when_nobody_is_here(database: Database, settings: Settings, jaan: Holder) -> None:
    be_here(database, jaan)
    hear(database, settings, said(1, "Tahan inimesega rääkida"))
    conversation_id = only(database)
    talk.wait_for_person(database, conversation_id)
    line = Keeper(database, Signals(), SaysLittle(), zone=ZoneInfo("Europe/Tallinn"), gone_after=timedelta(minutes=3))
    line.look()
    be_here(database, jaan, seen_at=now() - timedelta(hours=1))
    for minutes in (5, 10):
        line.look(now() + timedelta(minutes=minutes))
    row = talk.row(database, conversation_id)
    assert (row.state, row.left_at) == ("waiting", None)
    assert "left_alone" in talk.kinds(database, conversation_id)


@pytest.mark.parametrize(
    ("more", "answered"),
    [
        ({"sticker": {"file_id": "s", "file_unique_id": "s", "width": 1, "height": 1, "is_animated": False, "emoji": "👍"}}, "Tore!"),
        ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}}, "häälsõnumi"),
        ({"location": {"latitude": 59.43, "longitude": 24.75}}, "asukoht"),
    ],
    ids=["sticker", "voice", "location"],
)
def test_what_has_no_words_is_answered_kindly_and_a_person_offered(database: Database, settings: Settings, more: dict[str, Any], answered: str) -> None:
    for _ in range(2):
        hear(database, settings, said(1, **more))
    conversation_id = only(database)
    assert [answered in text for text in texts(database, conversation_id, "bot")] == [False, True]
    assert talk.events(database, conversation_id)[-1].body["buttons"] == ["Räägi inimesega"]


def test_an_edited_message_is_heard_anew_and_start_only_greets(database: Database, settings: Settings) -> None:
    hear(database, settings, said(1, "/start"))
    conversation_id = only(database)
    assert (len(texts(database, conversation_id, "bot")), texts(database, conversation_id, "customer")) == (1, [])
    hear(database, settings, said(2, "Millal pak jõuab?"))
    edited = said(2, "Millal pakk jõuab?", edit_date=1_760_000_100)
    for _ in range(2):
        hear(database, settings, {"update_id": 9100, "edited_message": edited["message"]})
    assert texts(database, conversation_id, "customer") == ["Millal pak jõuab?", "Millal pakk jõuab?"]


def test_groups_channels_and_other_bots_are_not_listened_to(database: Database, settings: Settings) -> None:
    for change in ({"chat": {"id": -5, "type": "group", "title": "Pood"}}, {"from": MARI | {"is_bot": True}}):
        assert hear(database, settings, said(1, "Tere kõigile!", **change)) == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"update_id": "x", "message": 7}', b"\xff", b'{"message": {"text": "a"}}'])
def test_what_is_no_update_is_unreadable_or_nothing(bot_there: Telegram, body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert list(bot_there.read({}, body)) == []


def test_a_forged_call_is_refused(bot_there: Telegram) -> None:
    bot_there.check({"x-telegram-bot-api-secret-token": SECRET}, b"{}")
    for secret in ("", SECRET + "x", "õ"):
        with pytest.raises(NotLoggedIn):
            bot_there.check({"x-telegram-bot-api-secret-token": secret}, b"{}")


async def test_a_photo_passes_the_checks_of_uploads_and_what_does_not_is_said(
    database: Database, settings: Settings, theirs: Outbox, telegram: Messenger
) -> None:
    telegram.answers["getFile"] = {"ok": True, "result": {"file_path": "documents/fail"}}
    telegram.files["fail"] = picture("PNG")
    hear(database, settings, said(1, caption="Siin on arve", document={"file_id": "d1", "file_unique_id": "d", "file_name": "arve.png"}))
    bad = said(2, document={"file_id": "d2", "file_unique_id": "e", "file_name": "viirus.exe"})
    await deliver(database, theirs)
    conversation_id = only(database)
    files = [file["name"] for event in talk.events(database, conversation_id) for file in event.body.get("files", ())]
    telegram.files["fail"] = b"MZ\x90\x00" + bytes(200)
    hear(database, settings, bad)
    await deliver(database, theirs)
    assert files == ["arve.png"]
    assert any("viirus.exe" in text for text in texts(database, conversation_id, "bot"))


async def test_what_is_erased_takes_the_address_along_and_a_repeat_brings_nothing_back(
    database: Database, settings: Settings, theirs: Outbox, telegram: Messenger, shelf: Shelf
) -> None:
    hear(database, settings, said(1, "Minu saladus"))
    conversation_id = only(database)
    assert erasure.export(database, conversation_id)["at_messenger"]["address"] == "4242"
    erasure.erase(database, shelf, conversation_id)
    assert hear(database, settings, said(1, "Minu saladus")) == [None]
    with database.read() as session:
        assert session.scalars(select(ChannelSenderRow)).all() == []
    await deliver(database, theirs)
    assert telegram.got == []
    assert "Minu saladus" not in _said(database)


@pytest.mark.parametrize("brought", ["", "abiline", "abiline:x:y:1", "abiline:x:1:-1", "kuri:x:1:1", "abiline:x:1:9999", "abiline:x:99999999999:1"])
def test_a_button_that_is_none_of_ours_is_no_press(brought: str) -> None:
    assert press(brought) is None
    assert press(payload("A" * 22, 17, 2)) is not None
    assert len(payload("A" * 22, 123_456_789, 12).encode()) <= 64


@examples(max_examples=40)
@given(text=some.text(alphabet="aõ <>&*_`[]()\n.", max_size=400))
def test_no_part_is_too_long_and_no_word_is_lost(text: str) -> None:
    for style in ("html", "mrkdwn", "plain"):
        parts = Pen(style, "https://tugi.pood.ee", 60).words(text)
        assert all(0 < len(part) <= 60 for part in parts)
    plain = "".join(Pen("plain", "", 60).words(text)).split()
    assert "".join(plain) == "".join(text.split())


def test_the_operator_is_told_what_is_to_be_mended(settings: Settings, telegram: Messenger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_channels, "read_settings", lambda: settings)
    telegram.answers |= {"getMe": {"ok": True, "result": {"username": "kodukaup_bot"}}, "getWebhookInfo": {"ok": True, "result": {"url": ""}}}
    run = CliRunner()
    told = run.invoke(cli_channels.app, ["check"])
    assert (told.exit_code, "@kodukaup_bot" in told.output) == (1, True)
    assert run.invoke(cli_channels.app, ["register"]).exit_code == 0
    ((_, registered),) = [one for one in telegram.got if one[0] == "setWebhook"]
    assert (registered["url"], registered["secret_token"]) == ("https://tugi.pood.ee/api/channels/telegram", SECRET)
    telegram.answers["getWebhookInfo"] = {"ok": True, "result": {"url": registered["url"], "pending_update_count": 0}}
    told = run.invoke(cli_channels.app, ["check"])
    assert (told.exit_code, "works" in told.output, TOKEN in told.output) == (0, True, False)


def test_the_route_takes_an_update_and_the_bot_answers_it(app: FastAPI, client: TestClient, bot: FakeBot, telegram: Messenger) -> None:
    right = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    assert client.post("/api/channels/telegram", json=said(1, "Millal pakk jõuab?")).status_code == 401
    assert client.post("/api/channels/olematu", json={}).status_code == 404
    for _ in range(2):
        assert client.post("/api/channels/telegram", json=said(1, "Millal pakk jõuab?"), headers=right).status_code == 200
    assert client.post("/api/channels/telegram", content=b"nonsense", headers=right).status_code == 200
    until = time.monotonic() + 30
    while len(telegram.said("sendMessage")) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert "kahe tööpäevaga" in telegram.said("sendMessage")[1]
    assert len(bot.asked) == 1
