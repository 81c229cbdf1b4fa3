"""Things with a form of their own in a text: order numbers, addresses, numbers of people. Found by rule, and masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

REGION = "EE"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])")
_IDENTITY = re.compile(r"(?<!\d)[1-8]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}(?!\d)")
_PARCEL = re.compile(r"\b[A-Z]{2}\d{9}[A-Z]{2}\b")
_NAMED = re.compile(
    r"\b(?:tellimus\w*|tell\.|ost\w{0,4}|saadetis\w*|paki\w*|arve\w*|order|zakaz\w*|заказ\w*)"
    r"(?:\s*(?:number\w*|numbriga|nr\.?|no\.?|num|kood\w*|on|mu|minu|номер\w*))*\s*[:#№]?\s*(?P<value>[A-Z]{0,4}-?\d[\dA-Z-]{3,15})\b",
    re.IGNORECASE,
)
_HASHED = re.compile(r"#\s?(?P<value>[A-Z]{0,4}-?\d[\dA-Z-]{2,15})\b", re.IGNORECASE)


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


MASKS = {"email": "e-post", "phone": "telefon", "identity_code": "isikukood", "iban": "kontonumber", "card": "kaardinumber"}
_PUBLIC = ("order_number", "email", "phone")


def find(text: str) -> tuple[Entity, ...]:
    """Order numbers, e-mail addresses and phone numbers, in the order they stand in, never overlapping."""
    return tuple(entity for entity in _all(text) if entity.kind in _PUBLIC)


def mask(text: str) -> str:
    """The text with what identifies a person replaced by its kind, „[e-post]“; order numbers stay readable."""
    out, at = [], 0
    for entity in _all(text):
        if entity.kind in MASKS:
            out += [text[at : entity.start], f"[{MASKS[entity.kind]}]"]
            at = entity.end
    return "".join([*out, text[at:]])


def _all(text: str) -> list[Entity]:
    """Every kind; where two overlap the more certain one (found earlier) stays."""
    taken: list[Entity] = []
    for entity in _certain_first(text):
        if all(entity.end <= other.start or entity.start >= other.end for other in taken):
            taken.append(entity)
    return sorted(taken, key=lambda entity: entity.start)


def _certain_first(text: str) -> Iterator[Entity]:
    for match in _EMAIL.finditer(text):
        yield Entity("email", match.group().lower(), match.start(), match.end())
    for match in _IBAN.finditer(text):
        if _is_iban(match.group()):
            yield Entity("iban", match.group().replace(" ", ""), match.start(), match.end())
    for match in _CARD.finditer(text):
        if _is_card(match.group()):
            yield Entity("card", re.sub(r"\D", "", match.group()), match.start(), match.end())
    for match in _IDENTITY.finditer(text):
        if _is_identity_code(match.group()):
            yield Entity("identity_code", match.group(), match.start(), match.end())
    for match in _PARCEL.finditer(text):
        yield Entity("order_number", match.group(), match.start(), match.end())
    for pattern in (_NAMED, _HASHED):
        for match in pattern.finditer(text):
            yield Entity("order_number", match["value"].upper(), match.start("value"), match.end("value"))
    for found in phonenumbers.PhoneNumberMatcher(text, REGION, leniency=phonenumbers.Leniency.POSSIBLE):
        if phonenumbers.is_valid_number(found.number) or _looks_like_estonian_phone(found.raw_string):
            value = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
            yield Entity("phone", value, found.start, found.end)


def _looks_like_estonian_phone(raw: str) -> bool:
    """Eight digits beginning with 5, or seven of a land line; ranges not handed out yet (5555 …) count too."""
    digits = re.sub(r"\D", "", raw).removeprefix("372")
    return len(digits) in (7, 8) and digits[0] in "567" and (len(digits) == 8 or digits[0] in "56")


def _is_identity_code(code: str) -> bool:
    """The check digit of an Estonian personal code: weights 1…9,1, then 3…9,1,2,3 when that leaves ten."""
    digits = [int(digit) for digit in code]
    for first in (1, 3):
        weights = [(first + index - 1) % 9 + 1 for index in range(10)]
        rest = sum(weight * digit for weight, digit in zip(weights, digits, strict=False)) % 11
        if rest < 10:
            return rest == digits[10]
    return digits[10] == 0


def _is_iban(text: str) -> bool:
    bare = text.replace(" ", "")
    moved = bare[4:] + bare[:4]
    return 15 <= len(bare) <= 34 and int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def _is_card(text: str) -> bool:
    """Luhn's check."""
    digits = [int(digit) for digit in re.sub(r"\D", "", text)][::-1]
    total = sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return total % 10 == 0 and len(set(digits)) > 1
