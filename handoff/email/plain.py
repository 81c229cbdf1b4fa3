"""HTML letters as plain text: words, lists and addresses stay, pictures and everything that runs or hides does not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

BLOCKS = {"p", "div", "br", "tr", "table", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr"}
APART = {"p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "hr"}  # with an empty line around
LONGEST = 2_000_000  # characters of HTML that are looked at
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)


def as_text(html: str) -> str:
    """The words, a paragraph a line; what is quoted begins with `> `."""
    safe = nh3.clean(
        html[:LONGEST],
        tags=BLOCKS | {"a", "td", "th", "span", "b", "i"},
        attributes={"a": {"href"}, "span": {"style"}, "div": {"style"}, "p": {"style"}},
        clean_content_tags={"script", "style", "title", "head"},
        url_schemes={"http", "https", "mailto", "tel"},
    )
    reader = _Reader()
    reader.feed(safe)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in reader.lines())).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._quotes = 0
        self._hidden: list[str] = []  # open tags from the first hidden one on
        self._href, self._title = "", ""

    def lines(self) -> list[str]:
        self._break()
        return self._lines

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in {"br", "hr"} and (self._hidden or _HIDDEN.search(values.get("style") or "")):
            self._hidden.append(tag)
            return
        if tag in BLOCKS:
            self._break(apart=tag in APART)
        if tag == "blockquote":
            self._quotes += 1
        elif tag == "li":
            self._line = "• "
        elif tag == "a":
            self._href, self._title = values.get("href") or "", ""
        elif tag in {"td", "th"} and self._line:
            self._line += " "

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            self._hidden.pop()
            return
        if tag in BLOCKS:
            self._break(apart=tag in APART)
        if tag == "blockquote":
            self._quotes = max(self._quotes - 1, 0)
        elif tag == "a" and self._href:
            bare = self._href.removeprefix("mailto:").removeprefix("tel:")
            if bare.rstrip("/") not in self._title and self._title.strip():
                self._line += f" ({bare})"
            self._href = ""

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        words = re.sub(r"\s+", " ", data)
        self._title += words
        self._line += words if self._line else words.lstrip()

    def _break(self, *, apart: bool = False) -> None:
        mark = "> " * self._quotes
        if self._line.strip():
            self._lines.append(mark + self._line.strip())
        if apart and self._lines and self._lines[-1].strip(" >"):
            self._lines.append(mark.strip())
        self._line = ""
