"""What the database knows of the house, asked anew for each look of Prometheus; the same from every process."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.understanding import Understanding
from handoff.accounts.permissions import Permission, roles_with
from handoff.accounts.service import PRESENT
from handoff.accounts.tables import AgentRow, Availability
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, OwedReplyRow
from handoff.database import Database, now
from handoff.entries.store import EntryStore
from handoff.outbox import OutboxRow

KEPT_SECONDS = 5  # two Prometheus that look at once ask the database once
log = logging.getLogger(__name__)


class House(Collector):
    """Gauges from the database. One that is away is a figure too (`abiline_database_up`), and no failed look."""

    def __init__(self, database: Database, entries: EntryStore, bot: Understanding, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._entries, self._bot, self._folder = database, entries, bot, folder
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, list[Metric]] | None = None

    def describe(self) -> list[Metric]:
        """Nothing to tell before it is asked: the database is not looked at when the house is put together."""
        return []

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if self._kept is None or self._clock() - self._kept[0] >= KEPT_SECONDS:
                self._kept = self._clock(), self._look()
            return iter(self._kept[1])

    def _look(self) -> list[Metric]:
        up = 1.0
        found: list[Metric] = []
        try:
            with self._database.read() as session:
                moment = now()
                found = [*_line(session, moment), *_owed(session, moment), *_outbox(session, moment), _size(session, sqlite=self._database.is_sqlite)]
            found += self._catalogue()
        except Exception:  # whatever it was: Prometheus is told, and the rest of the figures still comes
            log.exception("the database could not be asked for figures")
            up = 0.0
        return [GaugeMetricFamily("abiline_database_up", "1 while the database answers.", value=up), *self._disk(), *found]

    def _disk(self) -> list[Metric]:
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError:
            return []
        return [GaugeMetricFamily("abiline_disk_free_bytes", "Room left on the disk of the data folder.", value=free)]

    def _catalogue(self) -> list[Metric]:
        published, revision = self._entries.published()
        return [
            GaugeMetricFamily("abiline_entries", "Entries that are published now.", value=len(published)),
            GaugeMetricFamily("abiline_entries_revision", "Revision of the published entries.", value=revision),
            GaugeMetricFamily("abiline_entries_followed", "Revision that this process answers from.", value=self._bot.revision),
        ]


def _line(session: Session, moment: datetime) -> list[Metric]:
    states = GaugeMetricFamily("abiline_conversations", "Conversations by state.", labels=["state"])
    counts = dict(iter(session.execute(select(ConversationRow.state, func.count()).group_by(ConversationRow.state)).tuples()))
    for state in State:
        states.add_metric([state.value], counts.get(state.value, 0))
    still_there = select(func.min(ConversationRow.waiting_since)).where(ConversationRow.state == State.WAITING.value, ConversationRow.left_at.is_(None))
    late = select(func.count()).select_from(ConversationRow).where(ConversationRow.overdue_at.is_not(None), ConversationRow.state != State.CLOSED.value)
    longest = _age(session.scalar(still_there), moment)
    here = GaugeMetricFamily("abiline_agents", "People at the desk by what they say of themselves.", labels=["availability"])
    said = select(AgentRow.availability, func.count()).where(AgentRow.active, AgentRow.role.in_(roles_with(Permission.ANSWER)))
    present = dict(iter(session.execute(said.where(AgentRow.seen_at >= moment - PRESENT).group_by(AgentRow.availability)).tuples()))
    for word in Availability:
        here.add_metric([word.value], present.get(word.value, 0))
    return [
        states,
        here,
        GaugeMetricFamily("abiline_waiting_longest_seconds", "How long the customer who waits longest has waited.", value=longest),
        GaugeMetricFamily("abiline_overdue", "Conversations whose answer or solution is late.", value=session.scalar(late) or 0),
    ]


def _owed(session: Session, moment: datetime) -> list[Metric]:
    count, oldest = session.execute(select(func.count(), func.min(OwedReplyRow.owed_since)).where(OwedReplyRow.paid_at.is_(None))).one()
    return [
        GaugeMetricFamily("abiline_owed_replies", "Messages that the bot still owes an answer.", value=count),
        GaugeMetricFamily("abiline_owed_oldest_seconds", "How long the oldest of them has waited.", value=_age(oldest, moment)),
    ]


def _outbox(session: Session, moment: datetime) -> list[Metric]:
    pending = select(func.count(), func.min(OutboxRow.made_at)).where(OutboxRow.delivered_at.is_(None), OutboxRow.dead_at.is_(None))
    count, oldest = session.execute(pending).one()
    dead = session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.dead_at.is_not(None))) or 0
    return [
        GaugeMetricFamily("abiline_outbox_pending", "Letters, webhooks and handoffs that are still to be delivered.", value=count),
        GaugeMetricFamily("abiline_outbox_oldest_seconds", "How long the oldest of them has waited.", value=_age(oldest, moment)),
        GaugeMetricFamily("abiline_outbox_dead", "Deliveries that were given up.", value=dead),
    ]


def _size(session: Session, *, sqlite: bool) -> Metric:
    asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()" if sqlite else "SELECT pg_database_size(current_database())"
    return GaugeMetricFamily("abiline_database_bytes", "Size of the database.", value=session.scalar(text(asked)) or 0)


def _age(since: datetime | None, moment: datetime) -> float:
    return max(0.0, (moment - since).total_seconds()) if since else 0.0
