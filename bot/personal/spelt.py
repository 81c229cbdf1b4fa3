"""Numbers told in words, as people do who are wary of writing them: „viis kuus seitse …“, «пять шесть семь», "five six seven", also mixed with figures.

Only what makes a personal code, a card or a phone number counts; an order number that is told in words stays, and so does counting to ten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from stdnum import luhn
from stdnum.ee import ik

from bot.personal.span import Span

_FIGURES: tuple[tuple[str, ...], ...] = (
    ("null", "ноль", "нуль", "zero", "oh"),
    ("üks", "uks", "yks", "один", "одна", "one"),
    ("kaks", "два", "две", "two"),
    ("kolm", "три", "three"),
    ("neli", "четыре", "four"),
    ("viis", "пять", "five"),
    ("kuus", "шесть", "six"),
    ("seitse", "семь", "seven"),
    ("kaheksa", "восемь", "eight"),
    ("üheksa", "uheksa", "yheksa", "девять", "nine"),
)
_TEENS_RU = ("десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать")
_TEENS_EN = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS_RU = ("двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
_TENS_EN = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
LEAST_WORDS = 4  # of a number that may have figures too
PHONE, CODE, CARD = (7, 8), 11, 16  # how many digits; a phone of this country


def _values() -> Mapping[str, str]:
    """Word → its figures; a round ten also as what is waiting for its unit (`2_`)."""
    found = {word: str(value) for value, words in enumerate(_FIGURES) for word in words}
    found |= {word: str(10 + value) for words in (_TEENS_RU, _TEENS_EN) for value, word in enumerate(words)}
    found |= {word: f"{value}_" for words in (_TENS_RU, _TENS_EN) for value, word in enumerate(words, 2)}
    found |= {"kümme": "10", "kumme": "10"}
    for value, words in enumerate(_FIGURES):
        for word in words if value else ():
            found |= {f"{word}teist": f"1{value}", f"{word}teistkümmend": f"1{value}", f"{word}kümmend": f"{value}_", f"{word}kummend": f"{value}_"}
    return found


_VALUES = _values()
_ONE = rf"(?:{'|'.join(sorted(_VALUES, key=len, reverse=True))}|\d{{1,4}})"
_RUN = re.compile(rf"(?<![\w+])(?:(?:pluss|плюс|plus|\+)[ ,.-]{{0,2}})?{_ONE}(?:[ ,.;:/–-]{{1,3}}{_ONE})+(?!\w)", re.IGNORECASE)
_PART = re.compile(rf"{_ONE}", re.IGNORECASE)
_OF_AN_ORDER = re.compile(
    r"\b(?:tellimus\w*|ost\w{0,4}|saadetis\w*|paki\w*|arve\w*|viitenumb\w*|toote\w*|artikli\w*|order|parcel|invoice|заказ\w*|посылк\w*|сч[её]т\w*)"
    r"(?:\s+(?:number\w*|nr\.?|kood\w*|on|mu|minu|is|номер\w*|код\w*)){0,3}\W{0,3}$",
    re.IGNORECASE,
)
_OF_A_CODE = re.compile(r"\b(?:isikuko+d\w*|id[- ]?kood\w*|личн\w+ код\w*|personal code|id code)(?:\W{1,3}(?:on|is|mul|minu|это))*\W{0,3}$", re.IGNORECASE)
_OF_A_PHONE = re.compile(
    r"\b(?:tel|telef\w*|mob\w*|helista\w*|number|numbri\w*|nr|phone|call|тел\w*|номер\w*|звон\w*|позвон\w*)(?:\W{1,3}(?:on|is|mulle|mul|minu|me|мне|это))*\W{0,3}$",
    re.IGNORECASE,
)
_NEAR = 40  # characters before it that say what it is
_ABROAD = "372"


def find(text: str) -> Iterator[Span]:
    for run in _RUN.finditer(text):
        parts = [part.group().lower() for part in _PART.finditer(run.group())]
        before = text[max(0, run.start() - _NEAR) : run.start()]
        if sum(not part.isdecimal() for part in parts) < LEAST_WORDS or _OF_AN_ORDER.search(before):
            continue
        kind = _kind(_digits(parts), before)
        if kind is not None:
            yield Span(kind, run.start(), run.end())


def _digits(parts: list[str]) -> str:
    """„viiskümmend“, „kolm“ → 53; „viiskümmend“ alone → 50."""
    told = "".join(part if part.isdecimal() else _VALUES[part] for part in parts)
    return re.sub(r"_(?=[1-9])", "", told).replace("_", "0")


def _kind(digits: str, before: str) -> str | None:
    if len(digits) == CODE and (ik.is_valid(digits) or _OF_A_CODE.search(before)):
        return "identity_code"
    if len(digits) == CARD and luhn.is_valid(digits):
        return "card"
    here = digits.removeprefix("00").removeprefix(_ABROAD)
    if len(here) in PHONE and here[0] in "345678":
        return "phone"
    return "phone" if _OF_A_PHONE.search(before) and len(here) >= min(PHONE) - 1 else None
