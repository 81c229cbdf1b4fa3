"""What time does by itself: brings back what was put off, lets go what absent agents leave
unanswered, gives out what waits for a team, notices what is late, tells of reminders.

Every worker does it; each thing is done once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from handoff.conversations import lost, offers, overdue, reminders, snoozing
from handoff.conversations.signals import DESK, Signals
from handoff.database import Database

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0


async def go_round(database: Database, signals: Signals, more: Callable[[], Iterable[str]] = tuple) -> None:
    """Look for what is due, for ever. What was due while nobody looked is done at the start; `more` does what else there is and gives the
    conversations it touched. Cancel to stop."""
    while True:
        try:
            await asyncio.to_thread(once, database, signals, more)
        except Exception:  # a database that is away for a moment must not end the rounds
            log.exception("could not look for what is due; trying again")
        await asyncio.sleep(EVERY_SECONDS)


def once(database: Database, signals: Signals, more: Callable[[], Iterable[str]] = tuple) -> None:
    """Do all that is due now, and wake those who see it."""
    for conversation_id in [*snoozing.wake_due(database), *lost.let_go(database), *offers.go_on(database), *overdue.note_due(database), *more()]:
        signals.changed(conversation_id)
    if reminders.ring(database):
        signals.notify(DESK)
