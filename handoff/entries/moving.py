"""Renaming, merging and splitting entries. Nothing is learned anew: ids of old lead to where their entry is now, and history stays as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from handoff.database import Database
from handoff.entries.review import looked_at
from handoff.entries.rows import Act, Entry, answer_from, catalogue, entry_of_row, found, keep
from handoff.entries.slugs import slug
from handoff.entries.tables import EntryAliasRow, EntryPresenceRow, EntryRevisionRow, EntryRow, HintAsideRow
from handoff.errors import Unreadable

MOST_EXAMPLES = 200


def rename(database: Database, entry_id: str, new_id: str, *, by: str | None) -> Entry:
    """Give the entry another id; the old one keeps leading to it. Raises `NotFound`, and `Unreadable` for an id that is another entry's or was."""
    with database.write() as session:
        row = found(session, entry_id, lock=True)
        if new_id == entry_id:
            return entry_of_row(row)
        _check_free(session, new_id, but_for=entry_id)
        columns = {column.name: getattr(row, column.name) for column in EntryRow.__table__.columns}
        renamed = EntryRow(**(columns | {"id": new_id}))
        session.add(renamed)
        session.flush()
        for revision in session.scalars(select(EntryRevisionRow).where(EntryRevisionRow.entry_id == entry_id)):
            revision.entry_id = new_id  # one by one: what is sealed for a row is sealed anew when the row is called otherwise
        session.flush()
        session.execute(update(HintAsideRow).where(HintAsideRow.entry_id == entry_id).values(entry_id=new_id))
        session.execute(delete(EntryPresenceRow).where(EntryPresenceRow.entry_id == entry_id))
        session.execute(delete(EntryRow).where(EntryRow.id == entry_id))
        session.expunge(row)
        _lead(session, entry_id, new_id)
        session.execute(update(EntryRow).where(EntryRow.merged_into == entry_id).values(merged_into=new_id))
        keep(session, renamed, Act.RENAMED, by=by, note=entry_id)
        catalogue(session).revision += 1
        return entry_of_row(renamed)


def merge(database: Database, entry_id: str, into: str, *, by: str | None) -> Entry:
    """Give this entry's question and wordings to another one, which answers from them at once, and archive this one. Gives the other.

    Raises `NotFound`, and `Unreadable` for a merge with itself, in a circle, with an archived entry, or past the most wordings.
    """
    if entry_id == into:
        raise Unreadable("An entry can't be merged with itself. Choose another one.", code="merge_self", field="into")
    with database.write() as session:
        first, second = (found(session, one, lock=True) for one in sorted((entry_id, into)))
        gone, kept = (first, second) if first.id == entry_id else (second, first)
        if kept.merged_into == gone.id:
            raise Unreadable(f"{into!r} was merged into {entry_id!r} already: that would be a circle.", code="merge_circle", field="into")
        if "archived" in (gone.status, kept.status):
            raise Unreadable("One of the two is archived. Restore it first.", code="merge_archived", field="into")
        was_answered = gone.published is not None
        kept.content = _with_wordings(kept.content, gone.content)
        if kept.published is not None:
            answer_from(session, kept, _with_wordings(kept.published, gone.published or gone.content))
        gone.status, gone.merged_into = "archived", kept.id
        looked_at(gone)
        if was_answered:
            answer_from(session, gone, None)
        _lead(session, gone.id, kept.id)
        keep(session, gone, Act.MERGED, by=by, note=kept.id)
        keep(session, kept, Act.MERGED, by=by, note=gone.id)
        return entry_of_row(kept)


def split(database: Database, entry_id: str, wordings: Sequence[str], *, by: str | None) -> Entry:
    """Move these wordings to a new draft with the same answer to begin from; gives it. What is published stays until both are published.

    Raises `NotFound`, and `Unreadable` for wordings that are not the entry's.
    """
    chosen = list(dict.fromkeys(wordings))
    with database.write() as session:
        row = found(session, entry_id, lock=True)
        strange = [wording for wording in chosen if wording not in row.content["examples"]]
        if not chosen or strange:
            raise Unreadable("Choose wordings of this entry that are to have an answer of their own.", code="split_wordings", field="examples")
        question, *examples = chosen
        taken = {*session.scalars(select(EntryRow.id)), *session.scalars(select(EntryAliasRow.id))}
        kept = {name: value for name, value in row.content.items() if name not in ("steps", "buttons")}
        content = kept | {"question": question, "examples": examples, "translations": {}}
        made = EntryRow(id=slug(question, taken), topic=row.topic, status="draft", revision=0, content=content)
        made.written_by = by
        session.add(made)
        session.flush()
        row.content = row.content | {"examples": [one for one in row.content["examples"] if one not in chosen]}
        row.written_by = by
        keep(session, made, Act.SPLIT, by=by, note=row.id)
        keep(session, row, Act.SPLIT, by=by, note=made.id)
        return entry_of_row(made)


def come_back(session: Session, row: EntryRow) -> None:
    """An entry that was merged away stands on its own again: its id leads to itself."""
    row.merged_into = None
    session.execute(delete(EntryAliasRow).where(EntryAliasRow.id == row.id))


def _check_free(session: Session, new_id: str, *, but_for: str) -> None:
    alias = session.get(EntryAliasRow, new_id)
    if session.get(EntryRow, new_id) is not None or (alias is not None and alias.entry_id != but_for):
        raise Unreadable(f"{new_id!r} is another entry's id, or was. Choose another one.", code="id_taken", field="id")
    if alias is not None:
        session.delete(alias)
        session.flush()


def _lead(session: Session, old: str, new: str) -> None:
    """Whatever names the old id, or led to it, leads to the new one."""
    session.execute(update(EntryAliasRow).where(EntryAliasRow.entry_id == old).values(entry_id=new))
    session.merge(EntryAliasRow(id=old, entry_id=new))
    session.flush()


def _with_wordings(content: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """With the question and the other wordings of another entry, each once."""
    known = {content["question"].casefold()}
    examples = []
    for wording in (*content["examples"], other["question"], *other["examples"]):
        if wording.casefold() not in known:
            known.add(wording.casefold())
            examples.append(wording)
    if len(examples) > MOST_EXAMPLES:
        raise Unreadable(f"Together they have {len(examples)} wordings; up to {MOST_EXAMPLES} fit. Take some out.", code="too_many_lines", field="examples")
    return content | {"examples": examples}
