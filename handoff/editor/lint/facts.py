"""What it says: personal data, days that have passed, links that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.understanding import PERSONAL_FORMS, Language
from handoff.dates import MONTHS, as_date
from handoff.editor.lint.finding import Finding, answers, fields

_MASK = re.compile(r"(\[(?:e-post|telefon|isikukood|kontonumber|kaardinumber|dokumendinumber)\])")
_DIGITS = (re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"), re.compile(r"\b(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})\b"))
_STEM = 6  # letters of a month that stay in every case: „septembril“, „septembrini“
_LINK = re.compile(r"\[[^\]]*\]\((?P<cited>[^()\s]*)\)|(?P<bare>https?://[^\s<>()]+[^\s<>().,;:!?])")
OWN_PICTURES = "/pictures/"  # uploaded here: the chat and the help page both find them
_WITHOUT_PLACE = re.compile(r"^(?:mailto|tel):", re.IGNORECASE)


def personal(content: Mapping[str, Any], mask: Callable[[str, Collection[str]], str], is_ours: Callable[[str], bool]) -> Iterator[Finding]:
    """Mail addresses and numbers of people, not those that are the house's own. Names and streets in an answer are as a rule the house's."""
    for one in fields(content):
        for start, end, kind in hidden(one.text, mask(one.text, PERSONAL_FORMS)):
            if not is_ours(one.text[start:end].strip().lower()):
                yield Finding("personal", one.name, start, end, {"words": one.text[start:end].strip(), "kind": kind})


def hidden(text: str, masked: str) -> list[tuple[int, int, str]]:
    """What was replaced in the masked text, as (start, end, kind), read off the two."""
    pieces = _MASK.split(masked)
    whole = re.fullmatch("".join(f"({'.+?' if place % 2 else re.escape(piece)})" for place, piece in enumerate(pieces)), text, re.DOTALL)
    if masked == text or whole is None:
        return []
    spans = [(*whole.span(place + 1), piece[1:-1]) for place, piece in enumerate(pieces) if place % 2]
    return [(start, end, kind) for start, end, kind in spans if text[start:end] != f"[{kind}]"]


def passed_dates(content: Mapping[str, Any], today: date) -> Iterator[Finding]:
    """Days in an answer that are over."""
    for one in answers(content):
        for match in _dates(one.text, one.language):
            day = _day(match, one.language)
            if day is not None and day < today:
                yield Finding("past_date", one.name, match.start(), match.end(), {"date": as_date(day, one.language)})


def dead_links(content: Mapping[str, Any], ours: str, pages: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Links to our own pages that aren't there, and addresses without a site, which the chat can't open.

    `ours` is the address of this service, `pages` its public paths with the anchors on each.
    """
    for one in answers(content):
        for match in _LINK.finditer(one.text):
            name = "cited" if match["cited"] is not None else "bare"
            address = match[name]
            if _WITHOUT_PLACE.match(address) or address.startswith(OWN_PICTURES):
                continue
            parts = urlsplit(address)
            here = f"{parts.scheme}://{parts.netloc}" == ours
            rule = "dead_link" if here and not _leads(parts.path, parts.fragment, pages) else "cut_link" if not parts.scheme else None
            if rule:
                yield Finding(rule, one.name, *match.span(name), {"address": address, "ours": ours})


def _leads(path: str, anchor: str, pages: Mapping[str, Collection[str]]) -> bool:
    anchors = pages.get(unquote(path).rstrip("/") or "/")
    return anchors is not None and (not anchor or unquote(anchor) in anchors)


def _dates(text: str, language: Language) -> Iterator[re.Match[str]]:
    for pattern in (*_DIGITS, *_spelt(language)):
        yield from pattern.finditer(text)


def _spelt(language: Language) -> tuple[re.Pattern[str], ...]:
    """„31. detsembrini 2025“, "31 December 2025", "December 31, 2025"."""
    month = rf"(?P<name>(?:{'|'.join(name[:_STEM] for name in MONTHS[language])})\w*)"
    after = re.compile(rf"\b(?P<day>\d{{1,2}})\.?\s+{month},?\s+(?P<year>\d{{4}})", re.IGNORECASE)
    return (after, re.compile(rf"\b{month}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})", re.IGNORECASE)) if language == "en" else (after,)


def _day(match: re.Match[str], language: Language) -> date | None:
    found = match.groupdict()
    spelt = (found.get("name") or "").lower()
    months = [number for number, name in enumerate(MONTHS[language], 1) if spelt.startswith(name[:_STEM].lower())]
    month = int(found["month"]) if found.get("month") else months[0]
    try:
        return date(int(found["year"]), month, int(found["day"]))
    except ValueError:  # the 31st of November
        return None
