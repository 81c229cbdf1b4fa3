"""Keeps the line honest: promises a time to everyone who waits, says so when it takes longer, notices who has gone. One per process.

It looks whenever something changes and every few seconds. What it writes is guarded, so that of several processes one says a thing once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from bot.understanding import Language, Reply
from handoff.conversations import estimate, waiting
from handoff.conversations.estimate import Situation, Wait
from handoff.conversations.handoffs import NOBODY
from handoff.conversations.signals import DESK, Signals, conversation_topic
from handoff.conversations.tables import PromiseRow
from handoff.conversations.waiting import MOST_APOLOGIES, InLine
from handoff.conversations.workload import free_agents
from handoff.database import Database, now

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
CHAT = "web"  # only a page gives signs that somebody is there
BREATH_SECONDS = 0.2  # changes that come together are looked at together
ALONE_AFTER = timedelta(seconds=60)  # an agent who reloads the desk has not left


class Words(Protocol):
    """What is said to a customer who waits, in their language."""

    def late(self, language: Language, left: timedelta | None, *, last: bool) -> Reply: ...

    def alone(self, language: Language) -> Reply: ...


@dataclass(frozen=True)
class Look:
    """The line at one moment, in UTC: it is reckoned with, and a zone's own time goes back an hour in autumn."""

    at: datetime
    zone: ZoneInfo
    agents: int
    held: int
    waits: Callable[[], Sequence[Wait]]

    def situation(self, ahead: int) -> Situation:
        return Situation(self.at.astimezone(self.zone), ahead, self.agents, self.held)


class Keeper:
    """Looks after the line. `look` is one look, in a worker thread; `run` looks for ever."""

    def __init__(self, database: Database, signals: Signals, words: Words, *, zone: ZoneInfo, gone_after: timedelta) -> None:
        self._database = database
        self._signals = signals
        self._words = words
        self._zone = zone
        self._gone_after = gone_after
        self._alone_since: datetime | None = None
        self._shown: dict[str, tuple[object, ...]] = {}  # what people see of each who waits

    async def run(self) -> None:
        """Look at every change and every few seconds. Cancel to stop."""
        async with self._signals.listen(DESK) as woken:
            while True:
                woken.clear()
                try:
                    await asyncio.to_thread(self.look)
                except Exception:  # a database that is away for a moment must not end the looking
                    log.exception("could not look at the line; trying again")
                try:
                    async with asyncio.timeout(LOOK_SECONDS):  # not wait_for: in Python 3.11 it forgets a cancellation that comes together with a change
                        await woken.wait()
                    await asyncio.sleep(BREATH_SECONDS)
                except TimeoutError:
                    continue

    def look(self, moment: datetime | None = None) -> None:
        """See to everyone in the line once, and wake the pages on which something has changed."""
        at = (moment or now()).astimezone(UTC)
        waiting.settle_strays(self._database)
        line = waiting.line(self._database)
        if not line:
            self._alone_since, self._shown = None, {}
            return
        agents = free_agents(self._database, at)
        self._alone_since = None if agents else self._alone_since or at
        known: list[Sequence[Wait]] = []

        def waits() -> Sequence[Wait]:
            if not known:
                known.append(waiting.experience(self._database, self._zone))
            return known[0]

        look = Look(at, self._zone, agents, waiting.held(self._database), waits)
        changed = {one.row.id for one in line if self._see_to(one, look)}
        self._wake(waiting.line(self._database) if changed else line, changed, look)

    def _see_to(self, one: InLine, look: Look) -> bool:
        """True when something was written that people see."""
        row, promise = one.row, one.promise
        if row.secret_hash == NOBODY:  # handed over by another bot: nobody of ours to tell
            return False
        if row.channel == CHAT and row.left_at is None and row.customer_at is not None and look.at - row.customer_at > self._gone_after:
            return waiting.mark_left(self._database, row.id, silent_since=look.at - self._gone_after)
        if not look.agents:
            return self._nobody_here(one, look)
        if promise is None:
            return waiting.give(self._database, row.id, look.situation(one.ahead), self._promise(one, look))
        if one.is_due(look.at):
            return self._late(one, promise, look)
        return promise.kept is None and one.missed < MOST_APOLOGIES and self._sooner(one, promise, look)

    def _promise(self, one: InLine, look: Look) -> datetime | None:
        return estimate.promise(look.waits(), look.situation(one.ahead)) if look.agents else None

    def _sooner(self, one: InLine, promise: PromiseRow, look: Look) -> bool:
        better = estimate.sooner(look.waits(), look.situation(one.ahead), ahead_then=promise.ahead, promised_until=promise.promised_until)
        return better is not None and waiting.give(self._database, one.row.id, look.situation(one.ahead), better, instead_of=promise.id)

    def _late(self, one: InLine, promise: PromiseRow, look: Look) -> bool:
        """It takes longer: apologise with a new time, at the last apology without one, and ring at the desk again. Who has gone hears nothing."""
        row = one.row
        quiet = row.left_at is not None or one.told_alone or one.missed >= MOST_APOLOGIES
        last = one.missed + 1 >= MOST_APOLOGIES
        until = None if quiet or last else self._promise(one, look)
        words = None if quiet else self._words.late(cast(Language, row.language), until - look.at if until else None, last=last)
        if not waiting.miss(self._database, promise.id, row.id, words):
            return False
        waiting.give(self._database, row.id, look.situation(one.ahead), until, instead_of=promise.id)
        return True

    def _nobody_here(self, one: InLine, look: Look) -> bool:
        """Everyone has gone away: after a while say so, once a wait."""
        row = one.row
        broken = one.promise is not None and one.is_due(look.at) and waiting.miss(self._database, one.promise.id, row.id, None)
        if one.told_alone or row.left_at is not None or self._alone_since is None or look.at - self._alone_since < ALONE_AFTER:
            return broken
        return waiting.leave_alone(self._database, row.id, self._words.alone(cast(Language, row.language))) or broken

    def _wake(self, line: Sequence[InLine], changed: set[str], look: Look) -> None:
        """Wake whoever sees something new: a moved place, a minute less, a word said, somebody gone or back."""
        shown: dict[str, tuple[object, ...]] = {one.row.id: (one.place.left(look.at), one.ahead, one.row.left_at is None, look.agents > 0) for one in line}
        news = changed | {conversation_id for conversation_id, standing in shown.items() if self._shown.get(conversation_id) != standing}
        self._shown = shown
        self._signals.notify(*(conversation_topic(conversation_id) for conversation_id in news), *([DESK] if news else []))
