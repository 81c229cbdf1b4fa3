"""An answer's Markdown as safe HTML for the help page, and as plain words for search engines."""

from __future__ import annotations

import html
import re

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "code", "ul", "ol", "li", "a", "h3", "h4", "blockquote"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}

_renderer = MarkdownIt("commonmark", {"html": False, "breaks": True})


def as_html(text: str) -> Markup:
    """Only the tags above, links only to the web, e-mail and phone; HTML in the text is shown as text."""
    rendered = _renderer.render(text)
    return Markup(nh3.clean(rendered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener nofollow"))  # noqa: S704 (cleaned)


def as_plain(text: str) -> str:
    """The words alone, on one line."""
    bare = nh3.clean(_renderer.render(text), tags=set())
    return re.sub(r"\s+", " ", html.unescape(bare)).strip()
