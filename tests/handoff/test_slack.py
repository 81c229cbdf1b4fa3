"""Slack against an API on this machine: signed calls, buttons as blocks, direct messages alone; Rasa's own connector reads and draws."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from handoff.channels.provider import File, Saying, payload
from handoff.channels.slack import Slack
from handoff.errors import NotLoggedIn, Unreadable
from handoff.settings import Settings, read_settings
from tests.handoff.messenger import Messenger

SECRET = "slacki-allkirja-saladus"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def said(text: str, *, ts: str = "1760000000.000100", **more: Any) -> dict[str, Any]:
    event = {"type": "message", "channel": "D42", "channel_type": "im", "user": "U1", "text": text, "ts": ts, **more}
    return {"type": "event_callback", "event_id": "Ev1", "event": event, "authorizations": [{"user_id": "UBOT"}]}


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    told = str(int(time.time() if at is None else at))
    made = hmac.new(secret.encode(), f"v0:{told}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": told, "x-slack-signature": f"v0={made}"}


@pytest.fixture
def there() -> Iterator[Messenger]:
    made = Messenger()
    yield made
    made.stop()


@pytest.fixture
def settings(tmp_path: Path, there: Messenger) -> Settings:
    return read_settings(data_dir=tmp_path, slack_token=SecretStr("xoxb-proov"), slack_secret=SecretStr(SECRET), slack_api=there.url)


@pytest.fixture
def slack(settings: Settings) -> Slack:
    return Slack(settings)


def test_only_what_is_signed_now_and_with_our_secret_comes_in(slack: Slack) -> None:
    body = json.dumps(said("Tere")).encode()
    slack.check(signed(body), body)
    forged: tuple[dict[str, str], ...] = (
        signed(body, secret="muu"),
        signed(body, at=time.time() - 301),
        signed(body, at=time.time() + 301),
        signed(body + b" "),
        {},
    )
    for headers in (*forged, {**signed(body), "x-slack-request-timestamp": "õ"}):
        with pytest.raises(NotLoggedIn):
            slack.check(headers, body)


def test_words_come_as_they_were_typed(slack: Slack) -> None:
    (heard,) = slack.read(
        {}, json.dumps(said("<@UBOT> Kas <https://pood.ee|pood.ee> on lahti? Kirjutage <mailto:mari@pood.ee|mari@pood.ee> &amp; <https://kaup.ee>")).encode()
    )
    assert (heard.sender, heard.address) == ("U1", "D42")
    assert "UBOT" not in heard.text
    assert "&amp;" not in heard.text
    assert "https://kaup.ee" in heard.text
    assert "<" not in heard.text


@pytest.mark.parametrize(
    "more",
    [{"bot_id": "B1"}, {"channel_type": "channel"}, {"channel_type": "mpim"}, {"subtype": "channel_join"}, {"user": ""}],
    ids=["itself", "channel", "group", "joining", "nobody"],
)
def test_channels_groups_and_its_own_words_are_not_listened_to(slack: Slack, more: dict[str, Any]) -> None:
    assert list(slack.read({}, json.dumps(said("Tere", **more)).encode())) == []


def test_what_is_corrected_or_deleted_is_told_and_a_preview_is_nothing(slack: Slack) -> None:
    before = {"user": "U1", "text": "Millal pak jõuab?", "ts": "1.2"}
    after = {"user": "U1", "text": "Millal pakk jõuab?", "ts": "1.2", "edited": {"ts": "3.4"}}
    (edited,) = slack.read({}, json.dumps(said("", subtype="message_changed", message=after, previous_message=before)).encode())
    (gone,) = slack.read({}, json.dumps(said("", subtype="message_deleted", previous_message=before)).encode())
    assert (edited.text, gone.aside, edited.id != gone.id) == ("Millal pakk jõuab?", "deleted", True)
    assert list(slack.read({}, json.dumps(said("", subtype="message_changed", message=before, previous_message=before)).encode())) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b'{"type": "event_callback", "event": 7}', b'{"type": "event_callback"}'])
def test_what_is_nothing_of_slack_is_unreadable_or_nothing(slack: Slack, body: bytes) -> None:
    for headers in ({}, FORM):
        try:
            assert list(slack.read(headers, body)) == []
        except Unreadable:
            continue


async def test_buttons_are_blocks_and_what_they_bring_comes_back(slack: Slack, there: Messenger) -> None:
    brought = [{"title": f"Valik {number} " + "x" * 80, "payload": payload("A" * 22, 3, number)} for number in range(7)]
    (call,) = await slack.draw("D42", Saying(["Kas *mõtlesite* …?"], brought))
    section, first, second = call.body["blocks"]
    assert (section["text"]["type"], len(first["elements"]), len(second["elements"])) == ("mrkdwn", 5, 2)
    pressed = {"type": "block_actions", "user": {"id": "U1"}, "channel": {"id": "D42"}, "actions": [{**second["elements"][1], "action_ts": "5.6"}]}
    (heard,) = slack.read(FORM, urlencode({"payload": json.dumps(pressed)}).encode())
    assert heard.press is not None
    assert (heard.press.number, heard.press.button) == (3, 6)
    async with httpx.AsyncClient() as client:
        assert (await slack.send(client, call)).error is None
        assert (await slack.send(client, call)).error is None
        for told, error, final in (("channel_not_found", "blocked", True), ("invalid_blocks", "refused", True), ("token_revoked", "token_revoked", False)):
            there.failing = [(200, {"ok": False, "error": told})]
            sent = await slack.send(client, call)
            assert (sent.error, sent.final) == (error, final)


async def test_a_file_goes_up_and_one_of_another_place_is_never_fetched(slack: Slack, there: Messenger) -> None:
    there.answers["files.getUploadURLExternal"] = {"ok": True, "upload_url": f"{there.url}/siia", "file_id": "F1"}
    async with httpx.AsyncClient() as client:
        (call,) = await slack.draw("D42", Saying([], files=[File("arve.pdf", "application/pdf", b"%PDF")]))
        assert (await slack.send(client, call)).error is None
        assert there.got[-1] == ("files.completeUploadExternal", {"files": [{"id": "F1", "title": "arve.pdf"}], "channel_id": "D42"})
        with pytest.raises(Unreadable):
            async with slack.fetch(client, {"id": "http://169.254.169.254/latest"}):
                pass


async def test_slack_that_asks_for_patience_gets_it(slack: Slack, there: Messenger) -> None:
    (call,) = await slack.draw("D42", Saying(["Tere"]))
    async with httpx.AsyncClient() as client:
        there.failing = [(429, {"retry-after": "30"})]
        assert (await slack.send(client, call)).rest == timedelta(seconds=30)


def test_the_route_shakes_hands_and_takes_what_is_said_once(app: FastAPI, client: TestClient, there: Messenger) -> None:
    hello = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    assert client.post("/api/channels/slack", content=hello).status_code == 401
    assert client.post("/api/channels/slack", content=hello, headers=signed(hello)).text == "abc"
    body = json.dumps(said("Millal pakk jõuab?")).encode()
    for _ in range(2):
        assert client.post("/api/channels/slack", content=body, headers=signed(body)).status_code == 200
    until = time.monotonic() + 30
    while len(there.said("chat.postMessage")) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert "kahe tööpäevaga" in there.said("chat.postMessage")[1]
