"""What is said, as a tree that a page turns into elements without ever reading HTML: text, or `[tag, attributes, *children]`.

The chat's page has no Markdown of its own: it stays small, and what may become a link or a picture is decided in one place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Node = Any  # text, or a list as above

SCHEMES = {"http", "https", "mailto", "tel"}
HEADING = "h"
TAGS = {
    "paragraph_open": "p",
    "heading_open": HEADING,
    "bullet_list_open": "ul",
    "ordered_list_open": "ol",
    "list_item_open": "li",
    "strong_open": "strong",
    "em_open": "em",
}
BARE = re.compile(
    r"""(?P<web>(?:https?://|www\.)[^\s<>„“”"]*[^\s<>„“”".,;:!?)\]])"""
    r"""|(?P<mail>[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)"""
    r"""|(?P<phone>\+\d[\d ]{6,14}\d|\b(?:5\d{2,3} ?\d{3,4}|[67]\d\d \d{4})\b)"""
)
ITEM = r"[ \t]*(?:[-*•]|\d+[.)])[ \t]"
AFTER_LIST = re.compile(rf"^({ITEM}.*)\n(?=\S)(?!{ITEM})", re.MULTILINE)
BULLET = re.compile(r"^([ \t]*)•(?=[ \t])", re.MULTILINE)
STAR = re.compile(r"(`[^`]*`)|(?<=\w)\*(?=\w)")


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """What may be followed is decided below: of any other link its words stay."""
        return True


_parser = _Parser("commonmark", {"html": False, "breaks": True}).disable(["code", "lheading", "reference", "blockquote", "hr"])


@lru_cache(maxsize=512)  # most answers are an entry's, and each reader asks again
def answer(text: str) -> list[Node]:
    """The bot's Markdown: paragraphs, lists, bold, italics, code, links and pictures. A heading is a bold line. Nobody changes what it gives."""
    root: list[Node] = []
    _fill(root, _parser.parse(_as_people_mean_it(text)))
    return root


def words(text: str) -> list[Node]:
    """What people typed: only addresses of the web, of e-mail and of phones become links."""
    nodes: list[Node] = []
    last = 0
    for found in BARE.finditer(text):
        nodes += [text[last : found.start()], ["a", {"href": _address(found)}, found[0]]]
        last = found.end()
    return [node for node in (*nodes, text[last:]) if node]


def _address(found: re.Match[str]) -> str:
    bare = found[0].replace(" ", "")
    if found["web"]:
        return bare if bare.startswith("http") else f"https://{bare}"
    return f"mailto:{bare}" if found["mail"] else f"tel:{bare}"


def _as_people_mean_it(text: str) -> str:
    """A line under a list begins a paragraph, • is a bullet, and 2*3*4 is a product."""
    apart = AFTER_LIST.sub(r"\1\n\n", text)
    return STAR.sub(lambda found: found[1] or r"\*", BULLET.sub(r"\1-", apart))


def _fill(root: list[Node], tokens: Sequence[Token]) -> None:
    """Put what the tokens say into the root, element in element."""
    stack: list[list[Node]] = [root]
    for token in tokens:
        if token.nesting > 0:
            stack.append(_opened(token))
        elif token.nesting < 0:
            _close(stack)
        elif token.type == "inline":
            _fill(stack[-1], token.children or [])
        else:
            stack[-1] += _leaf(token, in_link=any(node[:1] == ["a"] for node in stack))


def _opened(token: Token) -> list[Node]:
    if token.type == "link_open":
        address = str(token.attrs["href"])
        return ["a", {"href": address}] if _safe(address) else ["", {}]
    tag = "" if token.hidden else TAGS.get(token.type, "")
    return [tag, {"start": token.attrs["start"]} if "start" in token.attrs else {}]


def _close(stack: list[list[Node]]) -> None:
    """The element that ends joins the one around it; one without a tag gives its children only."""
    tag, attributes, *children = stack.pop()
    if tag == HEADING:
        tag, children = "p", [["strong", {}, *children]]
    stack[-1] += [[tag, attributes, *children]] if tag else children


def _leaf(token: Token, *, in_link: bool) -> list[Node]:
    if token.type in {"softbreak", "hardbreak"}:
        return [["br", {}]]
    if token.type == "code_inline":
        return [["code", {}, token.content]]
    if token.type == "fence":
        return [["pre", {}, ["code", {}, token.content.rstrip("\n")]]]
    if token.type == "image":
        return _picture(str(token.attrs["src"]), token.content)
    return [token.content] if in_link else words(token.content)


def _picture(address: str, alt: str) -> list[Node]:
    """One of the service's own or of the web over https; any other is a link."""
    if _own(address) or address.startswith("https://"):
        return [["img", {"src": address, "alt": alt}]]
    return [["a", {"href": address}, alt or address]] if _safe(address) else [alt]


def _safe(address: str) -> bool:
    """An address that may be followed; one that begins with a slash is the service's own."""
    return _own(address) or address.partition(":")[0].lower() in SCHEMES


def _own(address: str) -> bool:
    return address.startswith("/") and not address.startswith(("//", "/\\"))
