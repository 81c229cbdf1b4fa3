"""Tables as the tests of import and export write and read them."""

from __future__ import annotations

from bot.understanding import FaqEntry
from handoff.editor.sheets.grid import Grid
from handoff.editor.sheets.reading import entries_of, headed
from handoff.editor.sheets.writing import Row
from handoff.entries.store import as_content


def say(key: str) -> str:
    """Headings are the names of their fields."""
    return key.removeprefix("column.")


GUIDE = [
    {"id": "tuli", "text": "Kas tuli {punane} põleb?", "yes": "lopp", "no": "end"},
    {"id": "lopp", "text": "Korras.", "end": True},
    {"id": "end", "text": "Kutsu abi."},
]


def row_of(entry: FaqEntry) -> Row:
    return Row(entry.id, entry.topic, as_content(entry), "published")


def again(grid: Grid) -> list[FaqEntry]:
    found, wrong = entries_of(headed(grid, {}), [])
    assert wrong == []
    return found
