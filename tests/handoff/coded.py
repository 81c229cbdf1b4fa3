"""Codes as a test sends them and reads them in the letter."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from handoff.conversations import codes
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from handoff.letters import Letters
from handoff.mail import KIND
from handoff.outbox import OutboxRow

ADDRESS = "mari@naide.ee"


def mari_is_at(database: Database, mari: Started, *, later: bool = True, email: str | None = ADDRESS) -> None:
    """Her address stands on the conversation, which began after (or before) the other one."""
    with database.write() as session:
        moment = now() + timedelta(seconds=1 if later else -3600)
        session.execute(update(ConversationRow).where(ConversationRow.id == mari.conversation_id).values(email=email, created_at=moment))


def send(database: Database, mari: Started, letters: Letters, cause: str = "proov-0001", **more: Any) -> str:
    """Send a code; gives it, as it stands in the letter."""
    codes.send(database, mari.conversation_id, cause=cause, write=letters.code, **more)
    return code_in_letter(database)


def code_in_letter(database: Database) -> str:
    with database.read() as session:
        letter = session.scalars(select(OutboxRow).where(OutboxRow.kind == KIND).order_by(OutboxRow.made_at.desc())).first()
    assert letter is not None
    found = re.search(r"\d{3} \d{3}", letter.payload["text"])
    assert found is not None
    return found.group()


def other_than(code: str) -> str:
    return f"{(int(code.replace(' ', '')) + 1) % 1_000_000:06}"
