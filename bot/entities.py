"""Things with a form of their own in a text: order numbers, addresses, numbers of people. Found by rule, and masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from bot import orders
from bot.personal import mask, numbers

__all__ = ["REGION", "Entity", "find", "mask"]
REGION = "EE"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
_NO_ORDER = ("iban", "card", "identity_code")
_PUBLIC = ("order_number", "email", "phone")


@dataclass(frozen=True)
class Entity:
    """`kind` at characters start…end of the text; `value` is its plain form (a phone in +372…)."""

    kind: str
    value: str
    start: int
    end: int

    def as_dict(self) -> dict[str, str | int]:
        """The shape of a Rasa entity."""
        return {"entity": self.kind, "value": self.value, "start": self.start, "end": self.end}


def find(text: str) -> tuple[Entity, ...]:
    """Order numbers, e-mail addresses and phone numbers, in the order they stand in, never overlapping; where two overlap the more certain one stays."""
    taken: list[Entity] = []
    for entity in _certain_first(text):
        if all(entity.end <= other.start or entity.start >= other.end for other in taken):
            taken.append(entity)
    return tuple(sorted((entity for entity in taken if entity.kind in _PUBLIC), key=lambda entity: entity.start))


def _certain_first(text: str) -> Iterator[Entity]:
    for match in _EMAIL.finditer(text):
        yield Entity("email", match.group().lower(), match.start(), match.end())
    for span in numbers.find(text):
        if span.kind in _NO_ORDER:
            yield Entity(span.kind, text[span.start : span.end], span.start, span.end)
    for start, end in orders.find(text):
        yield Entity("order_number", text[start:end].upper(), start, end)
    for found in phonenumbers.PhoneNumberMatcher(text, REGION, leniency=phonenumbers.Leniency.POSSIBLE):
        if phonenumbers.is_valid_number(found.number) or _looks_like_estonian_phone(found.raw_string):
            value = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
            yield Entity("phone", value, found.start, found.end)


def _looks_like_estonian_phone(raw: str) -> bool:
    """Eight digits beginning with 5, or seven of a land line; ranges not handed out yet (5555 …) count too."""
    digits = re.sub(r"\D", "", raw).removeprefix("372")
    return len(digits) in (7, 8) and digits[0] in "567" and (len(digits) == 8 or digits[0] in "56")
