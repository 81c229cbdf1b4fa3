"""What stands on a conversation as a mark of its own: by what we know who the customer is."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from handoff.conversations import verification
from handoff.conversations.queue import Item


class Verification(BaseModel):
    """By what we know who the customer is (`handoff.conversations.verification.How`); `by` names the agent who checked and `what` says what."""

    how: str
    what: str | None
    by: str | None
    at: datetime


def verification_of(item: Item) -> Verification | None:
    """How it stands now; None when nothing is known, or no longer."""
    row, how = item.row, verification.standing(item.row)
    return Verification(how=how, what=row.verified_what, by=item.verifier, at=row.verified_at) if how and row.verified_at else None
