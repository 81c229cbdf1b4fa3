"""Reads the box for as long as the service runs: one process of all, in a thread of its own, woken by the server where it can (IDLE).

A letter is marked as seen only after it was committed. Killed between, it is found unseen at the next start, known, and marked then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import timedelta
from threading import Event, Thread

from handoff.conversations import boxes
from handoff.conversations.arriving import Arrivals
from handoff.conversations.mail_tables import MailBoxRow
from handoff.database import Database, new_id, now
from handoff.email.box import Box, BoxError, BrokenLetter, OpenBox
from handoff.email.reading import read
from handoff.own_letters import OwnLetters

log = logging.getLogger(__name__)

WAIT_SECONDS = 25.0  # for something to come, before the claim is renewed
NOT_OURS_SECONDS = 30.0  # until a process that does not read looks whether it should
LONGEST_BACK_OFF = 300.0
BEGINNING = 400_000  # bytes of a letter that is too large: enough for its words
BACK = timedelta(days=3)  # that are looked through again when the box has numbered its letters anew


class Collector:
    """`ours` are the addresses that we write from and read; `most` the bytes of a letter that is read whole; `changed` wakes who looks at a conversation."""

    def __init__(self, database: Database, box: Box, arrivals: Arrivals, *, ours: Collection[str], most: int, changed: Callable[[str], None]) -> None:
        self._database, self._box, self._arrivals = database, box, arrivals
        self._own = OwnLetters(database.vault)
        self._ours = frozenset(one.casefold() for one in ours)
        self._most, self._changed = most, changed
        self._id = new_id()
        self._closing = Event()

    async def run(self) -> None:
        """Until cancelled."""
        thread = Thread(target=self._for_ever, name="mail box", daemon=True)
        thread.start()
        try:
            await asyncio.Event().wait()
        finally:
            self._closing.set()
            await asyncio.to_thread(thread.join, 5)

    def _for_ever(self) -> None:
        pause = 5.0
        while not self._closing.is_set():
            try:
                if boxes.claim(self._database, self._box.id, self._id) is None:
                    self._closing.wait(NOT_OURS_SECONDS)
                    continue
                with self._box.open() as opened:
                    self._stay(opened)
                pause = 5.0
            except BoxError as error:
                self._note_problem(str(error))
            except Exception:
                log.exception("the mail box was not read")
                self._note_problem("error")
            if not self._closing.is_set():
                self._closing.wait(pause)
                pause = min(pause * 2, LONGEST_BACK_OFF)
        boxes.release(self._database, self._box.id, self._id)

    def _stay(self, opened: OpenBox) -> None:
        """Look, and look again whenever something has come, while nobody else reads."""
        first = True
        while not self._closing.is_set():
            if self.look(opened, first=first) is None:
                return
            first = False
            opened.wait(WAIT_SECONDS, self._closing)

    def look(self, opened: OpenBox, *, first: bool = True) -> int | None:
        """Take what is new, and with `first` what is unseen; gives how many letters were looked at, or None where another process reads this box.
        Raises `BoxError` and whatever the database does."""
        row = boxes.claim(self._database, self._box.id, self._id)
        if row is None:
            return None
        validity, following = opened.standing()
        numbers = _due(opened, row, validity, first=first)
        for number in numbers:
            if self._closing.is_set() or boxes.claim(self._database, self._box.id, self._id) is None:
                return None
            self._take(opened, number)
        boxes.note_read(self._database, self._box.id, validity=validity, upto=max([following - 1, *numbers]))
        return len(numbers)

    def _take(self, opened: OpenBox, number: int) -> None:
        try:
            raw, size = opened.fetch(number, most=BEGINNING)
            if BEGINNING < size <= self._most:
                raw, size = opened.fetch(number, most=self._most)
        except BrokenLetter:
            log.warning("the mail server does not give out letter %d; it stays unread in the box", number)
            return
        letter = read(raw, ours=self._ours, is_own=self._own.knows, cut=size > len(raw))
        taken = self._arrivals.take(letter, box=self._box.id, number=number)
        if taken.conversation_id is not None:
            self._changed(taken.conversation_id)
        if taken.done:
            opened.is_done(number)

    def _note_problem(self, problem: str) -> None:
        log.warning("the mail box can't be read (%s); trying again", problem)
        try:
            boxes.note_problem(self._database, self._box.id, problem)
        except Exception:
            log.exception("nor could that be written down")


def _due(opened: OpenBox, row: MailBoxRow, validity: int, *, first: bool) -> list[int]:
    """The letters to look at. A box that is new to us: what nobody has opened. One that has numbered its letters anew: also those of the last days, of
    which we know by their Message-IDs which were taken."""
    if row.validity is None:
        return opened.unseen()
    if row.validity != validity:
        day = ((row.read_at or now()) - BACK).date()
        return sorted({*opened.unseen(), *opened.since(day)})
    new = opened.after(row.last)
    return sorted({*new, *opened.unseen()}) if first else new
