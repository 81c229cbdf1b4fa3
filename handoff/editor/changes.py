"""What an import would change: found without touching anything, so that a dry run can list it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.understanding import FaqEntry
from handoff.entries.store import FIELDS, NEEDS_IDENTITY, Entry, as_content

Kind = Literal["new", "changed", "same"]


@dataclass(frozen=True)
class Change:
    """One entry of the file beside the one in the database. `fields` names what differs from what is published."""

    entry_id: str
    kind: Kind
    topic: str
    question: str
    fields: tuple[str, ...] = ()
    overwrites_draft: bool = False  # an editor has words there that are not published yet


def compare(incoming: Sequence[FaqEntry], present: Sequence[Entry]) -> list[Change]:
    """One change for each incoming entry, in the file's order. Entries that the file leaves out are not touched."""
    by_id = {entry.id: entry for entry in present}
    return [_change(entry, by_id.get(entry.id)) for entry in incoming]


def _change(entry: FaqEntry, present: Entry | None) -> Change:
    if present is None:
        return Change(entry.id, "new", entry.topic, entry.question)
    wanted, published = as_content(entry), present.published or {}
    fields = [name for name in (*FIELDS, NEEDS_IDENTITY) if (wanted.get(name) or None) != (published.get(name) or None)]
    if entry.topic != present.topic:
        fields.append("topic")
    draft = present.published is None or present.has_unpublished_change
    overwrites = bool(fields) and draft and present.content != wanted
    return Change(entry.id, "changed" if fields else "same", entry.topic, entry.question, tuple(fields), overwrites)
