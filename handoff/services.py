"""What the rooms are given: built once in `handoff.app`, passed down, never global."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.understanding import Understanding
from handoff import schedule
from handoff.bucket import Buckets
from handoff.conversations.attachments import Attachments
from handoff.conversations.links import Links
from handoff.conversations.payer import Payer
from handoff.conversations.signals import ENTRIES, Signals
from handoff.conversations.typists import Typists
from handoff.database import Database
from handoff.entries.follow import follow_entries
from handoff.entries.store import EntryStore
from handoff.letters import Letters
from handoff.notices import Notices
from handoff.outbox import Outbox
from handoff.settings import Settings
from handoff.stages import Stages


@dataclass(frozen=True)
class Services:
    """The house's inner doors."""

    settings: Settings
    database: Database
    signals: Signals
    typists: Typists
    bot: Understanding
    payer: Payer
    outbox: Outbox
    entries: EntryStore
    attachments: Attachments
    letters: Letters
    stages: Stages
    links: Links
    notices: Notices
    products: tuple[str, ...]  # the house's own list, for agents to choose from
    figures: Callable[[int], Mapping[str, Any]]  # of the last so many days, for other programs
    buckets: Buckets = field(default_factory=Buckets)  # that every process of the house counts together

    async def follow(self) -> None:
        """Entries have changed: other processes are told, and when this returns our bot answers from them."""
        self.signals.notify_others(ENTRIES)
        await follow_entries(self.entries, self.bot)

    @property
    def people_available(self) -> Callable[[], bool]:
        return partial(schedule.people_available, self.database)
