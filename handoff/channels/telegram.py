"""Telegram, by its Bot API."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from bot.understanding import LANGUAGES, Language
from handoff.channels import connectors
from handoff.channels.drawing import Pen
from handoff.channels.provider import Call, File, Saying, Standing, press
from handoff.conversations.hearing import Heard
from handoff.errors import NotLoggedIn, Unreadable
from handoff.outbox import Sent
from handoff.settings import Settings

LONGEST = 4096  # characters of one message
FILES = ("photo", "document")
ASIDES = ("sticker", "voice", "audio", "video", "video_note", "animation", "location", "contact", "poll", "dice", "venue", "game")
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  (a header's name)
LOST = ("bot was blocked by the user", "user is deactivated", "bot can't initiate", "chat not found", "bot was kicked")
HOOK = "/api/channels/telegram"


class Telegram:
    """One bot of Telegram's."""

    name = "telegram"

    def __init__(self, settings: Settings) -> None:
        self._token, self._api, self._home = settings.telegram_token.get_secret_value(), settings.telegram_api, settings.public_url
        self._secret = settings.telegram_secret.get_secret_value()

    def check(self, headers: Mapping[str, str], body: bytes) -> None:
        if not hmac.compare_digest(self._secret.encode(), headers.get(SECRET_HEADER, "").encode()):
            raise NotLoggedIn("The secret is not right.")

    def challenge(self, query: Mapping[str, str], body: bytes) -> str | None:
        return None

    def pen(self) -> Pen:
        return Pen("html", self._home, LONGEST)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]:
        try:
            update = json.loads(body)
            if "my_chat_member" in update:  # younger than what Rasa's connector knows
                return _left(update["my_chat_member"], update["update_id"])
            return _heard(update, connectors.telegram_kind(update))
        except Exception as error:  # whatever aiogram makes of what is no update
            raise Unreadable(f"This is no update of Telegram: {type(error).__name__}.", code="unreadable") from None

    async def draw(self, address: str, said: Saying) -> Sequence[Call]:
        calls = [Call("sendMessage", {"chat_id": address, "text": part, "parse_mode": "HTML"}) for part in said.parts]
        if said.buttons and calls:
            keyboard = await connectors.telegram_keyboard(said.buttons)
            calls[-1] = Call("sendMessage", {**calls[-1].body, "reply_markup": keyboard})
        return [*calls, *(Call("sendPhoto" if _is_photo(file) else "sendDocument", {"chat_id": address}, file) for file in said.files)]

    async def send(self, client: httpx.AsyncClient, call: Call) -> Sent:
        address = f"{self._api}/bot{self._token}/{call.method}"
        if call.file is not None:
            field = "photo" if call.method == "sendPhoto" else "document"
            answer = await client.post(address, data=dict(call.body), files={field: (call.file.name, call.file.content, call.file.type)})
        else:
            answer = await client.post(address, json=call.body)
        return _judged(answer, call.method)

    @asynccontextmanager
    async def fetch(self, client: httpx.AsyncClient, file: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        found = await client.post(f"{self._api}/bot{self._token}/getFile", json={"file_id": file["id"]})
        if found.status_code == 400:
            raise Unreadable("Telegram gives out files of up to 20 megabytes.", code="file_too_large", field="file")
        found.raise_for_status()
        path = found.json()["result"]["file_path"]
        async with client.stream("GET", f"{self._api}/file/bot{self._token}/{path}") as answer:
            answer.raise_for_status()
            yield answer.aiter_bytes()

    async def stand(self, client: httpx.AsyncClient) -> Standing:
        me = await client.post(f"{self._api}/bot{self._token}/getMe")
        if not me.is_success:
            return Standing(self.name, problem="token")
        called = "@" + str(me.json()["result"].get("username", ""))
        hook = (await client.post(f"{self._api}/bot{self._token}/getWebhookInfo")).json()["result"]
        if hook.get("url") != self._home + HOOK:
            return Standing(self.name, called, problem="hook")
        return Standing(self.name, called, problem="delivery" if hook.get("pending_update_count", 0) > 100 else "")

    async def register(self, client: httpx.AsyncClient) -> Sent:
        """Have Telegram call us. What came while it did not comes then."""
        wanted = {"url": self._home + HOOK, "secret_token": self._secret, "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"]}
        return await self.send(client, Call("setWebhook", wanted))


def _heard(update: Mapping[str, Any], kind: connectors.TelegramKind) -> list[Heard]:
    """What a person has said to the bot alone: groups, channels and other bots are not listened to."""
    if kind == "press":
        return _pressed(update["callback_query"])
    said = update.get("edited_message") if kind == "edited" else update.get("message")
    if not said or said["chat"]["type"] != "private" or said.get("from", {}).get("is_bot", True):
        return []
    key = f"{said['chat']['id']}:{said['message_id']}"
    who = _who(said["from"], said["chat"]["id"])
    if kind == "edited":
        words = said.get("text") or said.get("caption") or ""
        return [Heard(id=f"{key}:{said.get('edit_date', 0)}", text=words, **who)] if words else []
    text = said.get("text") or said.get("caption") or ""
    if text.split(maxsplit=1)[:1] == ["/start"]:
        return [Heard(id=key, begins=True, **who)]
    files = _files(said)
    aside = next((one for one in ASIDES if one in said), None if text or files else "other")
    if aside == "location":
        text = "📍 {latitude}, {longitude}".format(**said["location"])
    elif aside == "sticker":
        text = str(said["sticker"].get("emoji", ""))
    return [Heard(id=key, text=text.removeprefix("/") if aside is None else text, aside=aside, files=files, **who)]


def _pressed(query: Mapping[str, Any]) -> list[Heard]:
    message = query.get("message") or {}
    if message.get("chat", {}).get("type") != "private":
        return []
    receipt = {"method": "answerCallbackQuery", "body": {"callback_query_id": query["id"]}}
    chosen = press(str(query.get("data", "")))
    who = _who(query["from"], message["chat"]["id"])
    return [Heard(id=f"press:{query['id']}", press=chosen, begins=chosen is None, receipt=receipt, **who)]


def _left(change: Mapping[str, Any], number: int) -> list[Heard]:
    """They have shut the bot out, or have let it in again, which needs no answer."""
    if change["chat"]["type"] != "private" or change["new_chat_member"]["status"] != "kicked":
        return []
    return [Heard(id=f"left:{number}", aside="blocked", **_who(change["from"], change["chat"]["id"]))]


def _who(person: Mapping[str, Any], chat: int) -> dict[str, Any]:
    name = " ".join(part for part in (person.get("first_name"), person.get("last_name")) if part)
    code = str(person.get("language_code", ""))[:2]
    language: Language = code if code in LANGUAGES else "et"
    return {"channel": Telegram.name, "sender": str(person["id"]), "address": str(chat), "name": name[:200] or None, "language": language}


def _files(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    if said.get("photo"):
        best = max(said["photo"], key=lambda size: size.get("width", 0))
        return [{"id": best["file_id"], "name": "foto.jpg"}]
    if said.get("document") and "animation" not in said:
        return [{"id": said["document"]["file_id"], "name": str(said["document"].get("file_name") or "fail")}]
    return []


def _is_photo(file: File) -> bool:
    return file.type in ("image/jpeg", "image/png") and len(file.content) < 10_000_000


def _judged(answer: httpx.Response, method: str) -> Sent:
    if answer.is_success:
        return Sent()
    try:
        told = answer.json()
    except ValueError:
        told = {}
    why = str(told.get("description", ""))
    if answer.status_code == 429:
        return Sent("HTTP 429", rest=timedelta(seconds=float(told.get("parameters", {}).get("retry_after", 1))))
    if any(one in why for one in LOST):
        return Sent("blocked", final=True)
    if answer.status_code == 400:
        return Sent("refused", final=True)
    return Sent(f"HTTP {answer.status_code}")
