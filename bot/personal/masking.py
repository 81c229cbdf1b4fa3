"""All kinds together: which piece of a text is what, and the text without them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from bot import orders
from bot.personal import addresses, names, numbers, reach, spelt
from bot.personal.span import Span

MASKS = {
    "email": "e-post",
    "phone": "telefon",
    "identity_code": "isikukood",
    "iban": "kontonumber",
    "card": "kaardinumber",
    "document": "dokumendinumber",
    "address": "aadress",
    "name": "nimi",
}
FORMS = frozenset(MASKS) - {"address", "name"}
"""The kinds that a form or a check digit tells; what is left is told by its words."""
_MASKED = re.compile(r"\[[^\[\]]*\]")
_LOOKS = 4  # what a mask covers may have hidden what stands beside it: „Mari“ right before a street was taken for the name of a thing


def find(text: str, kinds: Collection[str] | None = None) -> tuple[Span, ...]:
    """Personal data of these kinds, else of all, in the order it stands in and never overlapping. What is masked already is passed over.

    Where two overlap the surer one stays: what has a check digit before an order number, that before a phone, an address before a name.
    """
    taken = [Span("masked", *match.span()) for match in _MASKED.finditer(text) if match.group()[1:-1] in MASKS.values()]
    for span in _surest_first(text):
        in_the_way = [other for other in taken if span.overlaps(other)]
        if all(other.kind == span.kind for other in in_the_way):  # two halves of one thing are one
            taken = [other for other in taken if other not in in_the_way]
            taken.append(Span(span.kind, min(one.start for one in (span, *in_the_way)), max(one.end for one in (span, *in_the_way))))
    wanted = MASKS if kinds is None else kinds
    return tuple(sorted((span for span in taken if span.kind in wanted), key=lambda span: span.start))


def mask(text: str, kinds: Collection[str] | None = None, keep: Callable[[str], bool] | None = None) -> str:
    """The text with personal data of these kinds, else of all, replaced by its kind: „[e-post]“. Order numbers stay readable, and so does whatever
    `keep` says of: the house's own address."""
    for _ in range(_LOOKS):
        before, text = text, _masked_once(text, kinds, keep)
        if text == before:
            break
    return text


def _masked_once(text: str, kinds: Collection[str] | None, keep: Callable[[str], bool] | None) -> str:
    out, at = [], 0
    for span in find(text, kinds):
        if keep is not None and keep(text[span.start : span.end]):
            continue
        out += [text[at : span.start], f"[{MASKS[span.kind]}]"]
        at = span.end
    return "".join([*out, text[at:]])


def _surest_first(text: str) -> Iterator[Span]:
    digits = any(letter.isdecimal() for letter in text)
    if digits:
        yield from numbers.find(text)
        yield from (Span("order_number", *place) for place in orders.find(text))
    yield from spelt.find(text)
    if digits or "@" in text or "at" in text.lower() or "ät" in text.lower():
        yield from reach.find(text)
    if digits or "talu" in text or "küla" in text:
        yield from addresses.find(text)
    yield from names.find(text)
