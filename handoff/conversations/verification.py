"""Whether we know who the customer is, and how: by the site's signature, by a code to the address on file, or by an agent's own check.

It lasts for a day and is lost as soon as a contact is replaced by another. A code to an address that was typed in this very chat proves that
the address is theirs and nothing else, so it is shown and does not count.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.conversations import store
from handoff.conversations.agents import Holder, held
from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow
from handoff.conversations.words import clean
from handoff.database import Database, now
from handoff.errors import NotAllowed, Unreadable


class How(StrEnum):
    """By what we know who it is."""

    SIGNED = "signed"  # logged in at the site
    CODE = "code"  # to an e-mail address that was on file
    AGENT = "agent"  # an agent has checked
    ADDRESS = "address"  # a code to an address typed in this chat: whose address it is, not who they are


TELLS_WHO = frozenset({How.SIGNED, How.CODE, How.AGENT})
LASTS = timedelta(hours=24)  # as long as a site's token may
CHECKS = ("order_and_name", "called_back", "details")  # what agents usually check; anything else they say in words
LONGEST_CHECK = 100


class NotVerified(NotAllowed):
    code = "needs_identity"


def verified(conversation: ConversationRow, moment: datetime | None = None) -> bool:
    """Whether personal data may be told in this conversation now."""
    return conversation.verified_how in TELLS_WHO and not _is_over(conversation, moment or now())


def standing(conversation: ConversationRow, moment: datetime | None = None) -> How | None:
    """By what we know the customer now, also where that is the address alone; None when nothing is known."""
    how = conversation.verified_how
    return How(how) if how is not None and not _is_over(conversation, moment or now()) else None


def is_verified(database: Database, conversation_id: str) -> bool:
    """Whether we know now who is in the conversation. Raises `NotFound`."""
    with database.read() as session:
        return verified(store.conversation(session, conversation_id))


def check_verified(conversation: ConversationRow) -> None:
    """Raise `NotVerified` unless we know who the customer is."""
    if not verified(conversation):
        raise NotVerified("This is told to a verified customer only: check first who it is.")


def check(database: Database, conversation_id: str, agent: Holder, what: str) -> None:
    """The agent has made sure who it is, by one of `CHECKS` or in words of their own; never what the data were. Only the holder may."""
    checked = " ".join(clean(what).split())
    if len(checked) > LONGEST_CHECK:
        raise Unreadable(f"Say what was checked in up to {LONGEST_CHECK} characters.", code="long_check", field="what")
    with database.write() as session:
        row = held(session, conversation_id, agent)
        keep(session, row, How.AGENT, agent=agent, what=checked)


def take_back(database: Database, conversation_id: str, agent: Holder) -> None:
    """The agent no longer trusts that it is them. Only the holder may; where nothing is known, nothing changes."""
    with database.write() as session:
        row = held(session, conversation_id, agent)
        if row.verified_how is not None:
            _forget(row)
            store.append(session, row, Kind.UNVERIFIED, actor="agent", agent_id=agent.id, body={"name": agent.name, "why": "taken_back"})


def keep(session: Session, row: ConversationRow, how: How, *, agent: Holder | None = None, what: str | None = None) -> None:
    """From now on we know who it is. The row must be locked. What the site signs is told by its own event, `IDENTIFIED`."""
    row.verified_how, row.verified_what, row.verified_by, row.verified_at = how.value, what, agent.id if agent else None, now()
    body = {"how": how.value} | ({"what": what} if what else {}) | ({"name": agent.name} if agent else {})
    if how is not How.SIGNED:
        store.append(session, row, Kind.VERIFIED, actor="agent" if agent else "system", agent_id=agent.id if agent else None, body=body)
    if agent is None:
        trail.write_down(session, None, "verified_conversation", row.id)


def keep_contact(session: Session, row: ConversationRow, *, email: str | None = None, phone: str | None = None) -> None:
    """Keep what the customer has typed. Another address or number instead of a known one: who it is must be made sure anew. The row must be locked."""
    replaced = any(old and new and old != new for old, new in ((row.email, email), (row.phone, phone)))
    if email and email != row.email:
        row.email, row.email_signed = email, None
    row.phone = phone or row.phone
    if replaced and row.verified_how is not None:
        _forget(row)
        store.append(session, row, Kind.UNVERIFIED, actor="system", body={"why": "contact_changed"})


def doubt(session: Session, row: ConversationRow) -> None:
    """Somebody wrote from another address than the known one: who it is must be made sure anew. The row must be locked."""
    if row.verified_how is not None:
        _forget(row)
        store.append(session, row, Kind.UNVERIFIED, actor="system", body={"why": "other_address"})


def _forget(row: ConversationRow) -> None:
    row.verified_how = row.verified_what = row.verified_by = row.verified_at = None


def _is_over(conversation: ConversationRow, moment: datetime) -> bool:
    return conversation.verified_at is None or moment - conversation.verified_at > LASTS
