"""Facebook Messenger, by the Graph API: one page and its inbox."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from handoff.channels import connectors
from handoff.channels.drawing import Pen
from handoff.channels.provider import Call, Outside, Saying, Standing, press, waits
from handoff.conversations.hearing import Heard
from handoff.database import now
from handoff.errors import NotLoggedIn, Unreadable
from handoff.outbox import Sent
from handoff.settings import Settings

LONGEST = 2000  # characters of one message
DAY, WEEK = timedelta(hours=24), timedelta(days=7)  # how long answers are taken, and those of a person with Meta's leave
TITLE = 20  # characters of a quick reply
MOST_BUTTONS = 10
HOSTS = (".fbcdn.net", ".fbsbx.com")
OUTSIDE = {(10, 2018278)}
LOST = {(551, None), (200, 1545041), (10, 2018108), (100, 2018001)}
BUSY = (4, 17, 32, 613, 80006)
PASSING = (1, 2, 190, 1200)  # trouble there, or a token that the operator changes


class Facebook:
    """One page."""

    name = "facebook"

    def __init__(self, settings: Settings) -> None:
        self._token, self._api, self._home = settings.facebook_token.get_secret_value(), settings.facebook_api, settings.public_url
        self._secret, self._verify = settings.facebook_secret.get_secret_value(), settings.facebook_verify.get_secret_value()
        self._people_later = settings.facebook_human_agent

    def check(self, headers: Mapping[str, str], body: bytes) -> None:
        wanted = "sha256=" + hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted.encode(), headers.get("x-hub-signature-256", "").encode()):
            raise NotLoggedIn("The signature is not right.")

    def challenge(self, query: Mapping[str, str], body: bytes) -> str | None:
        known = hmac.compare_digest(self._verify.encode(), query.get("hub.verify_token", "").encode())
        return query.get("hub.challenge") if known and query.get("hub.mode") == "subscribe" else None

    def pen(self) -> Pen:
        return Pen("plain", self._home, LONGEST)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        try:
            told = json.loads(body)
            events = [event for entry in told["entry"] for event in entry.get("messaging", ())] if told["object"] == "page" else []
            return [heard for event in events for heard in _heard(event)]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise Unreadable(f"This is nothing of Messenger: {type(error).__name__}.", code="unreadable") from None

    async def draw(self, address: str, said: Saying) -> Sequence[Call]:
        frame = {"recipient": {"id": address}, **self._kind(said)}
        parts = list(said.parts)
        buttons = list(said.buttons)[:MOST_BUTTONS]
        if any(len(one["title"]) > TITLE for one in buttons):  # what does not fit on a button is read above it
            listed = "\n".join(f"{number}. {one['title']}" for number, one in enumerate(buttons, start=1))
            whole = f"{parts[-1]}\n\n{listed}" if parts else listed
            parts = [*parts[:-1], whole] if len(whole) <= LONGEST else [*parts, listed[:LONGEST]]
            buttons = [{**one, "title": _short(number, one["title"])} for number, one in enumerate(buttons, start=1)]
        calls = [Call("me/messages", {**frame, "message": {"text": part}}) for part in parts]
        if buttons and calls:
            calls[-1] = Call("me/messages", {**frame, "message": await connectors.facebook_quick_replies(parts[-1], buttons)})
        return [*calls, *(Call("me/messages", frame, file) for file in said.files)]

    def _kind(self, said: Saying) -> dict[str, str]:
        """Why it may be sent. Raises `Outside` where Meta takes nothing any more."""
        silent = now() - said.heard_at if said.heard_at else timedelta()
        if silent < DAY:
            return {"messaging_type": "RESPONSE"}
        if said.by_person and self._people_later and silent < WEEK:
            return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        raise Outside

    async def send(self, client: httpx.AsyncClient, call: Call) -> Sent:
        address = f"{self._api}/{call.method}"
        if call.file is not None:
            kind = "image" if call.file.type.startswith("image/") else "file"
            whole = {**call.body, "message": {"attachment": {"type": kind, "payload": {}}}}
            fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in whole.items()}
            given = {"filedata": (call.file.name, call.file.content, call.file.type)}
            return _judged(await client.post(address, headers=self._headers, data=fields, files=given))
        return _judged(await client.post(address, headers=self._headers, json=call.body))

    @asynccontextmanager
    async def fetch(self, client: httpx.AsyncClient, file: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        address = str(file["id"])
        parts = urlsplit(address)
        theirs = parts.scheme == "https" and f".{parts.hostname or ''}".endswith(HOSTS)
        if not theirs and not address.startswith(self._api + "/"):
            raise Unreadable("A file of Messenger's lies at Meta.", code="file_type", field="file")
        async with client.stream("GET", address) as answer:
            answer.raise_for_status()
            yield answer.aiter_bytes()

    async def stand(self, client: httpx.AsyncClient) -> Standing:
        me = await client.get(f"{self._api}/me", params={"fields": "name"}, headers=self._headers)
        if not me.is_success:
            return Standing(self.name, problem="token")
        called = str(me.json().get("name", ""))
        apps = await client.get(f"{self._api}/me/subscribed_apps", headers=self._headers)
        return Standing(self.name, called, problem="" if apps.is_success and apps.json().get("data") else "page")

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


def _heard(event: Mapping[str, Any]) -> list[Heard]:
    """What a person has written to the page; not what the page itself said, nor what was delivered and read."""
    sender = str((event.get("sender") or {}).get("id", ""))
    who: dict[str, Any] = {"channel": Facebook.name, "sender": sender, "address": sender}
    if (told := event.get("postback")) is not None:
        chosen = press(str(told.get("payload", "")))
        return [Heard(id=str(told.get("mid") or f"{sender}:{event['timestamp']}"), press=chosen, begins=chosen is None, **who)]
    if (told := event.get("message_edit")) is not None:
        return [Heard(id=f"{told['mid']}:{told.get('num_edit', 0)}", text=str(told.get("text") or ""), **who)]
    message = event.get("message")
    if not message or message.get("is_echo") or not sender:
        return []
    kind, brought = connectors.facebook_kind(event)
    if kind == "press" and (chosen := press(brought)) is not None:
        return [Heard(id=str(message["mid"]), press=chosen, **who)]
    files, aside = _attached(message.get("attachments") or ())
    text = str(message.get("text") or "")
    if aside == "location":
        text = _place(message["attachments"])
    return [Heard(id=str(message["mid"]), text=text, files=files, aside=aside if aside or text or files else "other", **who)]


def _attached(attachments: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], str | None]:
    """Pictures and files to fetch, and what else there is."""
    files, aside = [], None
    for one in attachments:
        kind, brought = one.get("type"), one.get("payload") or {}
        if brought.get("sticker_id"):
            aside = "sticker"
        elif kind in ("image", "file") and brought.get("url"):
            name = urlsplit(str(brought["url"])).path.rpartition("/")[2]
            files.append({"id": str(brought["url"]), "name": name or "fail"})
        elif kind in ("audio", "video", "location"):
            aside = "voice" if kind == "audio" else str(kind)
    return files, None if files else aside


def _place(attachments: Sequence[Mapping[str, Any]]) -> str:
    found = next((one["payload"].get("coordinates") for one in attachments if one.get("type") == "location"), None) or {}
    return f"📍 {found.get('lat', '')}, {found.get('long', '')}"


def _short(number: int, title: str) -> str:
    whole = f"{number}. {title}"
    return whole if len(whole) <= TITLE else whole[: TITLE - 1].rstrip() + "…"


def _judged(answer: httpx.Response) -> Sent:
    if answer.is_success:
        return Sent()
    try:
        told = answer.json()["error"]
        code, inner = int(told.get("code", 0)), told.get("error_subcode")
    except (ValueError, KeyError, TypeError, AttributeError):
        code, inner = 0, None
    if answer.status_code == 429 or code in BUSY:
        return Sent(f"HTTP {answer.status_code}", rest=max(waits(answer), timedelta(minutes=1)))
    if (code, inner) in OUTSIDE:
        return Sent("window", final=True)
    if (code, inner) in LOST or (code, None) in LOST:
        return Sent("blocked", final=True)
    final = answer.status_code == 400 and code not in (0, *PASSING)
    return Sent("refused", final=True) if final else Sent(f"HTTP {answer.status_code}")
