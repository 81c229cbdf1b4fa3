"""Messenger against an API on this machine: signed calls, the handshake, quick replies, and the day within which answers are taken."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from handoff.channels.facebook import Facebook
from handoff.channels.provider import File, Outside, Saying, payload
from handoff.database import now
from handoff.errors import NotLoggedIn, Unreadable
from handoff.settings import Settings, read_settings
from tests.handoff.messenger import Messenger

SECRET = "messengeri-saladus"


def said(text: str | None = None, *, mid: str = "m_1", **more: Any) -> dict[str, Any]:
    message = {"mid": mid, **({"text": text} if text is not None else {}), **more}
    return told({"message": message})


def told(event: dict[str, Any]) -> dict[str, Any]:
    messaging = {"sender": {"id": "4242"}, "recipient": {"id": "1"}, "timestamp": 1_760_000_000_000, **event}
    return {"object": "page", "entry": [{"id": "1", "time": 1, "messaging": [messaging]}]}


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


@pytest.fixture
def there() -> Iterator[Messenger]:
    made = Messenger()
    yield made
    made.stop()


@pytest.fixture
def settings(tmp_path: Path, there: Messenger) -> Settings:
    secrets = {"facebook_token": SecretStr("leht"), "facebook_secret": SecretStr(SECRET), "facebook_verify": SecretStr("kontroll")}
    return read_settings(data_dir=tmp_path, facebook_api=there.url, **secrets)


@pytest.fixture
def facebook(settings: Settings) -> Facebook:
    return Facebook(settings)


def test_a_forged_call_and_a_wrong_handshake_are_refused(facebook: Facebook) -> None:
    facebook.check(signed(b"{}"), b"{}")
    for headers in ({}, signed(b"{}", "muu"), signed(b"{} "), {"x-hub-signature": "sha1=0"}, {"x-hub-signature-256": "õ"}):
        with pytest.raises(NotLoggedIn):
            facebook.check(headers, b"{}")
    asked = {"hub.mode": "subscribe", "hub.verify_token": "kontroll", "hub.challenge": "77"}
    assert facebook.challenge(asked, b"") == "77"
    assert facebook.challenge({**asked, "hub.verify_token": "arvatud"}, b"") is None


def test_what_people_write_is_heard_and_the_pages_own_echo_is_not(facebook: Facebook) -> None:
    (heard,) = facebook.read({}, json.dumps(said("Tere!")).encode())
    assert (heard.id, heard.sender, heard.text) == ("m_1", "4242", "Tere!")
    for one in (said("Meie sõnad", is_echo=True), told({"delivery": {"mids": ["m_1"]}}), told({"read": {"watermark": 1}}), {"object": "user", "entry": []}):
        assert list(facebook.read({}, json.dumps(one).encode())) == []
    (edited,) = facebook.read({}, json.dumps(told({"message_edit": {"mid": "m_1", "text": "Tere päevast!", "num_edit": 1}})).encode())
    assert (edited.id, edited.text) == ("m_1:1", "Tere päevast!")
    (begun,) = facebook.read({}, json.dumps(told({"postback": {"mid": "m_0", "payload": "GET_STARTED", "title": "Alusta"}})).encode())
    assert begun.begins


@pytest.mark.parametrize(
    ("attachment", "aside", "files"),
    [
        ({"type": "image", "payload": {"url": "https://scontent.xx.fbcdn.net/v/foto.jpg?x=1"}}, None, ["foto.jpg"]),
        ({"type": "image", "payload": {"url": "https://scontent.xx.fbcdn.net/v/k.png", "sticker_id": 369239263222822}}, "sticker", []),
        ({"type": "audio", "payload": {"url": "https://cdn.fbsbx.com/a.mp4"}}, "voice", []),
        ({"type": "location", "payload": {"coordinates": {"lat": 59.4, "long": 24.7}}}, "location", []),
        ({"type": "fallback", "payload": None}, "other", []),
    ],
    ids=["picture", "sticker", "voice", "location", "link"],
)
def test_each_attachment_is_fetched_or_answered(facebook: Facebook, attachment: dict[str, Any], aside: str | None, files: list[str]) -> None:
    (heard,) = facebook.read({}, json.dumps(said(attachments=[attachment])).encode())
    assert (heard.aside, [file["name"] for file in heard.files]) == (aside, files)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"object": "page"}', b'{"object": "page", "entry": [7]}', b"\xff"])
def test_what_is_nothing_of_messenger_is_unreadable(facebook: Facebook, body: bytes) -> None:
    with pytest.raises(Unreadable):
        facebook.read({}, body)


async def test_titles_that_do_not_fit_on_a_quick_reply_are_read_above_it(facebook: Facebook) -> None:
    long = "Kuidas saan tellimuse tagastada?"
    buttons = [{"title": title, "payload": payload("A" * 22, 3, place)} for place, title in enumerate((long, "Räägi inimesega"))]
    (call,) = await facebook.draw("4242", Saying(["Kas mõtlesite?"], buttons, heard_at=now()))
    message = call.body["message"]
    assert f"1. {long}" in message["text"]
    assert max(len(one["title"]) for one in message["quick_replies"]) <= 20
    pressed = said(message["quick_replies"][1]["title"], quick_reply={"payload": message["quick_replies"][1]["payload"]})
    (heard,) = facebook.read({}, json.dumps(pressed).encode())
    assert heard.press is not None
    assert heard.press.button == 1


async def test_after_a_day_only_a_person_may_answer_and_only_where_meta_lets_the_page(settings: Settings, facebook: Facebook) -> None:
    late = Saying(["Tere!"], by_person=True, heard_at=now() - timedelta(hours=25))
    with pytest.raises(Outside):
        await facebook.draw("4242", late)
    allowed = Facebook(settings.model_copy(update={"facebook_human_agent": True}))
    (call,) = await allowed.draw("4242", late)
    assert (call.body["messaging_type"], call.body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    for one in (Saying(["Bot"], heard_at=late.heard_at), Saying(["Tere!"], by_person=True, heard_at=now() - timedelta(days=8))):
        with pytest.raises(Outside):
            await allowed.draw("4242", one)


@pytest.mark.parametrize(
    ("status", "error", "told_as", "final"),
    [
        (400, {"code": 10, "error_subcode": 2018278}, "window", True),
        (400, {"code": 551}, "blocked", True),
        (400, {"code": 100}, "refused", True),
        (400, {"code": 613}, "HTTP 400", False),
        (400, {"code": 190}, "HTTP 400", False),
        (500, {"code": 2}, "HTTP 500", False),
    ],
)
async def test_what_meta_refuses_is_tried_again_where_that_may_help(
    facebook: Facebook, there: Messenger, status: int, error: dict[str, int], told_as: str, final: bool
) -> None:
    async with httpx.AsyncClient() as client:
        (call,) = await facebook.draw("4242", Saying(["Tere!"], heard_at=now()))
        there.failing = [(status, {"error": error})]
        sent = await facebook.send(client, call)
        assert (sent.error, sent.final, sent.rest > timedelta()) == (told_as, final, error["code"] == 613)
        (with_file,) = await facebook.draw("4242", Saying([], files=[File("arve.pdf", "application/pdf", b"%PDF")], heard_at=now()))
        assert (await facebook.send(client, with_file)).error is None
        assert b"%PDF" in there.got[-1][1]["raw"]
        with pytest.raises(Unreadable):
            async with facebook.fetch(client, {"id": "https://kuri.example/foto.jpg"}):
                pass


def test_the_route_shakes_hands_and_takes_what_is_said_once(app: FastAPI, client: TestClient, there: Messenger) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "kontroll", "hub.challenge": "77"}
    assert client.get("/api/channels/facebook", params=asked).text == "77"
    assert client.get("/api/channels/facebook", params={**asked, "hub.verify_token": "x"}).status_code == 401
    assert client.get("/api/channels/telegram", params=asked).status_code == 404
    body = json.dumps(said("Millal pakk jõuab?")).encode()
    assert client.post("/api/channels/facebook", content=body).status_code == 401
    for _ in range(2):
        assert client.post("/api/channels/facebook", content=body, headers=signed(body)).status_code == 200
    until = time.monotonic() + 30
    while len([one for one in there.got if one[0] == "messages"]) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert "kahe tööpäevaga" in [body["message"]["text"] for method, body in there.got if method == "messages"][1]
