"""How a person is reached: e-mail addresses, also those spelt out, and phone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from bot.personal.span import Span

REGION = "EE"
_HOST_END = r"(?:ee|com|net|org|eu|lv|lt|fi|ru|se|de|uk|me|info|io)"
_EMAIL = (
    re.compile(r"(?<![\w.+-])[\w.+-]{1,80} ?@ ?[\w-]+(?:[.,][\w-]+)*[.,][^\W\d_]{2,}"),
    re.compile(rf"(?<![\w.+-])[\w.+-]{{1,80}} ?@ ?[\w-]+ ?\. ?{_HOST_END}\b", re.IGNORECASE),
    re.compile(
        rf"(?<![\w+-])[\w+-]{{1,40}}(?:(?: punkt | dot |\.)[\w+-]{{1,40}}){{0,3}} ?(?:[(\[{{] ?(?:at|ät|ätt|a) ?[)\]}}]|\bat\b|\bätt?\b) ?"
        rf"[\w-]{{1,40}}(?: ?(?:\.|\bpunkt\b|\bdot\b) ?[\w-]{{1,40}}){{0,3}}? ?(?:\.|\bpunkt\b|\bdot\b) ?{_HOST_END}\b",
        re.IGNORECASE,
    ),
)  # fmt: skip
_APART = r"[ .\-/()\u00a0]{0,2}"
_ABROAD = re.compile(rf"(?<![\d+])(?:\+|00)[1-9](?:{_APART}\d){{6,13}}(?!\d)")
_MOBILE = re.compile(rf"(?<![\d.,+#-])(?:\(?\+?372\)?{_APART}[3-8]|5)(?:{_APART}\d){{6,7}}(?!\d|[.,]\d)")
_SAID = re.compile(
    rf"\b(?:tel|telef\w*|kontakt\w*|kirjuta\w*|saatsin|tlf|mob\w*|helista\w*|number|numbri\w*|nr|sms\w*|whatsapp\w*|lauatelefon\w*|kodus on|phone|call|"
    r"позвон\w*|тел\w*|номер\w*)\b"
    rf"[^\d\n+]{{0,25}}(?P<value>\+?\d(?:{_APART}\d){{6,13}})(?!\d)",
    re.IGNORECASE,
)
_THEN_SAID = re.compile(
    rf"(?<![\d.,+#-])(?P<value>\+?\d(?:{_APART}\d){{6,11}})(?!\d)(?:-?\w{{0,3}} )?(?:on|is)? ?(?:mu|minu|meie|my|мой) (?:number|telefon|tel|nr|phone|номер)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])[. /](?:0?[1-9]|1[0-2])[. /](?:19|20)?\d{2}\b")
_HOURS = re.compile(r"\d{1,2}[.:]\d{2} ?[-–] ?\d{1,2}[.:]\d{2}")
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .]\d{3})+")
_MONEY_AFTER = re.compile(r"\s?(?:€|eur|kroon|крон|евро|kr\b)", re.IGNORECASE)
_SHARED_MAILBOX = re.compile(
    r"(?:info|abi|tugi|klienditugi|klienditeenindus|teenindus|pood|epood|myyk|müük|tellimused|arved|kontor|privaatsus|support|help|sales|office|contact|shop|orders|privacy|no-?reply)@",
    re.IGNORECASE,
)  # a house, not a person


def find(text: str) -> Iterator[Span]:
    for pattern in _EMAIL:
        for match in pattern.finditer(text):
            if not _SHARED_MAILBOX.match(match.group()):
                yield Span("email", match.start(), match.end())
    for found in phonenumbers.PhoneNumberMatcher(text, REGION, leniency=phonenumbers.Leniency.POSSIBLE):
        if phonenumbers.is_valid_number(found.number) and _is_phone(text, found.start, found.end):
            yield Span("phone", found.start, found.end)
    for pattern in (_ABROAD, _MOBILE, _SAID, _THEN_SAID):
        for match in pattern.finditer(text):
            start, end = match.span("value" if "value" in pattern.groupindex else 0)
            if _is_phone(text, start, end):
                yield Span("phone", start, end)


def _is_phone(text: str, start: int, end: int) -> bool:
    """Not a date, a price or hours, which have as many digits."""
    said = text[start:end]
    return not (_DATE.match(said) or _HOURS.match(said) or (_THOUSANDS.fullmatch(said) and said.endswith("000")) or _MONEY_AFTER.match(text, end))
