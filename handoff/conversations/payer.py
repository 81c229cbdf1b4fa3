"""Pays the answers that the bot owes: claims the row, asks the bot, commits the turn, wakes the readers.

Runs in the web loop; the bot lives in a thread and a loop of its own. No transaction is open while the bot thinks.
A bounded number of messages waits at once; an answer that takes longer than the limit becomes an offer of a person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.exc import OperationalError, StatementError

from bot.understanding import Incoming, Reply, Turn, Understanding
from handoff.contract import Reason
from handoff.conversations import codes, service, turns
from handoff.conversations.signals import Signals
from handoff.database import Database

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
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def owe(self, conversation_id: str) -> None:
        """An answer is owed: pay it soon. Call it in the web loop, after the commit."""
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
        available = await asyncio.to_thread(self._people_available)
        owed = await asyncio.to_thread(lambda: self._claim(conversation_id, available=available))
        if owed is None:
            return False
        turn, failed = await self._turn(owed)
        try:
            await self._commit(owed, turn, failed=failed)
        except (ValueError, StatementError) as error:  # what the bot gave can't be kept; asking again would give the same
            if failed or isinstance(error, OperationalError):
                raise
            log.exception("the bot's turn in conversation %s can't be kept", conversation_id)
            turn = await asyncio.to_thread(self._apology, owed)
            await self._commit(owed, turn, failed=True)
        self._signals.changed(conversation_id)
        if turn.handoff is not None:
            self._after_handoff()
        return True

    def _claim(self, conversation_id: str, *, available: bool) -> turns.Owed | None:
        sends_codes = self._code_turn is not None
        return turns.claim(self._database, conversation_id, people_available=available, back_at=self._back_at(), sends_codes=sends_codes)

    async def _commit(self, owed: turns.Owed, turn: Turn, *, failed: bool) -> None:
        await asyncio.to_thread(lambda: turns.pay(self._database, owed, turn, failed=failed, forward_url=self._forward_url))

    async def _turn(self, owed: turns.Owed) -> tuple[Turn, bool]:
        """The bot's turn, or a kind sentence and a way to a person when it fails or takes too long."""
        try:
            if self._code_turn and (owed.incoming.payload or "").startswith((codes.SEND_CODE, codes.CODE_OVER)):
                return await asyncio.to_thread(self._code_turn, owed), False
            async with asyncio.timeout(self._timeout), self._slots:
                return await self._bot.reply(owed.history, owed.incoming), False
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(turns.release, self._database, owed.message_id))
            raise
        except Exception as error:  # whatever it was, the customer must not be left without a word
            log.error("bot failed in conversation %s: %s", owed.conversation_id, type(error).__name__)
            return await asyncio.to_thread(self._apology, owed), True

    def _apology(self, owed: turns.Owed) -> Turn:
        incoming = owed.incoming
        reply = self._sorry(replace(incoming, language=owed.language))
        if incoming.payload != service.ASK_HUMAN or not incoming.people_available:
            return Turn(replies=(reply,), tracker_events=())
        return Turn(replies=(reply,), tracker_events=(), handoff=turns.bare_handoff(self._database, owed, Reason.ASKED))
