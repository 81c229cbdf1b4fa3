"""What can be measured of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bench.running import Running
from bot.understanding import FaqEntry


@dataclass(frozen=True)
class Answer:
    """`seconds` from sending the question until the answer is there; `entry_id` is what it was answered from, `offered` what else was shown."""

    seconds: float
    entry_id: str | None
    offered: tuple[str, ...] = ()


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
