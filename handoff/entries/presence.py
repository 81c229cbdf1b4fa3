"""Who has an entry open now. A sign of seconds, in the database, so that editors at different workers see each other; not a lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from handoff.accounts.tables import AgentRow
from handoff.database import Database, locked, now
from handoff.entries.tables import EntryPresenceRow

HERE_SECONDS = 25  # a page tells every ten
OLD_SECONDS = 3_600


@dataclass(frozen=True)
class Here:
    """Somebody else in the entry. `writing`: has words there that are not saved."""

    name: str
    writing: bool


def tell(database: Database, entry_id: str, person_id: str, *, writing: bool) -> list[Here]:
    """This person has the entry open; gives who else has."""
    moment = now()
    with database.write() as session:
        row = locked(session, EntryPresenceRow, (entry_id, person_id), entry_id=entry_id, agent_id=person_id)
        row.seen_at, row.writing = moment, writing
        session.execute(delete(EntryPresenceRow).where(EntryPresenceRow.seen_at < moment - timedelta(seconds=OLD_SECONDS)))
        session.flush()
        others = select(AgentRow.name, EntryPresenceRow.writing).join(AgentRow, AgentRow.id == EntryPresenceRow.agent_id)
        others = others.where(EntryPresenceRow.entry_id == entry_id, EntryPresenceRow.agent_id != person_id)
        others = others.where(EntryPresenceRow.seen_at >= moment - timedelta(seconds=HERE_SECONDS))
        return [Here(name, writing) for name, writing in session.execute(others.order_by(AgentRow.name))]


def leave(database: Database, entry_id: str, person_id: str) -> None:
    """This person has closed the entry."""
    with database.write() as session:
        session.execute(delete(EntryPresenceRow).where(EntryPresenceRow.entry_id == entry_id, EntryPresenceRow.agent_id == person_id))
