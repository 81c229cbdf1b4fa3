"""What an import would change: found without touching anything, so that a dry run can list it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.plain import OPTIONAL
from bot.understanding import FaqEntry
from handoff.editor.sheets.cells import written
from handoff.entries.store import FIELDS, Entry, as_content

Kind = Literal["new", "changed", "same"]
LONGEST_SHOWN = 1_500  # characters of a text, before and after


@dataclass(frozen=True)
class Difference:
    """A field of an entry, by its name in a table (`answer`, `en.question`), with its text before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One entry of the file beside the one in the database. `fields` names what differs from what is published, or from the draft where nothing is."""

    entry_id: str
    kind: Kind
    topic: str
    question: str
    fields: tuple[str, ...] = ()
    overwrites_draft: bool = False  # an editor has words there that are not published yet
    differences: tuple[Difference, ...] = ()
    status: str = ""  # of the entry now: draft, published, archived; "" where there is none


def compare(incoming: Sequence[FaqEntry], present: Sequence[Entry]) -> list[Change]:
    """One change for each incoming entry, in the file's order. Entries that the file leaves out are not touched."""
    by_id = {entry.id: entry for entry in present}
    return [_change(entry, by_id.get(entry.id)) for entry in incoming]


def left_out(incoming: Sequence[FaqEntry], present: Sequence[Entry]) -> list[Entry]:
    """The entries that are answered from or being written and that the files don't name: those that would be archived."""
    named = {entry.id for entry in incoming}
    return [entry for entry in present if entry.status != "archived" and entry.id not in named]


def _change(entry: FaqEntry, present: Entry | None) -> Change:
    if present is None:
        return Change(entry.id, "new", entry.topic, entry.question, differences=_differences(entry, None))
    wanted, published = as_content(entry), present.published or {}
    fields = [name for name in (*FIELDS, *OPTIONAL) if (wanted.get(name) or None) != (published.get(name) or None)]
    if entry.topic != present.topic:
        fields.append("topic")
    draft = present.published is None or present.has_unpublished_change
    overwrites = bool(fields) and draft and present.content != wanted
    kind: Kind = "changed" if fields else "same"
    return Change(entry.id, kind, entry.topic, entry.question, tuple(fields), overwrites, _differences(entry, present) if fields else (), present.status)


def _differences(entry: FaqEntry, present: Entry | None) -> tuple[Difference, ...]:
    after = written(entry.id, entry.topic, as_content(entry))
    before = written(present.id, present.topic, present.published or present.content) if present else dict.fromkeys(after, "")
    return tuple(Difference(name, before[name][:LONGEST_SHOWN], text[:LONGEST_SHOWN]) for name, text in after.items() if text != before[name] and name != "id")
