"""An agent asks the customer for an e-mail address or a phone number, in the chat; what they answer is checked and kept."""

from __future__ import annotations

from typing import Literal

import phonenumbers
from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.conversations import store, verification
from handoff.conversations.agents import Holder, held, say
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.tickets import HOME_REGION, checked_email
from handoff.conversations.words import clean
from handoff.database import Database
from handoff.errors import Unreadable

Contact = Literal["email", "phone"]

MEMORY = 12  # events: what was asked longer ago is not meant any more
AROUND = ".,;:!?()[]<>„“”\"'"  # what people write next to an address
NUMBER_LIKE = 5  # digits that make an answer look like a number


def ask(database: Database, conversation_id: str, agent: Holder, *, contact: Contact, client_id: str, text: str) -> int:
    """Say the question to the customer; gives its number. Only the holder may. The same `client_id` is the same message."""
    words = clean(text)
    with database.write() as session:
        return say(session, held(session, conversation_id, agent), agent, client_id, {"text": words, "asks": contact})


def take(session: Session, row: ConversationRow, text: str) -> None:
    """The customer has written to an agent who had asked for a contact: keep what is one, and say so kindly when it nearly is. The row must be locked."""
    asked = _asked(session, row) if row.state in (State.LIVE, State.WAITING) else None
    if asked is None:
        return
    email = find_email(text) if asked == "email" or row.email is None else None
    phone = find_phone(text) if asked == "phone" or (row.phone is None and email is None) else None
    if email is None and phone is None:
        if _tried(text, asked):
            store.append(session, row, Kind.CONTACT_UNCLEAR, actor="system", body={"contact": asked})
        return
    verification.keep_contact(session, row, email=email, phone=phone)
    for contact, value in (("email", email), ("phone", phone)):
        if value:
            store.append(session, row, Kind.CONTACT_LEFT, actor="customer", body={"contact": contact})


def find_email(text: str) -> str | None:
    """The first e-mail address in the text, in its usual form."""
    for word in text.split():
        if "@" in word:
            try:
                return checked_email(word.strip(AROUND))
            except Unreadable:
                continue
    return None


def find_phone(text: str) -> str | None:
    """The first phone number in the text, in international form; one without a country code is Estonian."""
    for found in phonenumbers.PhoneNumberMatcher(text, HOME_REGION):
        return phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return None


def _asked(session: Session, row: ConversationRow) -> str | None:
    """What an agent asked for lately that has not been given since."""
    lately = select(EventRow).where(EventRow.conversation_id == row.id, EventRow.number > row.last_number - MEMORY)
    for event in session.scalars(lately.order_by(EventRow.number.desc())):
        if event.kind == Kind.CONTACT_LEFT:
            return None
        if event.kind == Kind.MESSAGE and event.body.get("asks"):
            return str(event.body["asks"])
    return None


def _tried(text: str, contact: str) -> bool:
    return "@" in text if contact == "email" else sum(character.isdigit() for character in text) >= NUMBER_LIKE
