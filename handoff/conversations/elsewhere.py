"""A desk that is not ours: what it is owed, and what its people do here, all in the name of one account that stands for it.

What concerns one conversation goes to it in its order (a lane of the outbox). What it says is kept whatever the state: words that come late are words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, func, literal, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff import outbox
from handoff.accounts.tables import AgentRow, Availability, Role
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import AttachmentRow, ConversationRow, EventRow, HandoffRow
from handoff.database import Database, Table, now
from handoff.outbox import OutboxRow

RULE = "another desk"  # what a session knows the desk as
LOGIN = "another-desk"  # of the account that stands for it; no password opens it
RECEIVER = "desk"
HANDOFF = "handoff"  # kinds of what is owed: to any address, to Chatwoot
CHATWOOT = "chatwoot"
TOLD_OF_FILES = ("id", "name", "type", "size")
MOST_FILES = 10  # that go with a handoff
TAKEN_FROM = (State.WAITING, State.TICKET, State.SNOOZED, State.CLOSED)


@dataclass(frozen=True)
class Rule:
    """Which desk it is: the kind of its deliveries, their address, and what people call it. `link` makes the address of a file (conversation, file)."""

    kind: str
    url: str
    name: str = "Klienditugi"
    link: Callable[[str, str], str] | None = None


class DeskTalkRow(Table):
    """A conversation of ours and its name at the other desk."""

    __tablename__ = "desk_talk"

    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    remote_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    made_at: Mapped[datetime] = mapped_column(default=now)


def keep_rule(database: Database, rule: Rule | None) -> None:
    """From now on conversations go to this desk; None: to ours alone."""
    database.about[RULE] = rule


def owe_handoff(session: Session, row: ConversationRow, handoff: HandoffRow, shape: Mapping[str, Any], forward_url: str) -> None:
    """A person is asked for: the other desk gets everything, if there is one. The row must be locked."""
    rule: Rule | None = session.info.get(RULE)
    files = _told(rule, row.id, _not_passed_on(session, row.id, handoff)) if rule is not None else []
    if forward_url:
        payload = {**shape, "extra": {**shape.get("extra", {}), "files": files}} if files else shape
        outbox.enqueue(session, kind=HANDOFF, url=forward_url, key=f"handoff:{handoff.id}", payload=payload, **_place(row))
    elif rule is not None and rule.kind == CHATWOOT:
        payload = {"conversation_id": row.id, "what": "handoff", "request": dict(shape), "files": files}
        outbox.enqueue(session, kind=CHATWOOT, url=rule.url, key=f"handoff:{handoff.id}", payload=payload, **_place(row))


def follow(session: Session, row: ConversationRow, event: EventRow) -> None:
    """What a customer says while the other desk is to answer goes there. The row must be locked."""
    rule: Rule | None = session.info.get(RULE)
    if rule is None or event.kind != Kind.MESSAGE or event.actor != "customer" or not _is_theirs(session, row):
        return
    told = {"conversation_id": row.id, "what": "said", "number": event.number, "at": event.at.isoformat(), "text": event.body["text"]}
    if files := event.body.get("files"):
        told["files"] = _told(rule, row.id, files)
    outbox.enqueue(session, kind=rule.kind, url=rule.url, key=f"said:{event.id}", payload=told, **_place(row))


def owe_look(session: Session, row: ConversationRow, key: str) -> None:
    """Chatwoot says that something has changed: look there how it stands, after all that was said before."""
    rule: Rule | None = session.info.get(RULE)
    if rule is not None:
        payload = {"conversation_id": row.id, "what": "look"}
        outbox.enqueue(session, kind=CHATWOOT, url=rule.url, key=f"look:{row.id}:{key}", payload=payload, **_place(row))


def account(session: Session) -> AgentRow:
    """The account that stands for the other desk, made where there is none."""
    row = session.scalar(select(AgentRow).where(AgentRow.login == LOGIN))
    if row is None:
        rule: Rule | None = session.info.get(RULE)
        row = AgentRow(login=LOGIN, name=rule.name if rule else "Klienditugi", role=Role.AGENT.value, password_hash="")
        session.add(row)
        session.flush()
    return row


def be_here(database: Database) -> None:
    """The other desk's people answer now: customers may be offered one."""
    with database.write() as session:
        row = account(session)
        row.seen_at, row.availability = now(), Availability.AVAILABLE.value


def client_id(key: str) -> str:
    """What makes a repeat the same message."""
    return f"desk-{hashlib.sha256(key.encode()).hexdigest()[:48]}"


def conversation_of(database: Database, remote_id: int) -> str | None:
    """Our conversation that has this name at the other desk."""
    with database.read() as session:
        return session.scalar(select(DeskTalkRow.conversation_id).where(DeskTalkRow.remote_id == remote_id))


def remote_of(database: Database, conversation_id: str) -> int | None:
    """What a conversation of ours is called at the other desk."""
    with database.read() as session:
        return session.scalar(select(DeskTalkRow.remote_id).where(DeskTalkRow.conversation_id == conversation_id))


def keep_remote(database: Database, conversation_id: str, remote_id: int) -> None:
    """It is called so there."""
    with database.write() as session:
        if session.get(DeskTalkRow, conversation_id) is None:
            session.add(DeskTalkRow(conversation_id=conversation_id, remote_id=remote_id))


def answered(session: Session, row: ConversationRow, moment: datetime) -> None:
    """Its newest request for a person has found one."""
    session.execute(update(HandoffRow).where(HandoffRow.conversation_id == row.id, HandoffRow.answered_at.is_(None)).values(answered_at=moment))


def _not_passed_on(session: Session, conversation_id: str, handoff: HandoffRow) -> list[dict[str, Any]]:
    """The last files that the customer sent before this handoff, but for those that went with an earlier one or by themselves."""
    before = select(func.max(HandoffRow.requested_at)).where(HandoffRow.conversation_id == conversation_id, HandoffRow.id != handoff.id)
    mine = select(AttachmentRow).where(AttachmentRow.conversation_id == conversation_id, AttachmentRow.actor == "customer")
    if (since := session.scalar(before)) is not None:
        mine = mine.where(AttachmentRow.at > since)
    alone = select(OutboxRow.id).where(OutboxRow.key == literal("said:").concat(AttachmentRow.event_id)).exists()
    found = session.scalars(mine.where(~alone).order_by(AttachmentRow.at.desc()).limit(MOST_FILES)).all()
    return [{name: getattr(one, name) for name in TOLD_OF_FILES} for one in reversed(found)]


def _told(rule: Rule, conversation_id: str, files: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the desk hears of files; with an address where it is to fetch them itself."""
    link = rule.link if rule.kind == HANDOFF else None
    return [{name: one[name] for name in TOLD_OF_FILES} | ({"url": link(conversation_id, one["id"])} if link else {}) for one in files]


def _is_theirs(session: Session, row: ConversationRow) -> bool:
    if row.state == State.WAITING:
        return True
    return row.state == State.LIVE and row.agent_id == session.scalar(select(AgentRow.id).where(AgentRow.login == LOGIN))


def _place(row: ConversationRow) -> dict[str, Any]:
    return {"receiver": RECEIVER, "lane": f"desk:{row.id}", "place": row.last_number}
