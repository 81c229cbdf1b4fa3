"""Numbers with a form or a check digit of their own: personal codes, accounts, cards, documents. However they are spaced.

A candidate may begin at any digit, also within what another one has tried, so nothing hides behind a number written before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban, luhn
from stdnum.ee import ik
from stdnum.fi import hetu
from stdnum.lv import pvn

from bot.personal.span import Span

_APART = r"[^\w]{0,3}?_?"  # what people put between digits: nothing, a space, a dot, a dash …
_CODE = re.compile(rf"(?<!\d)(?=([1-8](?:{_APART}\d){{10}})(?!\d))")
_SAID_CODE = re.compile(
    rf"\b(?:isikuko+d\w*|id[- ]?kood\w*|iks?|личн\w+ код\w*)\b[^\w\n]{{0,3}}(?:on\W{{1,2}}|nr\W{{1,2}})?(?P<value>[1-8](?:{_APART}\d){{10}})(?!\d)",
    re.IGNORECASE,
)
_NEIGHBOURS = re.compile(r"(?<![\w-])\d{6}(?:[-+A-F]\d{3}[0-9A-Z]|-\d{5})(?!\w)", re.IGNORECASE)
_ACCOUNT = re.compile(rf"(?<![^\W_])(?=([A-Z]{_APART}[A-Z]{_APART}\d{_APART}\d(?:{_APART}[A-Z0-9]){{11,30}}))", re.IGNORECASE)
_LENGTHS = {
    "EE": 20,
    "LV": 21,
    "LT": 20,
    "FI": 18,
    "DE": 22,
    "SE": 24,
    "NO": 15,
    "DK": 18,
    "PL": 28,
    "GB": 22,
    "NL": 18,
    "FR": 27,
    "ES": 24,
    "IT": 27,
    "BE": 16,
    "IE": 22,
}
_CARD = re.compile(rf"(?<!\d)(?=([2-6](?:{_APART}\d){{12,18}}))")
_SAID_CARD = re.compile(rf"\b(?:kaar[dt]\w*|card|visa|mastercard|карт\w*)\b[^\d\n]{{0,20}}(?P<value>\d(?:{_APART}\d){{14,18}})(?!\d)", re.IGNORECASE)
_CARD_FORM = re.compile(r"4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6\d{15}|(?:5[06-8]|6\d)\d{14,17}|3(?:0[0-5]|[68]\d)\d{11}")
_DOCUMENT = re.compile(r"(?<![\w-])(?:A[A-EISU]|B[A-B]|K[A-F]|E[ST])[ -]?\d{6,7}(?![\w]*\d)", re.IGNORECASE)
_DOCUMENT_SAID = (
    r"(?:\bpass(?:i|is|iga|ile|inumb\w*|port)?\b|dokumen[dt]\w*|\bid[- ]?(?:kaart\w*|kaardi\w*|card)|juhilu\w+|"
    r"juhiloa\w*|elamisl\w+|\bdriv\w+ licen[cs]e|паспорт\w*|удостоверени\w*|\bid\b(?=\W{0,3}[a-z]{2}\d))"
)
_AFTER_DOCUMENT = re.compile(
    rf"{_DOCUMENT_SAID}(?:\W{{1,3}}(?!{_DOCUMENT_SAID})[^\W\d]{{1,10}}\b){{0,4}}\W{{0,4}}"
    rf"(?P<value>[A-Z]{{1,2}}[ -]?\d{{6,8}}|\d{{2}}[ -]\d{{7}}|\d{{4}}[ -]\d{{6}}|\d{{8,10}})(?!\d)",
    re.IGNORECASE,
)
_BEFORE_DOCUMENT = re.compile(rf"(?<![\w-])(?P<value>[A-Z]{{2}}[ -]?\d{{6,7}})\b(?:\W{{1,3}}[^\W\d]+){{0,3}}\W{{1,3}}{_DOCUMENT_SAID}", re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """The surest first."""
    yield from _accounts(text)
    yield from _cards(text)
    yield from _codes(text)
    for pattern in (_DOCUMENT, _AFTER_DOCUMENT, _BEFORE_DOCUMENT):
        name = "value" if "value" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            yield Span("document", *match.span(name))


def _accounts(text: str) -> Iterator[Span]:
    for match in _ACCOUNT.finditer(text):
        places = [place for place, letter in enumerate(match[1]) if letter.isalnum()]
        bare = "".join(match[1][place] for place in places).upper()
        known = _LENGTHS.get(bare[:2])
        for length in (known,) if known else range(len(bare), 14, -1):
            if length <= len(bare) and iban.is_valid(bare[:length], check_country=False):
                yield Span("iban", match.start(), match.start() + places[length - 1] + 1)
                break


def _cards(text: str) -> Iterator[Span]:
    for match in _SAID_CARD.finditer(text):
        yield Span("card", *match.span("value"))
    for match in _CARD.finditer(text):
        places = [place for place, letter in enumerate(match[1]) if letter.isdecimal()]
        digits = "".join(match[1][place] for place in places)
        for length in range(len(digits), 12, -1):
            end = match.start() + places[length - 1] + 1
            if not text[end : end + 1].isdecimal() and _CARD_FORM.fullmatch(digits[:length]) and luhn.is_valid(digits[:length]):
                yield Span("card", match.start(), end)
                break


def _codes(text: str) -> Iterator[Span]:
    for match in _CODE.finditer(text):
        if ik.is_valid("".join(letter for letter in match[1] if letter.isdecimal())):
            yield Span("identity_code", *match.span(1))
    for match in _SAID_CODE.finditer(text):
        yield Span("identity_code", *match.span("value"))
    for match in _NEIGHBOURS.finditer(text):
        if hetu.is_valid(match.group()) or pvn.is_valid(match.group()):
            yield Span("identity_code", *match.span())
