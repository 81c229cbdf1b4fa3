"""Carries letters from the outbox to the mail server: notices as they were written, answers put together when they go.

Killed between any two steps, it does the rest when it comes by again: what a letter carries is kept before it is sent, and the same letter has the same
Message-ID, so that a mail program shows it once.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime

from handoff import mail
from handoff.conversations import parcels
from handoff.conversations.links import Links
from handoff.conversations.parcels import Parcel
from handoff.conversations.shelf import Shelf
from handoff.database import Database, now
from handoff.errors import Unopenable
from handoff.letters import Letters
from handoff.mail import Enclosed, Mailer
from handoff.outbox import ANSWER, LAST_ATTEMPT, OutboxRow

NO_ADDRESS, REFUSED, GAVE_UP, UNWRITABLE = "no_address", "refused", "gave_up", "unwritable"  # why a letter did not arrive, as the desk says it
log = logging.getLogger(__name__)
_NOBODY_THERE = re.compile(r"SMTP 55[0-3]")


class Postman:
    """`page` is the address of a matter by its token, `changed` wakes those who look at a conversation."""

    def __init__(
        self, database: Database, mailer: Mailer, letters: Letters, shelf: Shelf, links: Links, *, page: Callable[[str], str], changed: Callable[[str], None]
    ) -> None:
        self._database, self._mailer, self._letters, self._shelf, self._links = database, mailer, letters, shelf, links
        self._page, self._changed = page, changed

    def carry(self, row: OutboxRow) -> tuple[str | None, bool]:
        """What went wrong, if anything, and whether no repeat can help."""
        try:
            if row.kind == ANSWER:
                self._answer(row)
            else:
                self._notice(row)
        except mail.MailError as error:
            self._keep_failure(row, error)
            return str(error), error.permanent
        except (ValueError, Unopenable) as error:  # a file was changed on the disk, an address is none: the next try would end the same
            log.exception("a letter could not be written")
            self._keep_failure(row, mail.MailError(UNWRITABLE, permanent=True))
            return type(error).__name__, True
        return None, False

    def _answer(self, row: OutboxRow) -> None:
        debt = (row.payload["conversation_id"], row.payload["number"])
        parcel = parcels.pack(self._database, row.id, *debt, domain=self._mailer.domain, made=self._links)
        if parcel is None:
            return
        by_bot = all(one.by_bot for one in parcel.said)
        letter = self._letters.answer(parcel, url=self._page(parcel.token))
        self._mailer.send(letter.as_payload(), key=row.id, thread=parcel.thread, files=self._files(parcel), author="bot" if by_bot else "person")
        parcels.sent(self._database, row.id)

    def _notice(self, row: OutboxRow) -> None:
        if (until := row.payload.get("until")) and datetime.fromisoformat(until) < now():
            raise mail.MailError("too late to be of use", permanent=True)
        conversation_id = row.payload.get("conversation_id")
        thread = parcels.begin(self._database, row.id, conversation_id, domain=self._mailer.domain) if conversation_id else None
        self._mailer.send(row.payload, key=row.id, thread=thread)
        parcels.sent(self._database, row.id)

    def _keep_failure(self, row: OutboxRow, error: mail.MailError) -> None:
        """The agent hears of it when no repeat helps, and when there will be none."""
        if not error.permanent and row.attempts < LAST_ATTEMPT:
            return
        why = UNWRITABLE if str(error) == UNWRITABLE else NO_ADDRESS if _NOBODY_THERE.match(str(error)) else REFUSED if error.permanent else GAVE_UP
        conversation_id = parcels.fail(self._database, row.id, why)
        if conversation_id:
            self._changed(conversation_id)

    def _files(self, parcel: Parcel) -> list[Enclosed]:
        """Those that are still there: what is kept for a shorter time may be gone."""
        named = [file for one in parcel.said for file in one.files]
        return [Enclosed(name, media, b"".join(self._shelf.read(file_id))) for file_id, name, media in named if self._shelf.size(file_id) is not None]
