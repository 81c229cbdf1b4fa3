"""A Chatwoot on this machine: the few operations of its application API that we use.

What comes is held against its description (chatwoot.openapi.yml), and what goes too; `wrong` collects what was not by it.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from tests.handoff.described import JSON, Described
from tests.handoff.loopback import Loopback, QuietHandler

TOKEN = "agendi-voti"
ACCOUNT = "/api/v1/accounts/3/"
MULTIPART = "multipart/form-data"
DESCRIBED = Described(Path(__file__).with_name("chatwoot.openapi.yml"))

Trouble = Literal["", "refuses", "forgets", "hangs up", "takes no files"]
"""How it fails: answers 500 and does nothing; does it and answers 500; does it and goes without an answer; answers 422 to files."""


class FakeChatwoot(Loopback):
    """One account with one inbox. `trouble` is what goes wrong with everything that is posted."""

    def __init__(self) -> None:
        self.trouble: Trouble = ""
        self.wrong: list[str] = []
        self.asked: set[str] = set()  # operations
        self.contacts: list[dict[str, Any]] = []
        self.talks: dict[int, dict[str, Any]] = {}
        self.of: dict[int, int] = {}  # conversation → contact
        self.messages: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        chatwoot = self

        class Handler(QuietHandler):
            def do_GET(self) -> None:
                chatwoot.answer(self, None)

            def do_POST(self) -> None:
                chatwoot.answer(self, self.body())

        super().__init__(Handler)

    def answer(self, handler: BaseHTTPRequestHandler, raw: bytes | None) -> None:
        trouble = self.trouble if raw is not None else ""
        kind = (handler.headers.get("Content-Type") or "").partition(";")[0]
        if handler.headers.get("api_access_token") != TOKEN:
            self._send(handler, 401, {"error": "Invalid Access Token"})
            return
        if trouble == "refuses" or (trouble == "takes no files" and kind == MULTIPART):
            self._send(handler, 500 if trouble == "refuses" else 422, {})
            return
        try:
            body = None if raw is None else self._read(raw, handler.headers.get("Content-Type", ""))
            told = self._described(handler.command, handler.path, body, kind)
        except (AssertionError, LookupError) as error:
            self.wrong.append(f"{handler.command} {handler.path}: {error}")
            self._send(handler, 404, {})
            return
        if trouble == "hangs up":
            handler.close_connection = True
        else:
            self._send(handler, 500 if trouble == "forgets" else 200, told)

    def said(self, talk: int, *, private: bool | None = None, kind: int | None = None) -> list[str]:
        """What stands in a conversation; of a file its name."""
        found = [one for one in self.messages if one["conversation_id"] == talk]
        shown = [one for one in found if private in (None, one["private"]) and kind in (None, one["message_type"])]
        return [one["content"] or "".join(file["data_url"] for file in one.get("attachments", [])) for one in shown]

    def reply(self, talk: int, text: str, *, private: bool = False) -> dict[str, Any]:
        """An agent writes there; gives the webhook that Chatwoot sends for it."""
        message = self._message(talk, {"content": text, "private": private})
        sender = {"id": 7, "name": "Piret", "email": "piret@kodukaup.ee", "type": "user"}
        about = {"id": talk, "inbox_id": 5, "status": self.talks[talk]["status"]}
        told = {name: message[name] for name in ("id", "content", "private", "content_type", "content_attributes")}
        return {**told, "event": "message_created", "message_type": "outgoing", "sender": sender, "conversation": about, "account": {"id": 3}}

    def resolve(self, talk: int) -> dict[str, Any]:
        """An agent resolves it; gives the webhook."""
        self.talks[talk]["status"] = "resolved"
        return {"event": "conversation_status_changed", "id": talk, "inbox_id": 5, "status": "resolved", "channel": "Channel::Api", "timestamp": 1}

    def _described(self, method: str, path: str, body: Any, kind: str) -> Any:
        parts = urlsplit(path)
        params = dict(parse_qsl(parts.query))
        self.asked.add(DESCRIBED.asked(method, parts.path, params, body, kind=kind or JSON))
        told = self._done(method, parts.path.removeprefix(ACCOUNT), params, body)
        DESCRIBED.answered(method, parts.path, told)
        return told

    def _done(self, method: str, path: str, params: dict[str, str], body: Any) -> Any:
        place = re.fullmatch(r"(\w+)(?:/(\w+))?(?:/(\w+))?", path)
        if place is None:
            raise LookupError(path)
        match method, *place.groups():
            case "POST", "contacts", None, None:
                return self._contact(body)
            case "GET", "contacts", "search", None:
                return {"meta": {"count": 0, "current_page": 1}, "payload": [one for one in self.contacts if params["q"] in (one["identifier"] or "")]}
            case "GET", "contacts", contact, "conversations":
                return {"payload": [one for number, one in self.talks.items() if self.of.get(number) == int(contact)]}
            case "POST", "conversations", None, None:
                return self._talk(body)
            case "GET", "conversations", talk, None:
                return {**self.talks[int(talk)], "meta": {}}
            case "GET", "conversations", talk, "messages":
                return {"meta": {}, "payload": [one for one in self.messages if one["conversation_id"] == int(talk)][-20:]}
            case "POST", "conversations", talk, "messages":
                return self._message(int(talk), body)
            case "POST", "conversations", talk, "toggle_status":
                self.talks[int(talk)]["status"] = body["status"]
                return {"meta": {}, "payload": {"success": True, "conversation_id": int(talk), "current_status": body["status"]}}
        raise LookupError(path)

    def _contact(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if any(one["identifier"] == wanted.get("identifier") for one in self.contacts):
            raise LookupError("the identifier is taken")
        named = {"id": len(self.contacts) + 100, "name": wanted.get("name", ""), "identifier": wanted.get("identifier")}
        self.contacts.append({**named, "email": None, "phone_number": None, "custom_attributes": {}, "created_at": 1_700_000_000})
        return {"payload": {"contact": self.contacts[-1], "contact_inbox": {"source_id": "x", "inbox": {"id": wanted["inbox_id"]}}}}

    def _talk(self, wanted: dict[str, Any]) -> dict[str, Any]:
        number = len(self.talks) + 1
        made = {"id": number, "account_id": 3, "inbox_id": wanted["inbox_id"]}
        self.of[number] = wanted["contact_id"]
        self.talks[number] = {**made, "status": wanted.get("status", "open"), "custom_attributes": wanted.get("custom_attributes", {}), "messages": []}
        return made

    def _message(self, talk: int, wanted: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {
            **{"id": len(self.messages) + 1000, "content": wanted.get("content") or None, "account_id": 3, "inbox_id": self.talks[talk]["inbox_id"]},
            **{"conversation_id": talk, "message_type": 0 if wanted.get("message_type") == "incoming" else 1, "created_at": 1_700_000_000},
            **{"private": wanted.get("private", False), "content_type": wanted.get("content_type", "text")},
            "content_attributes": wanted.get("content_attributes", {}),
        }
        if named := wanted.get("attachments[]"):
            made["attachments"] = [{"id": number, "file_type": "file", "data_url": name} for number, name in enumerate(named)]
        self.messages.append(made)
        return made

    def _read(self, raw: bytes, kind: str) -> dict[str, Any]:
        """What was posted: JSON, or a form in which a file is its name."""
        if not kind.startswith(MULTIPART):
            told: dict[str, Any] = json.loads(raw)
            return told
        form: dict[str, Any] = {}
        for part in email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw, policy=email.policy.HTTP).iter_parts():
            name, file, content = str(part.get_param("name", header="content-disposition")), part.get_filename(), part.get_payload(decode=True)
            assert isinstance(content, bytes)
            if file is None:
                form[name] = json.loads(content) if name == "content_attributes" else content.decode()
            else:
                form.setdefault(name, []).append(file)
                self.files[file] = content
        return form

    def _send(self, handler: BaseHTTPRequestHandler, status: int, told: Any) -> None:
        body = json.dumps(told).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def running() -> Iterator[FakeChatwoot]:
    """A fresh one, stopped at the end."""
    made = FakeChatwoot()
    try:
        yield made
    finally:
        made.stop()
