"""Markdown as safe HTML: an answer's, also as plain words for search engines and as a letter for where nothing is formatted, and a document's of ours."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "code", "ul", "ol", "li", "a", "h3", "h4", "blockquote"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
PICTURES = {"img": {"src", "alt", "loading"}}
SCHEMES = {"http", "https", "mailto", "tel"}

DOCUMENT_TAGS = TAGS | {"img", "table", "thead", "tbody", "tr", "th", "td"}
DOCUMENT_ATTRIBUTES = ATTRIBUTES | {"h3": {"id"}, "img": {"src", "alt", "width", "height", "loading"}}

_renderer = MarkdownIt("commonmark", {"html": False, "breaks": True})
_documents = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Picture:
    """Where a page finds a picture, and how large it is shown, in pixels."""

    address: str
    width: int
    height: int


def as_html(text: str) -> Markup:
    """Only the tags above, links only to the web, e-mail and phone; HTML in the text is shown as text."""
    rendered = _renderer.render(text)
    return Markup(nh3.clean(rendered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener nofollow"))  # noqa: S704 (cleaned)


def as_page(text: str, *, home: str = "/help") -> Markup:
    """As `as_html`, for a page of ours: with pictures, our own and those of the web over https, and links to answers lead to `home`."""
    cleaned = nh3.clean(
        _renderer.render(text),
        tags=TAGS | {"img"},
        attributes=ATTRIBUTES | PICTURES,
        attribute_filter=_our_pictures,
        set_tag_attribute_values={"img": {"loading": "lazy"}},
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
    )
    return Markup(cleaned.replace('<a href="/help/', f'<a href="{home}/'))  # noqa: S704 (cleaned)


def _our_pictures(tag: str, name: str, value: str) -> str | None:
    if (tag, name) != ("img", "src"):
        return value
    return value if value.startswith("https://") or re.match(r"/[^/\\\\]", value) else None


def as_notice(text: str) -> Markup:
    """A notice below the title of its page: with headings and tables, and links to pages of ours."""
    rendered = _documents.render(text)
    tags, allowed = (DOCUMENT_TAGS | {"h2"}) - {"img"}, ATTRIBUTES
    return Markup(nh3.clean(rendered, tags=tags, attributes=allowed, url_schemes=SCHEMES, link_rel="noopener"))  # noqa: S704 (cleaned)


def as_document(text: str, *, prefix: str, link: Callable[[str], str], show: Callable[[str], Picture]) -> Markup:
    """A chapter that stands below a heading of its page: its own (`##`) begin at `h3` and can be linked to as `prefix-words-of-the-heading`.

    `link` and `show` turn the addresses of links and pictures in the file into those on the page.
    """
    tokens = _documents.parse(text)
    for place, token in enumerate(tokens):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{int(token.tag[1]) + 1}"
        if token.type == "heading_open":
            token.attrs["id"] = f"{prefix}-{anchor(tokens[place + 1].content)}"
        for part in token.children or []:
            if part.type == "link_open":
                part.attrs["href"] = link(str(part.attrs["href"]))
            elif part.type == "image":
                shown = show(str(part.attrs["src"]))
                part.attrs |= {"src": shown.address, "width": shown.width, "height": shown.height, "loading": "lazy"}
    rendered = _documents.renderer.render(tokens, _documents.options, {})
    return Markup(nh3.clean(rendered, tags=DOCUMENT_TAGS, attributes=DOCUMENT_ATTRIBUTES, url_schemes=SCHEMES, link_rel=None))  # noqa: S704 (cleaned)


def anchor(heading: str) -> str:
    """The name of a heading in an address, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def as_plain(text: str) -> str:
    """The words alone, on one line."""
    bare = nh3.clean(_renderer.render(text), tags=set())
    return re.sub(r"\s+", " ", html.unescape(bare)).strip()


def as_letter(text: str) -> str:
    """The words with their paragraphs and lists, addresses written out: what a person would have typed."""
    written = mark = ""
    in_list = False
    numbers: list[int | None] = []  # of the lists around: the next item's number, None without numbers
    for token in _renderer.parse(text):
        if token.type.endswith("_list_open"):
            numbers.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None)
        elif token.type.endswith("_list_close"):
            numbers.pop()
        elif token.type == "list_item_open":
            number = numbers[-1]
            mark = "• " if number is None else f"{number}. "
            numbers[-1] = number + 1 if number is not None else None
        elif words := _written(token.children or []) or token.content.rstrip():
            gap = "\n" if mark and in_list else "\n\n"
            written += (gap if written else "") + "  " * (len(numbers) - 1) * bool(mark) + mark + words
            in_list, mark = bool(mark), ""
    return written


def _written(tokens: list[Token]) -> str:
    parts: list[str] = []
    opened: list[tuple[int, str]] = []  # where a link's title begins, and its address
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif token.type == "link_open":
            opened.append((len(parts), str(token.attrs["href"]).removeprefix("mailto:").removeprefix("tel:")))
        elif token.type == "link_close":
            begun, address = opened.pop()
            if "".join(parts[begun:]) != address:
                parts.append(f" ({address})")
        else:
            parts.append(token.content)
    return "".join(parts)
