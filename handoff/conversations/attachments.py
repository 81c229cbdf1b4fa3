"""Files and pictures that customers and agents send. Each is a message of its own, kept in one transaction with its row.

The bytes are on the `Shelf` before the row is, and leave it after the row has: whoever is killed between leaves bytes that
nobody can ask for, and `sweep` takes those away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.understanding import Reply
from handoff.conversations import agents, saying, service, store
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind
from handoff.conversations.filetypes import TYPES
from handoff.conversations.service import Kept
from handoff.conversations.shelf import Shelf, Stored
from handoff.conversations.states import State, bot_may_answer
from handoff.conversations.tables import AttachmentRow, ConversationRow, EventRow
from handoff.database import Database
from handoff.errors import NotFound, Unreadable
from handoff.settings import Settings

ABOUT_A_FILE = "about_a_file"  # in a bot message's hidden part: it need not be said again for the next file
FIELDS = ("id", "name", "type", "size", "width", "height")


@dataclass(frozen=True)
class Allowed:
    """What may be sent. Sizes in bytes; `count` and `total` are for one side of one conversation."""

    types: frozenset[str]
    size: int
    count: int
    total: int

    @classmethod
    def of(cls, settings: Settings) -> Allowed:
        million = 1_000_000
        types = frozenset(settings.attachment_types)
        return cls(types, settings.attachment_size * million, settings.attachment_count, settings.attachment_total * million)

    @property
    def in_words(self) -> dict[str, str]:
        """Values for the sentence that says what may be sent."""
        told = self.told()
        return {"kinds": told["kinds"], "most": str(self.size // 1_000_000)} if told else {}

    def told(self) -> dict[str, Any] | None:
        """What a page has to know: the endings as a file chooser wants them, the bytes of one file, the kinds for people. None when no files are taken."""
        endings = [kind.ending for name, kind in TYPES.items() if name in self.types]
        kinds = ", ".join(ending.removeprefix(".").upper() for ending in endings)
        return {"accept": ",".join(endings), "most": self.size, "kinds": kinds} if endings else None


@dataclass(frozen=True)
class Answer:
    """What the bot says to a file, and as which response of its own it is to remember it: then a typed „jah“ is understood."""

    reply: Reply
    response: str


class Attachments:
    """Keeps files, gives them out, forgets them."""

    def __init__(self, database: Database, shelf: Shelf, allowed: Allowed) -> None:
        self._database = database
        self.shelf = shelf
        self.allowed = allowed

    def sent_before(self, conversation_id: str, client_id: str) -> int | None:
        """The number of the message that an earlier try left, or None."""
        with self._database.read() as session:
            event = store.sent_before(session, conversation_id, client_id)
            return event.number if event else None

    def check_room(self, conversation_id: str, actor: str) -> None:
        """Raise `Unreadable` when this side has sent as much as may be (code `file_count`), or nothing may be sent (`file_type`)."""
        if not self.allowed.types:
            raise Unreadable("Files are not taken here.", code="file_type", field="file")
        with self._database.read() as session:
            self._check(session, conversation_id, actor, more=1)

    def from_customer(self, conversation_id: str, *, client_id: str, name: str, source: Path, answers: Callable[[State], Answer]) -> Kept:
        """Keep what was received as a message of the customer's; while the bot has the conversation, its answer comes with it.

        The same `client_id` again is the same message. Raises `Unreadable`; the source is gone in any case.
        """

        def keep(session: Session, stored: Stored) -> EventRow | None:
            row = store.customers(session, conversation_id)
            if store.sent_before(session, conversation_id, client_id):
                return None
            self._check(session, row.id, "customer", more=stored.size)
            service.wake(session, row)
            event = _append(session, row, stored, actor="customer", client_id=client_id)
            if bot_may_answer(State(row.state), row.channel):
                _answer(session, row, event, answers(State(row.state)))
            return event

        number, repeated = self._keep(conversation_id, client_id, name, source, keep)
        return Kept(number, owed=False, repeated=repeated)

    def from_agent(self, conversation_id: str, agent: Holder, *, client_id: str, name: str, source: Path) -> int:
        """Keep what was received as a message of the agent who has the conversation; gives its number. Raises as
        `from_customer` does, and as an agent's message does."""

        def keep(session: Session, stored: Stored) -> EventRow | None:
            row = agents.held(session, conversation_id, agent)
            if store.sent_before(session, conversation_id, client_id):
                return None
            self._check(session, row.id, "agent", more=stored.size)
            return _append(session, row, stored, actor="agent", client_id=client_id, agent=agent)

        return self._keep(conversation_id, client_id, name, source, keep)[0]

    def find(self, conversation_id: str, file_id: str) -> AttachmentRow:
        """The row of a file of this conversation. Raises `NotFound`, also for another conversation's, and for one that was taken back."""
        with self._database.read() as session:
            row = session.scalar(select(AttachmentRow).where(AttachmentRow.id == file_id, AttachmentRow.conversation_id == conversation_id))
            message = session.get(EventRow, row.event_id) if row else None
        if row is None or message is None or message.body.get("withdrawn"):
            raise NotFound("There is no such file.")
        return row

    def sweep(self) -> int:
        """Take away bytes that no row names: of uploads that were cut off, and of files erased just before a crash."""
        old = self.shelf.old()
        with self._database.read() as session:
            named = set(session.scalars(select(AttachmentRow.id)))
        return self.shelf.sweep(old - named)

    def _check(self, session: Session, conversation_id: str, actor: str, *, more: int) -> None:
        mine = (AttachmentRow.conversation_id == conversation_id, AttachmentRow.actor == actor)
        count, total = session.execute(select(func.count(), func.coalesce(func.sum(AttachmentRow.size), 0)).where(*mine)).one()
        if count >= self.allowed.count or total + more > self.allowed.total:
            raise Unreadable(f"A conversation holds {self.allowed.count} files of {self.allowed.total} bytes.", code="file_count", field="file")

    def _keep(self, conversation_id: str, client_id: str, name: str, source: Path, keep: Callable[[Session, Stored], EventRow | None]) -> tuple[int, bool]:
        """Onto the shelf, then into the log. Whatever goes wrong, or was kept before, leaves no bytes."""
        stored = self.shelf.put(source, name=name, allowed=self.allowed.types)
        try:
            with self._database.write() as session:
                event = keep(session, stored)
        except BaseException as error:
            self.shelf.drop([stored.id])
            if not isinstance(error, IntegrityError):  # two retries raced on PostgreSQL: the other one was kept
                raise
            event = None
        if event is not None:
            return event.number, False
        self.shelf.drop([stored.id])
        before = self.sent_before(conversation_id, client_id)
        if before is None:
            raise NotFound("There is no such conversation.")
        return before, True


def _append(session: Session, row: ConversationRow, stored: Stored, *, actor: str, client_id: str, agent: Holder | None = None) -> EventRow:
    file = {field: value for field in FIELDS if (value := getattr(stored, field)) is not None}
    body: dict[str, Any] = {"text": "", "files": [file]} | ({"name": agent.name} if agent else {})
    event = store.append(session, row, Kind.MESSAGE, actor=actor, client_id=client_id, body=body, agent_id=agent.id if agent else None)
    session.add(AttachmentRow(conversation_id=row.id, event_id=event.id, actor=actor, at=event.at, **{field: getattr(stored, field) for field in FIELDS}))
    return event


def _answer(session: Session, row: ConversationRow, event: EventRow, answer: Answer) -> None:
    """Say that a person looks at files, once for several in a row; Rasa's tracker learns what was offered."""
    newest = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "bot")
    before = session.scalar(newest.order_by(EventRow.number.desc()).limit(1))
    if before is not None and before.hidden.get(ABOUT_A_FILE) == row.state:
        return
    said = saying.append_reply(session, row, answer.reply)
    said.hidden = {**said.hidden, ABOUT_A_FILE: row.state}
    metadata = {"utter_action": answer.response}
    heard = {"event": "bot", "timestamp": said.at.timestamp(), "text": answer.reply.text, "data": {}, "metadata": metadata}
    store.add_tracker_events(session, row.id, event.id, [heard])
