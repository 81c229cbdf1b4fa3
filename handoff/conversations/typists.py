"""Who is typing where: a sign that lasts seconds, never stored, never in the log, without a word of what is typed.

A dictionary in each process. With many of them each sign is told to the others too (`abroad`, over `handoff.conversations.relay`). A lost
sign is no loss: who looks forgets it after a while as well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

LASTS_SECONDS = 6  # without another sign
QUIET_SECONDS = 0.3  # a sign renewed sooner, or overtaken by its own message, is no news
MOST_KEPT = 10_000  # conversations; past this, those where nobody types any more are forgotten

EVENT = "event"  # news that stand in the numbered log
Told = Sequence[tuple[int | None, str, Any]]


@dataclass(frozen=True)
class Typist:
    """Somebody who types. `agent_id` is None for the customer."""

    agent_id: str | None = None
    name: str = ""


CUSTOMER = Typist()


@dataclass(frozen=True)
class Sign:
    """`since` is when it was last renewed, in the clock's seconds: a renewed sign is news."""

    typist: Typist
    since: float


class Typists:
    """Signs of typing by conversation; any thread may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._began: dict[str, dict[Typist, float]] = {}
        self._ended: dict[str, dict[Typist, float]] = {}
        self.abroad: Callable[[Any], None] = lambda _sign: None  # tells other processes, where there are some

    def began(self, conversation_id: str, typist: Typist) -> bool:
        """Begin or renew a sign. True when that is news to those who look."""
        news = self._begin(conversation_id, typist)
        if news:
            self.abroad((conversation_id, typist.agent_id, typist.name, True))
        return news

    def ended(self, conversation_id: str, typist: Typist) -> None:
        """The message is there: nobody waits for it any more."""
        if self._end(conversation_id, typist):
            self.abroad((conversation_id, typist.agent_id, typist.name, False))

    def told(self, signs: list[Any]) -> None:
        """What other processes' `abroad` has told, in its order. Raises `ValueError` or `TypeError` for what is none."""
        for conversation_id, agent_id, name, begins in signs:
            (self._begin if begins else self._end)(conversation_id, Typist(agent_id, name))

    def signs(self, conversation_id: str) -> tuple[Sign, ...]:
        """Those of the last `LASTS_SECONDS`."""
        oldest = self._clock() - LASTS_SECONDS
        with self._lock:
            return tuple(Sign(typist, since) for typist, since in self._began.get(conversation_id, {}).items() if since > oldest)

    def _begin(self, conversation_id: str, typist: Typist) -> bool:
        moment = self._clock()
        with self._lock:
            told = [when[typist] for kept in (self._began, self._ended) if typist in (when := kept.get(conversation_id, {}))]
            if any(moment - when < QUIET_SECONDS for when in told):
                return False
            self._began.setdefault(conversation_id, {})[typist] = moment
            if len(self._began) + len(self._ended) > MOST_KEPT:
                self._began = _fresh(self._began, moment - LASTS_SECONDS)
                self._ended = _fresh(self._ended, moment - QUIET_SECONDS)
            return True

    def _end(self, conversation_id: str, typist: Typist) -> bool:
        """True when there was a sign."""
        with self._lock:
            ended = self._began.get(conversation_id, {}).pop(typist, None) is not None
            if ended:
                self._ended.setdefault(conversation_id, {})[typist] = self._clock()
            return ended


def telling(
    read: Callable[[int], Told], typists: Typists, conversation_id: str, *, whose: Callable[[Typist], bool], view: Callable[[Sequence[Typist]], Any]
) -> Callable[[int], Told]:
    """A reader for `handoff.web.stream` that tells, after all else, who types, whenever that has changed or was renewed.

    `whose` picks the signs that this reader gets; `view` makes of them what its page is told. The news has no number: who
    comes back later must not be told again.
    """
    told: tuple[Sign, ...] = ()

    def read_all(last: int) -> Told:
        nonlocal told
        news = list(read(last))
        signs = tuple(sign for sign in typists.signs(conversation_id) if whose(sign.typist))
        if signs != told:
            told = signs
            news.append((None, "typing", view([sign.typist for sign in signs])))
        return news

    return read_all


def _fresh(kept: dict[str, dict[Typist, float]], oldest: float) -> dict[str, dict[Typist, float]]:
    return {key: signs for key, signs in kept.items() if any(moment > oldest for moment in signs.values())}
