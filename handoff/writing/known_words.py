"""Words that an agent has told the proofreader to pass over: names of products, of the trade, of friends."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from handoff.database import Database
from handoff.errors import Unreadable
from handoff.writing.tables import KnownWordRow

LONGEST, MOST = 60, 1_000


def known(database: Database, agent_id: str) -> list[str]:
    """The agent's words in small letters, by the alphabet."""
    with database.read() as session:
        return sorted(session.scalars(select(KnownWordRow.word).where(KnownWordRow.agent_id == agent_id)))


def learn(database: Database, agent_id: str, word: str) -> None:
    """Pass over this word from now on, however it is capitalised. Raises `Unreadable`."""
    wanted = word.strip().lower()
    if not wanted or len(wanted) > LONGEST or len(wanted.split()) > 1:
        raise Unreadable(f"One word of up to {LONGEST} characters.", code="bad_word", field="word")
    with database.write() as session:
        if session.get(KnownWordRow, (agent_id, wanted)) is not None:
            return
        if (session.scalar(select(func.count()).select_from(KnownWordRow).where(KnownWordRow.agent_id == agent_id)) or 0) >= MOST:
            raise Unreadable(f"Up to {MOST} words are kept.", code="too_many_words", field="word")
        session.add(KnownWordRow(agent_id=agent_id, word=wanted))


def unlearn(database: Database, agent_id: str, word: str) -> None:
    """Look at this word again."""
    with database.write() as session:
        session.execute(delete(KnownWordRow).where(KnownWordRow.agent_id == agent_id, KnownWordRow.word == word.strip().lower()))
