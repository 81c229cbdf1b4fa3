"""Hints that an editor has put aside, by entry and rule: „see on nii mõeldud“."""

from __future__ import annotations

from sqlalchemy import delete, select

from handoff.database import Database, locked
from handoff.entries.tables import EntryRow, HintAsideRow
from handoff.errors import NotFound


def asides(database: Database) -> dict[str, frozenset[str]]:
    """The rules put aside, by entry."""
    found: dict[str, set[str]] = {}
    with database.read() as session:
        for entry_id, rule in session.execute(select(HintAsideRow.entry_id, HintAsideRow.rule)):
            found.setdefault(entry_id, set()).add(rule)
    return {entry_id: frozenset(rules) for entry_id, rules in found.items()}


def put_aside(database: Database, entry_id: str, rule: str, *, by: str) -> None:
    """No hint of this rule about this entry from now on, for nobody. Doing it twice is the same as once. Raises `NotFound`."""
    with database.write() as session:
        if session.get(EntryRow, entry_id) is None:
            raise NotFound(f"There is no entry {entry_id!r}.")
        locked(session, HintAsideRow, (entry_id, rule), entry_id=entry_id, rule=rule, by=by)


def take_back(database: Database, entry_id: str, rule: str) -> None:
    """Show hints of this rule about this entry again."""
    with database.write() as session:
        session.execute(delete(HintAsideRow).where(HintAsideRow.entry_id == entry_id, HintAsideRow.rule == rule))
