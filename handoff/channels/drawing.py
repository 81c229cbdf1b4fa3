"""What is said, as each messenger shows it: the bot's Markdown as their own markup, cut into parts that fit, where a paragraph ends."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from handoff import elements

Style = Literal["html", "mrkdwn", "plain"]
WIDEST = {"html": 5, "mrkdwn": 5, "plain": 1}  # what one character may become („&amp;“)
MARKS = {"strong": ("*", "*"), "em": ("_", "_"), "code": ("`", "`"), "pre": ("```", "```")}
TAGS = {"strong": "b", "em": "i", "code": "code", "pre": "pre"}
SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class _Block:
    """A paragraph or an item of a list, drawn; `words` are the same bare. `close`: it stands right under the one before."""

    drawn: str
    words: str
    close: bool = False


@dataclass(frozen=True)
class Pen:
    """How one messenger draws. `home` begins the addresses of pages of ours; `most` characters fit into one message."""

    style: Style
    home: str
    most: int

    def answer(self, markdown: str) -> list[str]:
        """The bot's words, in as many messages as they need."""
        return self._parts(elements.answer(markdown))

    def words(self, text: str) -> list[str]:
        """A person's words, just as they stand."""
        return self._parts([["p", {}, line] for line in re.split(r"\n{2,}", text)])

    def _parts(self, nodes: Sequence[Any]) -> list[str]:
        parts: list[str] = []
        for block in self._blocks(nodes):
            for number, piece in enumerate(self._fitting(block)):
                gap = "\n" if block.close and not number else "\n\n"
                if parts and not number and len(parts[-1]) + len(gap) + len(piece) <= self.most:
                    parts[-1] += gap + piece
                else:
                    parts.append(piece)
        return parts

    def _fitting(self, block: _Block) -> Iterator[str]:
        """The block, or its bare words in pieces where it is too long for one message: no mark is ever cut in two."""
        if len(block.drawn) <= self.most:
            if block.drawn.strip():
                yield block.drawn
            return
        rest, room = block.words, self.most // WIDEST[self.style]
        while len(rest) > room:
            ends = [found.start() for found in SPACE.finditer(rest, 1, room + 1)]
            at = ends[-1] if ends else room
            yield self._plain(rest[:at])
            rest = rest[at:].lstrip()
        if rest:
            yield self._plain(rest)

    def _blocks(self, nodes: Sequence[Any], depth: int = 0) -> Iterator[_Block]:
        for node in nodes:
            if isinstance(node, str) or node[0] not in ("ul", "ol"):
                yield _Block(self._drawn(node), _bare(node))
                continue
            tag, attributes, *items = node
            for number, item in enumerate(items, start=int(attributes.get("start", 1))):
                mark = "  " * depth + (f"{number}. " if tag == "ol" else "• ")
                inner = [child for child in item[2:] if isinstance(child, str) or child[0] not in ("ul", "ol")]
                yield _Block(mark + "".join(map(self._drawn, inner)), mark + "".join(map(_bare, inner)), close=number > 1 or depth > 0)
                yield from self._blocks([child for child in item[2:] if not isinstance(child, str) and child[0] in ("ul", "ol")], depth + 1)

    def _drawn(self, node: Any) -> str:
        if isinstance(node, str):
            return self._plain(node)
        tag, attributes, *children = node
        if tag == "br":
            return "\n"
        if tag in ("a", "img"):
            title = attributes.get("alt") or "" if tag == "img" else "".join(map(_bare, children))
            return self._link(attributes["src" if tag == "img" else "href"], title)
        inside = self._plain(_bare(node)) if tag == "pre" else "".join(map(self._drawn, children))
        before, after = self._marks(tag) if inside.strip() else ("", "")
        return f"{before}{inside}{after}"

    def _marks(self, tag: str) -> tuple[str, str]:
        if self.style == "html" and tag in TAGS:
            return f"<{TAGS[tag]}>", f"</{TAGS[tag]}>"
        return MARKS.get(tag, ("", "")) if self.style == "mrkdwn" else ("", "")

    def _link(self, address: str, title: str) -> str:
        whole = self.home + address if address.startswith("/") else address
        bare = whole.removeprefix("mailto:").removeprefix("tel:")
        if title in ("", whole, bare) or bare != whole:  # messengers link addresses and numbers by themselves
            return self._plain(title or bare)
        if self.style == "html":
            return f'<a href="{html.escape(whole)}">{self._plain(title)}</a>'
        if self.style == "mrkdwn":
            return f"<{whole}|{self._plain(title).replace('|', '¦')}>"
        return f"{title} ({whole})"

    def _plain(self, text: str) -> str:
        """Words that mean nothing but themselves there."""
        return text if self.style == "plain" else html.escape(text, quote=False)


def _bare(node: Any) -> str:
    if isinstance(node, str):
        return node
    return "\n" if node[0] == "br" else "".join(map(_bare, node[2:]))
