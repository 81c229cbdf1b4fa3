"""Slack, by its Events API and its interactive messages: direct messages to the app."""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx

from handoff.channels import connectors
from handoff.channels.drawing import Pen
from handoff.channels.provider import Call, Saying, Standing, press, waits
from handoff.conversations.hearing import Heard
from handoff.errors import NotLoggedIn, Unreadable
from handoff.outbox import Sent
from handoff.settings import Settings

LONGEST = 3000  # characters of one section
FRESH_SECONDS = 300
FILES = "https://files.slack.com/"
LOST = ("channel_not_found", "is_archived", "user_disabled", "user_not_found", "cannot_dm_bot", "messages_tab_disabled")
REFUSED = ("invalid_blocks", "msg_too_long", "no_text", "invalid_blocks_format", "invalid_arguments")
ADDRESS = re.compile(r"<(?:mailto:|tel:)?([^|<>]+)(?:\|([^<>]*))?>")  # what Rasa's connector leaves: it looks for „mailto://“


class Slack:
    """One app in one workspace."""

    name = "slack"

    def __init__(self, settings: Settings) -> None:
        self._token, self._api, self._home = settings.slack_token.get_secret_value(), settings.slack_api, settings.public_url
        self._secret = settings.slack_secret.get_secret_value()

    def check(self, headers: Mapping[str, str], body: bytes) -> None:
        told = headers.get("x-slack-request-timestamp", "")
        if not (told.isascii() and told.isdigit() and len(told) < 12) or abs(time.time() - int(told)) > FRESH_SECONDS:
            raise NotLoggedIn("The time of this call is not now.")
        wanted = "v0=" + hmac.new(self._secret.encode(), f"v0:{told}:".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted.encode(), headers.get("x-slack-signature", "").encode()):
            raise NotLoggedIn("The signature is not right.")

    def challenge(self, query: Mapping[str, str], body: bytes) -> str | None:
        try:
            told = json.loads(body)
            return str(told["challenge"]) if told["type"] == "url_verification" else None
        except (ValueError, KeyError, TypeError):
            return None

    def pen(self) -> Pen:
        return Pen("mrkdwn", self._home, LONGEST)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        try:
            if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
                return _pressed(json.loads(parse_qs(body.decode())["payload"][0]))
            return _heard(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise Unreadable(f"This is nothing of Slack: {type(error).__name__}.", code="unreadable") from None

    async def draw(self, address: str, said: Saying) -> Sequence[Call]:
        calls = [Call("chat.postMessage", {"channel": address, "text": part}) for part in said.parts]
        if said.buttons and calls:
            buttons = await connectors.slack_buttons(said.buttons)
            section = {"type": "section", "text": {"type": "mrkdwn", "text": said.parts[-1]}}
            calls[-1] = Call("chat.postMessage", {**calls[-1].body, "blocks": [section, *buttons]})
        return [*calls, *(Call("files", {"channel_id": address}, file) for file in said.files)]

    async def send(self, client: httpx.AsyncClient, call: Call) -> Sent:
        if call.file is None:
            return (await self._ask(client, call.method, json=call.body))[0]
        wanted = {"filename": call.file.name, "length": str(len(call.file.content))}
        sent, told = await self._ask(client, "files.getUploadURLExternal", data=wanted)
        if sent.error:
            return sent
        up = await client.post(told["upload_url"], content=call.file.content)
        if not up.is_success:
            return Sent(f"HTTP {up.status_code}")
        whole = {"files": [{"id": told["file_id"], "title": call.file.name}], **call.body}
        return (await self._ask(client, "files.completeUploadExternal", json=whole))[0]

    @asynccontextmanager
    async def fetch(self, client: httpx.AsyncClient, file: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        address = str(file["id"])
        if not address.startswith((FILES, self._api + "/")):
            raise Unreadable("A file of Slack's lies at Slack.", code="file_type", field="file")
        async with client.stream("GET", address, headers=self._headers) as answer:
            answer.raise_for_status()
            yield answer.aiter_bytes()

    async def stand(self, client: httpx.AsyncClient) -> Standing:
        sent, told = await self._ask(client, "auth.test", json={})
        return Standing(self.name, problem="token") if sent.error else Standing(self.name, f"{told.get('user', '')} · {told.get('team', '')}")

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    async def _ask(self, client: httpx.AsyncClient, method: str, **what: Any) -> tuple[Sent, Mapping[str, Any]]:
        answer = await client.post(f"{self._api}/{method}", headers=self._headers, **what)
        if not answer.is_success:
            return Sent(f"HTTP {answer.status_code}", rest=waits(answer) if answer.status_code == 429 else timedelta()), {}
        told = answer.json()
        if told.get("ok"):
            return Sent(), told
        why = str(told.get("error", ""))[:100]
        if why in LOST:
            return Sent("blocked", final=True), told
        return (Sent("refused", final=True) if why in REFUSED else Sent(why)), told


def _heard(told: Mapping[str, Any]) -> list[Heard]:
    """What a person has said to the app alone; not what it said itself, nor what stands in channels."""
    event = told.get("event") or {}
    if told.get("type") != "event_callback" or event.get("type") != "message" or event.get("channel_type") != "im":
        return []
    kind, channel = event.get("subtype"), str(event["channel"])
    message = event.get("message" if kind == "message_changed" else "previous_message", {}) if kind in ("message_changed", "message_deleted") else event
    if message.get("bot_id") or not message.get("user") or kind not in (None, "file_share", "message_changed", "message_deleted"):
        return []
    key, who = f"{channel}:{message['ts']}", _who(str(message["user"]), channel)
    if kind == "message_deleted":
        return [Heard(id=f"{key}:deleted", aside="deleted", **who)]
    if kind == "message_changed" and message.get("text") == event.get("previous_message", {}).get("text"):
        return []  # Slack has put a preview beside it
    words = _words(str(message.get("text") or ""), told)
    if kind == "message_changed":
        return [Heard(id=f"{key}:{message.get('edited', {}).get('ts', '')}", text=words, **who)] if words else []
    files = [{"id": one["url_private_download"], "name": str(one.get("name") or "fail")} for one in event.get("files", ()) if one.get("url_private_download")]
    return [Heard(id=key, text=words, files=files, aside=None if words or files else "other", **who)]


def _pressed(told: Mapping[str, Any]) -> list[Heard]:
    channel = str((told.get("channel") or {}).get("id", ""))
    brought = connectors.slack_pressed(told)
    if brought is None or not channel.startswith("D"):
        return []
    user, chosen = str(told["user"]["id"]), press(brought)
    return [Heard(id=f"press:{user}:{told['actions'][0].get('action_ts', '')}", press=chosen, begins=chosen is None, **_who(user, channel))]


def _who(user: str, channel: str) -> dict[str, Any]:
    return {"channel": Slack.name, "sender": user, "address": channel}


def _words(text: str, told: Mapping[str, Any]) -> str:
    """As it was typed: without Slack's marks around links, and without the app's own name."""
    users = [str(one.get("user_id", "")) for one in told.get("authorizations") or ()]
    bare = connectors.slack_words(text, users)
    return html.unescape(ADDRESS.sub(lambda found: found[2] or found[1], bare))
