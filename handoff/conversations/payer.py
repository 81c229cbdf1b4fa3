"""Pays the answers that the bot owes: claims the row, asks the bot, commits the turn, wakes the readers.

Runs in the web loop; the bot lives in a thread and a loop of its own. No transaction is open while the bot thinks.
A bounded number of messages waits at once; an answer that takes longer than the limit becomes an offer of a person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from bot.understanding import Incoming, Reply, Turn, Understanding
from handoff.contract import Reason
from handoff.conversations import codes, service, turns
from handoff.conversations.signals import Signals
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import AWAY, Database, is_away, now
from handoff.watch import NobodyWatches, Watch, working_on

log = logging.getLogger(__name__)

SWEEP_SECONDS = 10  # how often debts of dead processes are looked for


class Payer:
    """One per process."""

    def __init__(
        self,
        database: Database,
        bot: Understanding,
        signals: Signals,
        *,
        people_available: Callable[[], bool],
        sorry: Callable[[Incoming], Reply],
        timeout: float,
        at_once: int,
        back_at: Callable[[], str | None] = lambda: None,
        forward_url: str = "",
        after_handoff: Callable[[], None] = lambda: None,
        code_turn: Callable[[turns.Owed], Turn] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._database = database
        self._bot = bot
        self._signals = signals
        self._people_available = people_available
        self._back_at = back_at  # when people come, an ISO moment in their zone
        self._sorry = sorry  # what to say when the bot can't
        self._timeout = timeout
        self._slots = asyncio.Semaphore(at_once)
        self._forward_url = forward_url
        self._after_handoff = after_handoff
        self._code_turn = code_turn  # says what is to be said of a code; None where none can be sent
        self._watch = watch or NobodyWatches()
        self._taken: dict[str, turns.Owed] = {}  # claimed by `take` and not paid yet, by conversation
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def length(self) -> int:
        """Conversations whose answer is being found or waits for it, in this process."""
        return len(self._busy)

    def take(self, session: Session, row: ConversationRow, event: EventRow) -> turns.Owed | None:
        """Owe the message's answer and claim it for this process, in the transaction that keeps it. What it gives goes to `owe`, after the commit."""
        return turns.take(session, row, event, back_at=self._back_at(), sends_codes=self._code_turn is not None)

    def owe(self, conversation_id: str, taken: turns.Owed | None = None) -> None:
        """An answer is owed, and perhaps claimed already: pay it soon. Call it in the web loop, after the commit."""
        if taken is not None:
            self._taken[conversation_id] = taken
        if conversation_id in self._busy:
            self._again.add(conversation_id)  # its payer looks once more before it stops
            return
        self._busy.add(conversation_id)
        task = asyncio.create_task(self._pay_all(conversation_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self) -> None:
        """Pick up what earlier processes left owing, now and every few seconds. Cancel to stop."""
        while True:
            try:
                for conversation_id in await asyncio.to_thread(turns.unpaid, self._database):
                    self.owe(conversation_id)
            except Exception:  # a database that is away for a moment must not end the sweeping
                log.exception("could not look for unpaid answers; trying again")
            await asyncio.sleep(SWEEP_SECONDS)

    async def settle(self) -> None:
        """Wait until everything under way is paid."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pay_all(self, conversation_id: str) -> None:
        try:
            with working_on(conversation_id):
                while True:
                    self._again.discard(conversation_id)
                    while await self._pay_one(conversation_id):
                        pass
                    if conversation_id not in self._again:
                        return
        except Exception:
            log.exception("answer to conversation %s is still owed", conversation_id)
        finally:
            self._busy.discard(conversation_id)

    async def _pay_one(self, conversation_id: str) -> bool:
        """True when there may be more to pay."""
        owed = self._taken.pop(conversation_id, None)
        if owed is None:
            with self._watch.stage("claim"):
                owed = await asyncio.to_thread(self._claim, conversation_id)
        if owed is None:
            return False
        self._watch.took("wait", (now() - owed.since).total_seconds())
        with self._watch.stage("answer"):
            turn, failed, more = await self._answer(owed)
        self._watch.took("whole", (now() - owed.since).total_seconds())
        self._watch.decided(_did(turn, failed=failed))
        if turn.handoff is not None:
            self._after_handoff()
        return more

    async def _answer(self, owed: turns.Owed) -> tuple[Turn, bool, bool]:
        """Find the turn and commit it; gives what was committed, whether it is an apology, and whether more is owed."""
        turn, failed = await self._turn(owed)
        try:
            more = await self._commit(owed, turn, failed=failed)
        except (ValueError, StatementError) as error:  # what the bot gave can't be kept; asking again would give the same
            if failed or is_away(error):
                raise
            log.exception("the bot's turn in conversation %s can't be kept", owed.conversation_id)
            turn, failed = await asyncio.to_thread(self._apology, owed), True
            more = await self._commit(owed, turn, failed=True)
        return turn, failed, more

    def _claim(self, conversation_id: str) -> turns.Owed | None:
        sends_codes, available = self._code_turn is not None, self._people_available()
        return turns.claim(self._database, conversation_id, people_available=available, back_at=self._back_at(), sends_codes=sends_codes)

    async def _commit(self, owed: turns.Owed, turn: Turn, *, failed: bool) -> bool:
        """Also wakes the readers, at once: the loop may be busy. True when more is owed."""

        def pay() -> bool:
            turns.pay(self._database, owed, turn, failed=failed, forward_url=self._forward_url)
            self._signals.changed(owed.conversation_id)
            with suppress(*AWAY):
                return turns.owes(self._database, owed.conversation_id)
            return True  # whoever looks next will see

        with self._watch.stage("commit"):
            return await asyncio.to_thread(pay)

    async def _turn(self, owed: turns.Owed) -> tuple[Turn, bool]:
        """The bot's turn, or a kind sentence and a way to a person when it fails or takes too long."""
        try:
            if self._code_turn and (owed.incoming.payload or "").startswith((codes.SEND_CODE, codes.CODE_OVER)):
                return await asyncio.to_thread(self._code_turn, owed), False
            async with asyncio.timeout(self._timeout), self._slot():
                return await self._bot.reply(owed.history, owed.incoming), False
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(turns.release, self._database, owed.message_id))
            raise
        except Exception as error:  # whatever it was, the customer must not be left without a word
            self._watch.failed("slow" if isinstance(error, TimeoutError) else "error")
            log.error("bot failed in conversation %s: %s", owed.conversation_id, type(error).__name__)
            return await asyncio.to_thread(self._apology, owed), True

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """One of the places at the bot: waiting for it is part of the customer's time."""
        with self._watch.stage("slot"):
            await self._slots.acquire()
        try:
            with self._watch.stage("bot"):
                yield
        finally:
            self._slots.release()

    def _apology(self, owed: turns.Owed) -> Turn:
        incoming = owed.incoming
        reply = self._sorry(replace(incoming, language=owed.language))
        if incoming.payload != service.ASK_HUMAN or not incoming.people_available:
            return Turn(replies=(reply,), tracker_events=())
        return Turn(replies=(reply,), tracker_events=(), handoff=turns.bare_handoff(self._database, owed, Reason.ASKED))


def _did(turn: Turn, *, failed: bool) -> str:
    """What became of a message, in one word of a few."""
    if failed:
        return "failed"
    return turn.reading.action if turn.reading else "other"
