"""Matters that are answered later: a contact form, a wish to be called back. They wait in the same desk as chats do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from bot.understanding import Language
from handoff.contract import Reason
from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.handoffs import NOBODY
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.conversations.words import clean
from handoff.database import Database
from handoff.errors import Unreadable

HOME_REGION = "EE"


def checked_email(value: str) -> str:
    """The address in its usual form. Raises `Unreadable` with code `bad_email`."""
    try:
        return validate_email(value.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise Unreadable("That does not look like an e-mail address.", code="bad_email", field="email") from None


def checked_phone(value: str) -> str:
    """The number in international form; one without a country code is Estonian. Raises `Unreadable` with code `bad_phone`."""
    try:
        number = phonenumbers.parse(value, HOME_REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Unreadable("That does not look like a phone number.", code="bad_phone", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def open_ticket(
    database: Database,
    *,
    channel: Literal["email", "callback"],
    text: str,
    language: Language = "et",
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    page: str | None = None,
    reason: str = Reason.CONTACT_LEFT.value,
    also: Callable[[Session, ConversationRow], None] = lambda _session, _row: None,
) -> str:
    """Keep a ticket with its first message and give its id. The contact must be checked before; `also` belongs to the same transaction."""
    words = clean(text)
    with database.write() as session:
        row = ConversationRow(
            secret_hash=NOBODY,
            state=State.TICKET.value,
            channel=channel,
            language=language,
            reason=reason,
            name=name,
            email=email,
            phone=phone,
            page=page,
            tags=[],
            last_number=0,
        )
        session.add(row)
        session.flush()
        store.append(session, row, Kind.MESSAGE, actor="customer", body={"text": words})
        store.append(session, row, Kind.CONTACT_LEFT, actor="customer", body={"contact": "email" if channel == "email" else "phone"})
        also(session, row)
        return row.id
