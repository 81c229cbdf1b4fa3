"""The chapters of the guide, read from its Markdown files. A repository's page and ours show the same text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from PIL import Image

from handoff.markdown import Picture, as_document

AGENTS, EDITORS = (Path(__file__).parent / name for name in ("agents", "editors"))
PICTURES = "pildid"
SHARPNESS = 2  # dots of a picture for each pixel of the page
_NUMBER = re.compile(r"^\d+-")


@dataclass(frozen=True)
class Chapter:
    """One file. `id` is its anchor on the page: the file's name without number and ending."""

    id: str
    title: str
    body: Markup


@dataclass(frozen=True)
class Guide:
    """All of it, in the order of reading."""

    title: str
    lead: Markup
    chapters: Sequence[Chapter]


def read_guide(folder: Path, *, pictures: str) -> Guide:
    """The guide in a folder: README.md, whose words before the table of contents are the lead, and the numbered chapters.

    `pictures` is the address under which the page finds the folder's pictures.
    """
    first = _chapter(folder / "README.md", pictures, until="\n## ")
    return Guide(first.title, first.body, [_chapter(path, pictures) for path in sorted(folder.glob("[0-9]*-*.md"))])


def picture(folder: Path, name: str) -> Path | None:
    """The file of a picture that the guide has; None for any other name."""
    return next((path for path in (folder / PICTURES).glob("*.webp") if path.name == name), None)


def _chapter(path: Path, pictures: str, *, until: str | None = None) -> Chapter:
    heading, _, text = path.read_text(encoding="utf-8").partition("\n")
    anchor = _anchor(path.name)
    if until:
        text = text.partition(until)[0]

    def link(address: str) -> str:
        """Another chapter is a place on the same page; an anchor in it carries the chapter's name, so that two never meet."""
        file, _, place = address.partition("#")
        if not file.endswith(".md"):
            return address
        return f"#{_anchor(file)}-{place}" if place else f"#{_anchor(file)}"

    def show(source: str) -> Picture:
        with Image.open(path.parent / source) as opened:
            width, height = opened.size
        return Picture(f"{pictures}/{Path(source).name}", width // SHARPNESS, height // SHARPNESS)

    return Chapter(anchor, heading.removeprefix("# ").strip(), as_document(text, prefix=anchor, link=link, show=show))


def _anchor(file: str) -> str:
    return _NUMBER.sub("", file.removesuffix(".md"))
