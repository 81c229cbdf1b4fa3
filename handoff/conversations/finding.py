"""Finding sealed conversations: by the beginnings of words that people wrote, by name and contact, and those of the same person.

The database compares no words but marks: numbers that only the house's key makes of a word (`Vault.mark`). They are kept in the transaction in which
the words are, and go with the conversation. What the bot said is not marked: its words are the house's own and would find everything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, event, inspect, select, text
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.orm.attributes import instance_state

from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow, EventRow, SearchMarkRow
from handoff.sealed import vault_of
from handoff.vault import Vault

Fact = Literal["email", "phone", "identity"]

WORD = "word"
LONGEST = 12  # letters of a word that are looked at
SHORTEST_SAID = 3  # of what was said, beginnings from so many letters; of names and contacts from the first
FACTS = ("name", "email", "phone", "identity", "orders")
SPOKEN = (Kind.MESSAGE.value, Kind.NOTE.value)

_WORDS = re.compile(r"[^\W_]+")


# As text, which both databases understand and SQLAlchemy keeps put together; its own „on conflict“ it puts together with every message.
_ADD = text("INSERT INTO search_mark (mark, conversation_id) VALUES (:mark, :conversation_id) ON CONFLICT DO NOTHING")


def has(session: Session, words: str) -> ColumnElement[bool]:
    """Whether a conversation has all these words, or words that begin so, in what people said, its name, e-mail or phone; or is the one of this id."""
    vault = vault_in(session)
    wanted = [_marked(vault.marks(WORD, word[:LONGEST])) for word in _words(words)]
    by_id = ConversationRow.id == words
    if not wanted:
        return by_id
    every = wanted[0]
    for one in wanted[1:]:
        every &= one
    return by_id | every


def same(session: Session, fact: Fact, value: str) -> ColumnElement[bool]:
    """Whether a conversation has this e-mail (in whatever case), phone or log-in at the site."""
    return _marked(vault_in(session).marks(fact, _usual(fact, value)))


def is_named(name: str | None, words: str) -> bool:
    """Whether the words, each, begin another one of the name's, however it is written."""
    own, wanted = _words(name or ""), _words(words)
    for word in sorted(wanted, key=len, reverse=True):
        begun = next((one for one in sorted(own) if one.startswith(word)), None)
        if begun is None:
            return False
        own.discard(begun)
    return bool(wanted)


def renew(session: Session, conversation_id: str) -> bool:
    """Mark the conversation anew by what stands in it now, with the newest key. False when it was so before."""
    row = session.get(ConversationRow, conversation_id)
    said = select(EventRow.body).where(EventRow.conversation_id == conversation_id, EventRow.kind.in_(SPOKEN), EventRow.actor != "bot")
    vault = vault_in(session)
    found = {mark for body in session.scalars(said) for mark in _of_words(_said(body), SHORTEST_SAID, vault)}
    found |= _of_facts(row, vault) if row is not None else set()
    before = select(SearchMarkRow.mark).where(SearchMarkRow.conversation_id == conversation_id)
    if set(session.scalars(before)) == found:
        return False
    session.execute(delete(SearchMarkRow).where(SearchMarkRow.conversation_id == conversation_id))
    _add(session, conversation_id, found)
    return True


@event.listens_for(Session, "after_flush")
def _keep_marks(session: Session, _context: UOWTransaction) -> None:
    """Whoever writes down or changes words, a name or a contact, has them marked by that."""
    changed = {row.conversation_id if isinstance(row, EventRow) else row.id for row in session.dirty if _is_stale(row)}
    for conversation_id in changed:
        renew(session, conversation_id)
    for row in session.new:
        if isinstance(row, EventRow) and _is_said(row) and row.conversation_id not in changed:
            keep_said(session, row)
        elif isinstance(row, ConversationRow):
            _add(session, row.id, _of_facts(row, vault_in(session)))


def keep_said(session: Session, row: EventRow) -> None:
    """The same for an event that was written down without a flush (`handoff.putting`)."""
    if _is_said(row):
        _add(session, row.conversation_id, _of_words(_said(row.body), SHORTEST_SAID, vault_in(session)))


def _is_said(row: EventRow) -> bool:
    return row.kind in SPOKEN and row.actor != "bot"


def _is_stale(row: object) -> bool:
    """Whether the row's old words may be marked."""
    if isinstance(row, EventRow):
        return _is_said(row) and inspect(row).attrs.body.history.has_changes()
    return isinstance(row, ConversationRow) and any(
        inspect(row).attrs[fact].history.has_changes() for fact in FACTS if fact in instance_state(row).committed_state
    )


def _marked(marks: Sequence[int]) -> ColumnElement[bool]:
    return ConversationRow.id.in_(select(SearchMarkRow.conversation_id).where(SearchMarkRow.mark.in_(marks)))


def _of_facts(row: ConversationRow, vault: Vault) -> set[int]:
    known: list[tuple[Fact, str | None]] = [("email", row.email), ("phone", row.phone), ("identity", row.identity)]
    found = {vault.mark(fact, _usual(fact, value)) for fact, value in known if value}
    for fact in (row.name, row.email, row.phone):
        found |= _of_words(fact or "", 1, vault)
    if row.phone and (digits := "".join(_WORDS.findall(row.phone))):
        found |= _of_words(digits, SHORTEST_SAID, vault)
    return found | _of_words(row.orders or "", SHORTEST_SAID, vault)


def _said(body: Mapping[str, Any]) -> str:
    """The words of a message, and what its letter is about."""
    return f"{body.get('text', '')} {body.get('subject', '')}"


def _of_words(words: str, shortest: int, vault: Vault) -> set[int]:
    return {vault.mark(WORD, word[:length]) for word in _words(words) for length in range(min(shortest, len(word)), min(len(word), LONGEST) + 1)}


def _words(said: str) -> set[str]:
    """Words as they are compared: small letters, without the signs on them, so that „šokolaad“ is found by „sokolaad“ too."""
    bare = "".join(character for character in unicodedata.normalize("NFKD", said.casefold()) if not unicodedata.combining(character))
    return set(_WORDS.findall(bare))


def _usual(fact: Fact, value: str) -> str:
    return value.lower() if fact == "email" else value


def _add(session: Session, conversation_id: str, marks: Iterable[int]) -> None:
    rows: list[dict[str, Any]] = [{"mark": mark, "conversation_id": conversation_id} for mark in sorted(marks)]
    if rows:
        session.connection().execute(_ADD, rows)


def vault_in(session: Session) -> Vault:
    """The house's keys, in a transaction of it."""
    return vault_of(session.get_bind().dialect)
