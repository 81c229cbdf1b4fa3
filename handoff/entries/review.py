"""A second pair of eyes: a draft is sent to be looked at, sent back with a word, or published by somebody else than who wrote it."""

from __future__ import annotations

from handoff.database import Database, now
from handoff.entries.rows import Act, Entry, begun_from, entry_of_row, keep
from handoff.entries.tables import EntryRow
from handoff.errors import NotAllowed, Unreadable

LONGEST_NOTE = 2_000


class OwnWords(NotAllowed):
    """Where a review is required, nobody publishes what they wrote themselves."""

    code = "own_words"


def check_another(writer: str | None, publisher: str | None) -> None:
    """Raise `OwnWords` when one and the same person wrote and publishes. What the operator brings in (None) is nobody's."""
    if publisher is not None and writer == publisher:
        raise OwnWords("Somebody else publishes this: here a second person looks at every answer. Send it for review.")


def send(database: Database, entry_id: str, *, revision: int, by: str) -> Entry:
    """Ask for somebody to look at the words as they are saved. Raises `NotFound`, `AlreadyTaken`, and `Unreadable` where nothing waits to be published."""
    with database.write() as session:
        row = begun_from(session, entry_id, revision)
        if row.status == "archived" or row.published == row.content:
            raise Unreadable("There is nothing here that is not published yet.", code="nothing_to_review")
        row.review_at, row.review_note = now(), None
        keep(session, row, Act.SENT, by=by)
        return entry_of_row(row)


def send_back(database: Database, entry_id: str, *, revision: int, note: str, by: str) -> Entry:
    """Give the words back to whoever wrote them, saying why. Raises as `send` does, and `Unreadable` for an empty note or words that nobody sent."""
    said = note.strip()
    if not said:
        raise Unreadable("Say in a word what should be different.", code="missing_note", field="note")
    if len(said) > LONGEST_NOTE:
        raise Unreadable(f"The note has {len(said)} characters; up to {LONGEST_NOTE} fit.", code="too_long", field="note")
    with database.write() as session:
        row = begun_from(session, entry_id, revision)
        if row.review_at is None:
            raise Unreadable("Nobody has sent this for review.", code="not_in_review")
        looked_at(row)
        row.review_note = said
        keep(session, row, Act.RETURNED, by=by, note=said)
        return entry_of_row(row)


def looked_at(row: EntryRow) -> None:
    """The words wait for nobody any more."""
    row.review_at = row.review_note = None
