"""The secret link under which a customer sees where the matter stands. Kept sealed, found by its hash; a new one ends the old."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.accounts.seal import Broken, Seal
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.database import now
from handoff.errors import NotFound

BYTES = 18  # 144 random bits
LONGEST = 64  # characters that are looked at


class Links:
    """`purpose` of the seal is theirs alone."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def of(self, row: ConversationRow) -> str:
        """The conversation's token; made when there is none, or none that this house's key opens. The row must be locked."""
        try:
            if row.link_sealed is not None:
                return self._seal.open(row.link_sealed)
        except Broken:
            pass
        return self.renew(row)

    def renew(self, row: ConversationRow) -> str:
        """A new token; the old one leads nowhere from now on. The row must be locked."""
        token = secrets.token_urlsafe(BYTES)
        row.link_hash, row.link_sealed = _hash(token), self._seal.close(token)
        return token


def find(session: Session, token: str, *, days: int, lock: bool = False) -> ConversationRow:
    """The conversation that the token opens, until `days` after it was closed. Raises `NotFound`, whatever is wrong with it."""
    query = select(ConversationRow).where(ConversationRow.link_hash == _hash(token[:LONGEST]))
    row = session.scalar(query.with_for_update() if lock else query)
    over = row is not None and row.state == State.CLOSED and row.closed_at is not None and now() - row.closed_at > timedelta(days=days)
    if row is None or over:
        raise NotFound("There is nothing under this address.")
    return row


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
