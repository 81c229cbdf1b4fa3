"""A client of `/api/v1` for Python programs: typed, with each change safe to repeat. Imports httpx only.

    with Abiline("https://tugi.pood.ee", key) as abiline:
        for one in abiline.conversations(state="waiting"):
            abiline.claim(one["id"])
            abiline.reply(one["id"], "Teie pakk jõuab homme.")

What can go wrong is an `ApiError`; a request that got no answer, or was told to wait, is asked again with the same key, so nothing is done twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

import httpx

TIMEOUT_SECONDS = 20.0
TRIES = 4
FIRST_PAUSE_SECONDS = 0.5  # then doubled
LATER = (429, 502, 503, 504)

Json = dict[str, Any]


class ApiError(Exception):
    """The service refused. `status` is HTTP's, `code` is stable for programs, the message is for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code = status, code


class Abiline:
    """One service and one key. Threads may share it."""

    def __init__(self, url: str, key: str, *, client: httpx.Client | None = None, pause: Callable[[float], object] = time.sleep) -> None:
        self._client = client or httpx.Client(timeout=TIMEOUT_SECONDS)
        self._base, self._headers, self._pause = url.rstrip("/") + "/api/v1", {"Authorization": f"Bearer {key}"}, pause

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def conversations(self, **wanted: str | int) -> Iterator[Json]:
        """All that match (`state`, `team_id`, `agent_id`, `tag`, `changed_since`), the newest change first."""
        return self._pages("/conversations", wanted)

    def conversation(self, conversation_id: str) -> Json:
        return self._get(_at(conversation_id))

    def events(self, conversation_id: str, **wanted: str | int) -> Iterator[Json]:
        """The numbered log, oldest first."""
        return self._pages(_at(conversation_id, "events"), wanted)

    def callbacks(self) -> list[Json]:
        """Calls that customers wait for, the earliest first."""
        return list(self._ask("GET", "/callbacks").json())

    def claim_callback(self, call_id: str, *, key: str | None = None) -> Json:
        """Take the call with its conversation."""
        return self._post(_in("callbacks", call_id, "claim"), None, key)

    def retry_callback(self, call_id: str, starts: datetime, note: str, *, minutes: int = 30, key: str | None = None) -> Json:
        """Nobody answered: it is tried again then. `starts` knows its time zone."""
        return self._post(_in("callbacks", call_id, "retry"), {"starts": starts.isoformat(), "minutes": minutes, "note": note}, key)

    def finish_callback(self, call_id: str, result: str, note: str, *, close: bool = False, key: str | None = None) -> Json:
        """`result`: done, unreached or wrong."""
        return self._post(_in("callbacks", call_id, "finish"), {"result": result, "note": note, "close": close}, key)

    def claim(self, conversation_id: str, *, key: str | None = None) -> Json:
        return self._post(_at(conversation_id, "claim"), None, key)

    def release(self, conversation_id: str, *, key: str | None = None) -> Json:
        return self._post(_at(conversation_id, "release"), None, key)

    def give_back(self, conversation_id: str, *, key: str | None = None) -> Json:
        """The bot goes on with it."""
        return self._post(_at(conversation_id, "give-back"), None, key)

    def assign(self, conversation_id: str, *, agent_id: str | None = None, team_id: str | None = None, note: str = "", key: str | None = None) -> Json:
        """To a person or to a team."""
        return self._post(_at(conversation_id, "assign"), {"agent_id": agent_id, "team_id": team_id, "note": note}, key)

    def reply(self, conversation_id: str, text: str, *, key: str | None = None) -> int:
        """Say something to the customer; gives the event's number."""
        return int(self._post(_at(conversation_id, "messages"), {"text": text}, key)["number"])

    def note(self, conversation_id: str, text: str, *, key: str | None = None) -> int:
        """For colleagues only; gives the event's number."""
        return int(self._post(_at(conversation_id, "notes"), {"text": text}, key)["number"])

    def tag(self, conversation_id: str, tag: str, *, key: str | None = None) -> list[str]:
        """Gives all tags."""
        return list(self._post(_at(conversation_id, "tags"), {"tag": tag}, key)["tags"])

    def untag(self, conversation_id: str, tag: str) -> list[str]:
        """Gives the tags that are left."""
        return list(self._ask("DELETE", _at(conversation_id, "tags", tag)).json()["tags"])

    def name_product(self, conversation_id: str, product: str) -> Json:
        """What it is about; an empty name says that it is about none. Gives the conversation."""
        return dict(self._ask("PUT", _at(conversation_id, "product"), json={"product": product}).json())

    def close(self, conversation_id: str, *, outcome: str = "solved", key: str | None = None) -> Json:
        return self._post(_at(conversation_id, "close"), {"outcome": outcome}, key)

    def people(self) -> list[Json]:
        return list(self._ask("GET", "/people").json())

    def teams(self) -> list[Json]:
        return list(self._ask("GET", "/teams").json())

    def entries(self, **wanted: str | int) -> Iterator[Json]:
        """All entries, by id; `topic` chooses."""
        return self._pages("/entries", wanted)

    def entry(self, entry_id: str) -> Json:
        return self._get(_in("entries", entry_id))

    def create_entry(self, question: str, answer: str, *, key: str | None = None, **more: Any) -> Json:
        """A draft."""
        return self._post("/entries", {"question": question, "answer": answer} | more, key)

    def write_entry(self, entry_id: str, revision: int, question: str, answer: str, **more: Any) -> Json:
        """The words as a draft; `revision` is the one that the writing began from."""
        written = {"revision": revision, "question": question, "answer": answer} | more
        return dict(self._ask("PUT", _in("entries", entry_id), json=written).json())

    def publish_entry(self, entry_id: str, revision: int, *, key: str | None = None) -> Json:
        return self._post(_in("entries", entry_id, "publish"), {"revision": revision}, key)

    def archive_entry(self, entry_id: str, *, key: str | None = None) -> Json:
        return self._post(_in("entries", entry_id, "archive"), None, key)

    def figures(self, days: int = 7) -> Json:
        return self._get("/figures", days=days)

    def webhooks(self) -> list[Json]:
        return list(self._ask("GET", "/webhooks").json())

    def make_webhook(self, name: str, url: str, *, events: list[str] | None = None, with_words: bool = False, key: str | None = None) -> Json:
        """The answer holds the secret, this once."""
        return self._post("/webhooks", {"name": name, "url": url, "events": events or [], "with_words": with_words}, key)

    def remove_webhook(self, endpoint_id: str) -> None:
        self._ask("DELETE", _in("webhooks", endpoint_id))

    def deliveries(self, endpoint_id: str) -> list[Json]:
        return list(self._ask("GET", _in("webhooks", endpoint_id, "deliveries")).json())

    def replay(self, endpoint_id: str, deliveries: list[str] | None = None, *, key: str | None = None) -> int:
        """Send again what did not arrive; gives how many."""
        return int(self._post(_in("webhooks", endpoint_id, "replay"), {"deliveries": deliveries}, key)["count"])

    def messenger_deliveries(self) -> list[Json]:
        """What messengers were sent; first what was given up."""
        return list(self._ask("GET", "/messengers/deliveries").json())

    def replay_to_messengers(self, deliveries: list[str] | None = None, *, key: str | None = None) -> int:
        """Send again what was given up; gives how many."""
        return int(self._post("/messengers/replay", {"deliveries": deliveries}, key)["count"])

    def _pages(self, path: str, wanted: dict[str, str | int]) -> Iterator[Json]:
        cursor: str | None = None
        while True:
            page = self._get(path, **wanted, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def _get(self, path: str, **params: str | int) -> Json:
        return dict(self._ask("GET", path, params=params).json())

    def _post(self, path: str, body: Json | None, key: str | None) -> Json:
        answer = self._ask("POST", path, json=body, headers={"Idempotency-Key": key or secrets.token_urlsafe(16)})
        return dict(answer.json())

    def _ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        pause = FIRST_PAUSE_SECONDS
        for left in reversed(range(TRIES)):
            try:
                answer = self._client.request(method, self._base + path, headers=self._headers | (headers or {}), **more)
            except httpx.TransportError:
                if not left:
                    raise
            else:
                if answer.is_success:
                    return answer
                if not left or not _may_pass(answer):
                    raise _as_error(answer)
                pause = max(pause, float(answer.headers.get("Retry-After", 0)))
            self._pause(pause)
            pause *= 2
        raise AssertionError("unreachable: the last try returns or raises")


def _may_pass(answer: httpx.Response) -> bool:
    return answer.status_code in LATER or (answer.status_code == 409 and _as_error(answer).code == "under_way")


def _as_error(answer: httpx.Response) -> ApiError:
    try:
        told = answer.json()
        return ApiError(answer.status_code, str(told["code"]), str(told["detail"]))
    except (ValueError, LookupError, TypeError):
        return ApiError(answer.status_code, "error", answer.reason_phrase)


def _at(conversation_id: str, *parts: str) -> str:
    return _in("conversations", conversation_id, *parts)


def _in(*parts: str) -> str:
    return "".join("/" + quote(part, safe="") for part in parts)
