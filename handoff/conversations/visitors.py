"""Who the visitor is, as the site's own log-in says it, and which notice they agreed to. One transaction each."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.conversations import notice, store, verification
from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow
from handoff.conversations.verification import How
from handoff.database import Database, now
from handoff.errors import AlreadyTaken, NotAllowed


@dataclass(frozen=True)
class Identity:
    """Somebody who is logged in at the site. `subject` is the site's own id of the person; the rest may be unknown.

    `orders` are the numbers of their open orders: none of them is open where it is empty, nothing is known where it is None.
    """

    subject: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    orders: tuple[str, ...] | None = None


def identify(database: Database, conversation_id: str, identity: Identity) -> bool:
    """Keep on the conversation who the site says is there; the site's name and contacts go before what was typed. True when that is news.

    Raises `AlreadyTaken` when somebody else has been identified in it: their conversation is not for these eyes.
    """
    with database.write() as session:
        row = store.customers(session, conversation_id)
        if row.identity not in (None, identity.subject):
            raise AlreadyTaken("This conversation belongs to another person who was logged in.")
        before = (row.identity, row.name, row.email, row.phone)
        is_known = verification.standing(row) is How.SIGNED
        row.identity, row.identified_at = identity.subject, now()
        row.name, row.email, row.phone = identity.name or row.name, identity.email or row.email, identity.phone or row.phone
        row.email_signed = True if identity.email else row.email_signed
        news = before != (row.identity, row.name, row.email, row.phone)
        if news:
            store.append(session, row, Kind.IDENTIFIED, actor="system")
        has_other_orders = _keep_orders(row, identity)
        if is_known and not news:
            row.verified_at = row.identified_at  # each page of the site says it anew
        else:
            verification.keep(session, row, How.SIGNED)
            news = True
        return news or has_other_orders


def _keep_orders(row: ConversationRow, identity: Identity) -> bool:
    """True when they are others than before. No event: an order on its way is nothing that happened in the talk."""
    if identity.orders is None or list(identity.orders) == row.open_orders:
        return False
    row.orders = "\n".join(identity.orders) or None
    return True


def agree(database: Database, conversation_id: str, version: str) -> None:
    """The visitor agrees to this version of the notice, now."""
    with database.write() as session:
        row = store.customers(session, conversation_id)
        row.consent, row.consented_at = version, now()


def consent_due(database: Database, version: str | None, *, required: bool) -> bool:
    """Whether the visitor, who agreed to this version or to none, has to agree to today's notice first."""
    return required and version != notice.version(database)


def check_consent(database: Database, version: str | None, *, required: bool) -> None:
    """Raises `ConsentNeeded` when consent is due."""
    if consent_due(database, version, required=required):
        raise ConsentNeeded("Please agree to the privacy notice first.")


class ConsentNeeded(NotAllowed):
    code = "consent_needed"
