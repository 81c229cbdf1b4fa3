"""A code of six digits to the customer's e-mail address. They type it into the chat as any message: there it is recognised, taken and never kept.

It lives ten minutes and stands five tries; of the code and of the address only hashes are kept. A message is compared with it when it is six digits
and nothing else to speak of, or names a code; each comparison is one of the five, so nothing is learned on the side.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from handoff import mail, outbox
from handoff.conversations import finding, store, verification
from handoff.conversations.agents import Holder, held
from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow, VerificationCodeRow
from handoff.conversations.verification import TELLS_WHO, How
from handoff.database import Database, now
from handoff.errors import TooMany, Unreadable
from handoff.mail import Letter

LIVES = timedelta(minutes=10)
REMEMBERED = timedelta(minutes=30)  # six digits that come later are no late code but a number
TRIES = 5
MOST_HOURLY = 3  # codes of one conversation
MOST_DAILY = 6  # codes to one address, whoever asks: nobody's mailbox is filled from here
CODE_WORDS = ("kood", "code", "код")  # as other words begin that name one
FILLERS = frozenset(
    {
        *("see", "on", "siin", "palun", "jah", "tere", "aitäh"),
        *("it", "it's", "is", "this", "here", "the", "please", "yes", "hi"),
        *("это", "вот", "пожалуйста", "да", "здравствуйте"),
    }
)
AROUND = ".,;:!?()„“”\"'«»-–"
HIDDEN = "••••••"
SEND_CODE = "/send_code"  # what stands behind „Saada kood e-postile“
CODE_OVER = "/code_over"  # the bot is to say that the code is over
WHERE = "outbox:mail"

_SIX_DIGITS = re.compile(r"(?<!\d)\d{3}[ \u00a0-]?\d{3}(?!\d)")
_hasher = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)  # a million codes must take longer than ten minutes; 10 ms each are plenty

Write = Callable[[ConversationRow, str], Letter]
"""The conversation and the code → the letter that tells it."""


@dataclass(frozen=True)
class Attempt:
    """A message that holds six digits while a code is awaited. `text` is what may be kept of it."""

    code_id: str
    text: str
    fits: bool


@dataclass(frozen=True)
class Verdict:
    """What came of an attempt. `entry_id` is the answer that waited for it."""

    right: bool
    tries_left: int
    on_file: bool
    entry_id: str | None


def send(
    database: Database,
    conversation_id: str,
    *,
    cause: str,
    write: Write,
    agent: Holder | None = None,
    words: Callable[[ConversationRow], str] | None = None,
    entry_id: str | None = None,
) -> str:
    """Send a code to the address of the conversation; gives that address, so far as it may be shown. Earlier codes are over.

    The same `cause` again sends no second one. An agent must hold the conversation, and `words` are then said in their name.
    Raises `Unreadable` (code `no_address`) and `TooMany`.
    """
    code = f"{secrets.randbelow(1_000_000):06}"
    kept = _hasher.hash(code)  # outside of the transaction: it takes its time
    with database.write() as session:
        row = held(session, conversation_id, agent) if agent else store.conversation(session, conversation_id, lock=True)
        if row.email is None:
            raise Unreadable("There is no e-mail address to send a code to.", code="no_address", field="email")
        if session.scalar(select(VerificationCodeRow.id).where(VerificationCodeRow.cause == cause)) is not None:
            return shown(row.email)
        _check_rate(session, row)
        session.execute(_open_codes(row.id).values(ended_at=now()))
        made = VerificationCodeRow(
            conversation_id=row.id,
            cause=cause,
            code_hash=kept,
            address_hash=_hash(session, row.email),
            on_file=on_file(session, row),
            entry_id=entry_id,
            tries_left=TRIES,
        )
        session.add(made)
        session.flush()
        outbox.enqueue(session, kind=mail.KIND, url=WHERE, key=f"code:{made.id}", payload=write(row, code).as_payload())
        if agent and words:
            store.append(session, row, Kind.MESSAGE, actor="agent", agent_id=agent.id, client_id=cause, body={"text": words(row), "name": agent.name})
        return shown(row.email)


def attempt(database: Database, conversation_id: str, text: str) -> Attempt | None:
    """Whether the message is meant as the code that is awaited; None when none is, or when it is about something else. Changes nothing."""
    found = _SIX_DIGITS.search(text)
    if found is None or not _may_mean_a_code(_SIX_DIGITS.sub(" ", text)):
        return None
    with database.read() as session:
        code = _latest(session, conversation_id)
    if code is None or code.right or now() - code.sent_at > REMEMBERED:
        return None
    digits = "".join(character for character in found.group() if character.isdigit())
    return Attempt(code.id, _SIX_DIGITS.sub(HIDDEN, text), _fits(code.code_hash, digits))


def judge(session: Session, row: ConversationRow, tried: Attempt) -> Verdict:
    """Use up one try, in the caller's transaction; of two that come at once each costs one. The row must be locked."""
    code = session.get_one(VerificationCodeRow, tried.code_id, with_for_update=True, populate_existing=True)
    over = code.ended_at is not None or now() - code.sent_at > LIVES or row.email is None or _hash(session, row.email) != code.address_hash
    if over:
        code.ended_at = code.ended_at or now()
        return Verdict(False, 0, False, code.entry_id)
    code.tries_left -= 1
    if tried.fits or code.tries_left == 0:
        code.ended_at, code.right = now(), tried.fits
    return Verdict(tried.fits, code.tries_left, code.on_file, code.entry_id)


def tell(session: Session, row: ConversationRow, verdict: Verdict) -> None:
    """Say what came of it, and keep who it is. The row must be locked."""
    if not verdict.right:
        kind, body = (Kind.CODE_WRONG, {"left": verdict.tries_left}) if verdict.tries_left else (Kind.CODE_OVER, {})
        store.append(session, row, kind, actor="system", body=body)
    elif verdict.on_file or verification.standing(row) not in TELLS_WHO:
        verification.keep(session, row, How.CODE if verdict.on_file else How.ADDRESS)
    else:  # more is known than this code proves
        store.append(session, row, Kind.VERIFIED, actor="system", body={"how": How.ADDRESS.value})


def on_file(session: Session, row: ConversationRow) -> bool:
    """Whether the address was known before this conversation began, or came with the site's signature: only then a code tells who somebody is."""
    if row.email is None:
        return False
    before = select(ConversationRow.id).where(finding.same(session, "email", row.email), ConversationRow.created_at < row.created_at)
    return bool(row.email_signed) or session.scalar(before.where(ConversationRow.id != row.id).limit(1)) is not None


def shown(email: str) -> str:
    """The address so that its owner knows it and nobody else learns it: „m•••@naide.ee“."""
    name, _, host = email.partition("@")
    return f"{name[:1]}•••@{host}"


def proves(database: Database, cause: str, digits: str) -> bool:
    """Whether these are the digits of the code that was sent for this cause; uses up one try. One of nobody is as wrong as a wrong one."""
    bare = "".join(character for character in digits if character.isdecimal())
    with database.read() as session:
        code = session.scalar(select(VerificationCodeRow).where(VerificationCodeRow.cause == cause))
    if code is None:
        return False
    fits = _fits(code.code_hash, bare)
    with database.write() as session:
        row = store.conversation(session, code.conversation_id, lock=True)
        return judge(session, row, Attempt(code.id, "", fits)).right


def hashes(session: Session, email: str) -> list[str]:
    """What is kept of this address in rows of codes, by each of the house's keys."""
    return [f"{mark:x}" for mark in finding.vault_in(session).marks("code", email.lower())]


def _may_mean_a_code(beside: str) -> bool:
    """Whether what stands beside six digits leaves them to be a code: „kood on …“ does, „tellimus …“ does not."""
    words = [word for part in beside.casefold().split() if (word := part.strip(AROUND))]
    return any(word.startswith(CODE_WORDS) for word in words) or all(word in FILLERS for word in words)


def _latest(session: Session, conversation_id: str) -> VerificationCodeRow | None:
    query = select(VerificationCodeRow).where(VerificationCodeRow.conversation_id == conversation_id)
    return session.scalar(query.order_by(VerificationCodeRow.sent_at.desc()).limit(1))


def _open_codes(conversation_id: str) -> Any:
    return update(VerificationCodeRow).where(VerificationCodeRow.conversation_id == conversation_id, VerificationCodeRow.ended_at.is_(None))


def _check_rate(session: Session, row: ConversationRow) -> None:
    sent = select(func.count()).select_from(VerificationCodeRow)
    here = sent.where(VerificationCodeRow.conversation_id == row.id, VerificationCodeRow.sent_at > now() - timedelta(hours=1))
    there = sent.where(VerificationCodeRow.address_hash == _hash(session, row.email or ""), VerificationCodeRow.sent_at > now() - timedelta(days=1))
    if (session.scalar(here) or 0) >= MOST_HOURLY or (session.scalar(there) or 0) >= MOST_DAILY:
        raise TooMany("Enough codes have been sent for now.", retry_after=3600)


def _fits(kept: str, digits: str) -> bool:
    try:
        return _hasher.verify(kept, digits)
    except (VerificationError, InvalidHashError):
        return False


def _hash(session: Session, email: str) -> str:
    """What is kept of the address: addresses can be guessed, so nobody without the house's key may try."""
    return f"{finding.vault_in(session).mark('code', email.lower()):x}"
