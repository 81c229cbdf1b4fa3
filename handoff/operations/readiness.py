"""Whether this process may be given customers: each thing that it needs, by name, without a word of what is wrong with it to strangers.

A bot that is slow or failing is no reason to be taken away: people can still be reached, and the customer is told so. That is a figure and an alert. Nor is a
delivery that waits for its receiver: what is `HARMLESS` is told and takes no process away.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache

from sqlalchemy import exists, select, text

from bot.understanding import Understanding
from handoff import keys
from handoff.database import Database, now
from handoff.entries.store import EntryStore
from handoff.migrate import known_revisions
from handoff.outbox import OutboxRow
from handoff.settings import Settings

KEPT_SECONDS = 1  # however often it is asked, the database is once a second
HARMLESS = frozenset({"outbox"})
LATE_AFTER = timedelta(hours=1)  # as the alert has it: a delivery that has waited so long waits for somebody to look
LEAST_FREE = 200_000_000  # bytes; less, and the next backup or the write-ahead log may fill the disk
WAKING_SECONDS = 60
PATIENCE_SECONDS = 900  # ten thousand new entries are read in minutes, and answered from meanwhile
log = logging.getLogger(__name__)


class Readiness:
    """`look` gives every need by name and whether it is met."""

    def __init__(self, settings: Settings, database: Database, entries: EntryStore, bot: Understanding, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._database, self._entries, self._bot = settings, database, entries, bot
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, dict[str, bool]] | None = None
        self._behind_since: float | None = None
        self._awake_at: float | None = None

    def look(self) -> Mapping[str, bool]:
        """In a worker thread: it asks the database and the disk. Raises nothing."""
        with self._lock:
            if self._kept is None or self._clock() - self._kept[0] >= KEPT_SECONDS:
                self._kept = self._clock(), {name: self._holds(name, need) for name, need in self._needs().items()}
            return self._kept[1]

    def _needs(self) -> dict[str, Callable[[], bool]]:
        return {
            "database": self._database_answers,
            "migrations": self._is_migrated,
            "key": self._key_opens,
            "bot": self._bot_is_there,
            "entries": self._follows,
            "disk": self._has_room,
            "outbox": self._delivers,
        }

    def _holds(self, name: str, need: Callable[[], bool]) -> bool:
        try:
            return need()
        except Exception as error:  # a need that can't even be looked at is not met
            log.warning("not ready: %s (%s)", name, type(error).__name__)
            return False

    def _database_answers(self) -> bool:
        with self._database.read() as session:
            return bool(session.scalar(text("SELECT 1")) == 1)

    def _is_migrated(self) -> bool:
        """A database that is ahead of us is fine: while a new version is rolled out, both serve."""
        with self._database.read() as session:
            at = str(session.scalar(text("SELECT version_num FROM alembic_version")))
        known = _known()
        return at == known[0] or at not in known

    def _key_opens(self) -> bool:
        return keys.fits(self._database)

    def _bot_is_there(self) -> bool:
        """One that has died is woken anew in seconds. To be taken away for that would end every chat with people here, too."""
        if self._bot.awake:
            self._awake_at = self._clock()
        return self._awake_at is not None and self._clock() - self._awake_at < WAKING_SECONDS

    def _follows(self) -> bool:
        if self._bot.revision >= self._entries.revision():
            self._behind_since = None
            return True
        if self._behind_since is None:
            self._behind_since = self._clock()
        return self._bot.revision >= 0 and self._clock() - self._behind_since < PATIENCE_SECONDS

    def _has_room(self) -> bool:
        return shutil.disk_usage(self._settings.data_dir).free >= LEAST_FREE

    def _delivers(self) -> bool:
        late = exists().where(OutboxRow.delivered_at.is_(None), OutboxRow.dead_at.is_(None), OutboxRow.made_at < now() - LATE_AFTER)
        with self._database.read() as session:
            return not session.scalar(select(late))


@cache
def _known() -> tuple[str, ...]:
    return known_revisions()
