"""Where a person lives: a street with a house number, a flat, a farm in its parish. In the three languages, as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.personal.lists import words
from bot.personal.span import Span

_NUMBER = r"\d{1,3}(?! ?(?:000|[.,:]\d))[a-z]?\b(?: ?[-/] ?\d{1,3}[a-z]?\b)?(?:,? ?(?:krt|korter|kv|кв)\.? ?\d{1,3})?"
_CASE = r"(?:le|l|lt|t|s|sse|st|ni|ga)?"
_KIND = rf"(?:tn\.?|tän\.?|tänav(?:a{_CASE})?|mnt\.?|maantee{_CASE}|pst\.?|puiestee{_CASE}|põik|plats|väljak(?:u{_CASE})?|allee|kallas)"
_NAME = r"(?:[A-ZÕÄÖÜŠŽ]\. ?){0,2}[^\W\d_]+(?:-[^\W\d_]+)?"
_CAPITAL_NAME = r"(?:[A-ZÕÄÖÜŠŽ]\. ?){0,2}[A-ZÕÄÖÜŠŽ][^\W\d_]+(?:-[A-ZÕÄÖÜŠŽ][^\W\d_]+)?"
_UNIT = (
    r"(?! ?(?:€|eur|%|tk\b|kg|cm|mm|km|m\b|päev|tööpäev|nädal|kuu\b|kuud|tund|tunni|min|aasta|korda|x ?\d|"
    r"inim|autot|koopia|kuju|pood|kella|days?\b|hours?\b|weeks?\b|toa|tuba|tükki|ja \d))"
)
_STREET = re.compile(rf"(?<![\w.])(?:{_NAME}) {_KIND} ?{_NUMBER}{_UNIT}", re.IGNORECASE)
_JOINED = re.compile(rf"(?<![\w.])[^\W\d_]{{3,}}(?:tänav|mnt|maantee|puiestee){_CASE} {_NUMBER}{_UNIT}", re.IGNORECASE)
_ROAD = re.compile(rf"(?<![\w.])(?:{_CAPITAL_NAME}) tee(?:{_CASE}) {_NUMBER}{_UNIT}")
_LISTED = re.compile(rf"(?<![\w.-])(?:[A-ZÕÄÖÜ]\. ?){{0,2}}(?P<name>[^\W\d_]+(?:-[^\W\d_]+)?)(?: tee)? (?P<number>{_NUMBER}){_UNIT}", re.IGNORECASE)
_LIVES = r"(?:elan|elame|elab|elas|elukoht|aadress\w*|kolisin|kolime|adres\w*|address|live|адрес\w*|живу)"
_BRINGS = r"(?:kodu|saat(?:ke|a)|too(?:ge|di)|vii(?:ge|a)|tul(?:ge|gu)|toimeta(?:ge|da)|kuller|jätke|deliver)"
_BETWEEN = r"(?:[ ,:]+(?:on|at|to|is|in|my|aadressil\w*|siin|mul|minu|uus|palun|pakk|õige|nüüd|hoopis)\b)*[ ,:]+"
_NO_STREET = r"(?!(?:number|nr|pakk|suurus|kell|arve|tellimus|korrus|umbes|kuni|iga|üle|juba|alles|kell|kohe|siis|on|ja|ka)\b)"
_AFTER_HOME = (
    re.compile(rf"\b{_LIVES}\b{_BETWEEN}(?P<value>{_NO_STREET}{_NAME}(?: (?!kell\b){_NAME})? {_NUMBER}){_UNIT}", re.IGNORECASE),
    re.compile(rf"\b{_BRINGS}\b{_BETWEEN}(?P<value>{_NO_STREET}(?-i:[A-ZÕÄÖÜŠŽ]){_NAME}(?: (?-i:[A-ZÕÄÖÜŠŽ]){_NAME})? {_NUMBER}){_UNIT}", re.IGNORECASE),
    re.compile(rf"\b{_BRINGS}\b{_BETWEEN}(?P<value>{_NO_STREET}{_NAME} \d{{1,3}}[a-z]?-\d{{1,3}}\b){_UNIT}", re.IGNORECASE),
)
_FARM = re.compile(r"\b[A-ZÕÄÖÜ][^\W\d_]+ (?:talu|küla|alevik)(?:,? [A-ZÕÄÖÜ][^\W\d_]+ (?:küla|alevik|vald|vallas?|maakond))+")
_RUSSIAN = re.compile(
    r"(?:\b(?:ул\.?|улиц[аеы]|просп\.?|проспект|шоссе|бульвар|пер\.?)\s?[А-ЯЁ][а-яё-]+|\b[А-ЯЁ][а-яё-]+(?:ое|ая|ий|ый)?\s(?:шоссе|улица|ул\.?|проспект|бульвар|тее|мнт)),?\s?(?:д\.?\s?|дом\s)?\d{1,3}\w?(?:\s?[-/]\s?\d{1,3}|,?\s?кв\.?\s?\d{1,3})?",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"\b\d{1,4}[a-z]? (?:[A-ZÕÄÖÜ][^\W\d_]+ ){1,2}(?:street|road|avenue|lane|st\.|rd\.)", re.IGNORECASE)
_POSTAL = re.compile(
    r"(?<!\d)\d{5},? (?:Tallinn|Tartu|Pärnu|Narva|Viljandi|Rakvere|Kuressaare|Võru|Valga|Haapsalu|Jõhvi|Paide|Keila|Maardu|Sillamäe|Põlva|Jõgeva|Rapla)\b",
    re.IGNORECASE,
)
_STREETS = frozenset(name.lower() for name in words("streets"))


def find(text: str) -> Iterator[Span]:
    for pattern in (_STREET, _JOINED, _ROAD, _FARM, _RUSSIAN, _ENGLISH, _POSTAL):
        for match in pattern.finditer(text):
            yield Span("address", match.start(), match.end())
    for pattern in _AFTER_HOME:
        yield from (Span("address", *match.span("value")) for match in pattern.finditer(text))
    for match in _LISTED.finditer(text):
        if match["name"].lower() in _STREETS and (match["name"][0].isupper() or not match["number"].isdecimal()):
            yield Span("address", match.start(), match.end())
