"""Which entries an export holds, and in which kind of file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from bot.understanding import Language
from handoff.editor.incoming import as_yaml
from handoff.editor.sheets.writing import Row, as_csv, as_xlsx
from handoff.entries.store import Entry, as_faq_entry
from handoff.texts import Texts

Kind = Literal["yml", "csv", "xlsx"]


@dataclass(frozen=True)
class Wanted:
    """What to export. `draft` is what waits to be published, also of published entries; `all` everything that is not archived."""

    status: Literal["published", "draft", "archived", "all"] = "published"
    topic: str | None = None
    missing: Literal["en", "ru"] | None = None  # only those without a translation into this language
    delimiter: Literal["semicolon", "comma"] = "semicolon"


def exported(entries: Sequence[Entry], wanted: Wanted, kind: Kind, texts: Texts, language: Language) -> tuple[bytes, int]:
    """The file, its headings in this language, and how many entries it holds."""
    rows = [row for row in (_row(entry, wanted) for entry in entries) if row and _asked_for(row, wanted)]
    say = partial(_say, texts, language)
    if kind == "yml":
        data = as_yaml([as_faq_entry(row.id, row.topic, row.content) for row in rows]).encode()
    elif kind == "csv":
        data = as_csv(rows, say, delimiter="," if wanted.delimiter == "comma" else ";")
    else:
        data = as_xlsx(rows, say)
    return data, len(rows)


def _row(entry: Entry, wanted: Wanted) -> Row | None:
    """The words that are asked for: those that customers get, or those that wait."""
    if entry.status == "archived":
        return Row(entry.id, entry.topic, entry.content, "archived") if wanted.status == "archived" else None
    if wanted.status in ("published", "all") and entry.published is not None:
        return Row(entry.id, entry.topic, entry.published, "published")
    waits = entry.published is None or entry.has_unpublished_change
    return Row(entry.id, entry.topic, entry.content, "draft") if wanted.status in ("draft", "all") and waits else None


def _asked_for(row: Row, wanted: Wanted) -> bool:
    translated = row.content.get("translations", {})
    return (wanted.topic is None or row.topic == wanted.topic) and (wanted.missing is None or wanted.missing not in translated)


def _say(texts: Texts, language: Language, key: str) -> str:
    return texts.say(language, f"editor.sheet.{key}")
