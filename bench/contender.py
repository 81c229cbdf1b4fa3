"""What can be measured of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from bench.running import Running
from bot.understanding import FaqEntry

ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """`seconds` from sending the question until the answer is there; `entry_id` is what it was answered from, `offered` what else was shown."""

    seconds: float
    entry_id: str | None
    offered: tuple[str, ...] = ()


def asking(address: str, **more: Any) -> aiohttp.ClientSession:
    """How customers of both ask: the lightest client there is, since who asks takes the processor from who answers. Raises for what is refused."""
    return aiohttp.ClientSession(address, timeout=aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_SECONDS), raise_for_status=True, **more)


class Customer(Protocol):
    """One conversation."""

    async def asks(self, text: str) -> Answer: ...

    async def leaves(self) -> None: ...


class Contender(Protocol):
    """One of the two. Methods raise `bench.running.NotMeasured`."""

    name: str

    def train(self) -> float:
        """Processor seconds from the data to what is served: what else the machine does makes no difference to them."""
        ...

    def start(self, question: str) -> float:
        """Seconds from starting the programs to the first answer."""
        ...

    async def customer(self) -> Customer: ...

    def change(self, entry: FaqEntry, question: str) -> float:
        """Put a new entry in; seconds until the question is answered from it."""
        ...

    @property
    def programs(self) -> tuple[Running, ...]: ...

    def stop(self) -> None: ...
