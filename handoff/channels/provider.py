"""What every messenger can do for us: check a call, read it, draw what is said, send it, and fetch a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx

from handoff.channels.drawing import Pen
from handoff.conversations.hearing import Heard, Press
from handoff.outbox import Sent

MARK = "abiline"


class Outside(Exception):
    """The messenger takes no answers any more: it has been too long since its person wrote."""


@dataclass(frozen=True)
class File:
    """A file of an agent's, to be sent: its bytes are read when it goes."""

    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Call:
    """One request to a messenger: a message, or a part of one."""

    method: str
    body: Mapping[str, Any]
    file: File | None = None


@dataclass(frozen=True)
class Saying:
    """What is to be said, in parts that fit, with the buttons below the last; `by_person` and `heard_at` matter where answers are taken for a day only."""

    parts: Sequence[str]
    buttons: Sequence[Mapping[str, str]] = ()
    files: Sequence[File] = ()
    by_person: bool = False
    heard_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """Whether a messenger works: what it calls us, and what is to be mended."""

    name: str
    called: str = ""
    problem: str = ""


class Provider(Protocol):
    """One messenger. `read` raises `Unreadable` for what is none of its updates."""

    name: str

    def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise `NotLoggedIn` for what it has not sent."""
        ...

    def challenge(self, query: Mapping[str, str], body: bytes) -> str | None:
        """The answer to a handshake; None for what is none."""
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Heard]: ...

    def pen(self) -> Pen: ...

    async def draw(self, address: str, said: Saying) -> Sequence[Call]:
        """The requests that say it. Raises `Outside`."""
        ...

    async def send(self, client: httpx.AsyncClient, call: Call) -> Sent: ...

    def fetch(self, client: httpx.AsyncClient, file: Mapping[str, Any]) -> AbstractAsyncContextManager[AsyncIterator[bytes]]: ...

    async def stand(self, client: httpx.AsyncClient) -> Standing: ...


def payload(conversation_id: str, number: int, button: int) -> str:
    """What a button brings back when it is pressed (at most 64 bytes, as Telegram has it): which one it is, never what it does."""
    return f"{MARK}:{conversation_id}:{number}:{button}"


def press(brought: str) -> Press | None:
    """What was pressed; None where it is no button of ours."""
    parts = brought.split(":")
    if len(parts) != 4 or parts[0] != MARK or not (parts[2].isascii() and parts[2].isdigit() and parts[3].isascii() and parts[3].isdigit()):
        return None
    if len(parts[2]) > 9 or len(parts[3]) > 3:
        return None
    return Press(parts[1], int(parts[2]), int(parts[3]))


def waits(answer: httpx.Response) -> timedelta:
    """How long a messenger that is asked too much wants to be left alone."""
    told = answer.headers.get("retry-after", "")
    return timedelta(seconds=min(int(told), 86_400)) if told.isascii() and told.isdigit() and len(told) < 9 else timedelta(seconds=1)
