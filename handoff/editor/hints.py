"""Hints on what is being written and on all that is there: gathers what the rules of `lint` need, and asks the bot."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.understanding import BotUnavailable, FaqEntry, Language, Probe
from handoff.conversations.outcomes import DAYS as RATED_DAYS
from handoff.conversations.usage import Usage, first_question, usage
from handoff.database import now
from handoff.editor.lint import among, facts, words
from handoff.editor.lint.finding import RULES, Finding
from handoff.entries import ratings
from handoff.entries.store import Entry, as_faq_entry
from handoff.services import Services
from handoff.settings import Settings
from handoff.writing import known_words

PAGES = ("/", "/privacy", "/accessibility", "/demo", "/contact", "/callback")  # public ones that an answer may point to
HELP = ("/help", "/en/help", "/ru/help")
COUNTED_SECONDS = 60
BATCH = 8  # entries looked at between two glances at the clock
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")
_BY_PRESSURE = {rule: place for place, rule in enumerate(RULES)}


@dataclass(frozen=True)
class Use:
    """What customers asked and thought, by entry: in `among.UNASKED_DAYS`, and for as long as ratings are counted."""

    first_question: datetime | None
    lately: Mapping[str, Usage]
    rated: Mapping[str, Usage]


@dataclass(frozen=True)
class House:
    """What the rules must know besides the entry."""

    now: datetime
    today: date
    catalogue: int
    entries: Mapping[str, Entry]  # but for archived ones
    answers: Mapping[str, str]  # published ones, by id
    wordings: Mapping[str, Mapping[str, str]]
    usual: tuple[Language, ...]
    pages: Mapping[str, Collection[str]]
    use: Use


class Hints:
    """Looks at entries. What is slow (spelling, the bot's opinion) is kept until something is published."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._allowed = _own_addresses(services.settings)
        self._slow: dict[tuple[str, int], list[Finding]] = {}
        self._slow_of = -1  # the catalogue's revision that they belong to
        self._use: tuple[float, Use] | None = None

    async def of_draft(self, draft: FaqEntry, content: Mapping[str, Any], person_id: str) -> list[Finding]:
        """Hints on what is being written; half-finished texts are looked at as far as they go."""
        house = await asyncio.to_thread(self._house)
        quick = await asyncio.to_thread(self._quick, draft.id, content, house)
        slow = await asyncio.to_thread(self._words, content)
        return _sorted([*quick, *await self._without_known(slow, person_id), *await self._near(draft, content, house)])

    async def review(self, after: int, seconds: float, person_id: str) -> tuple[list[tuple[Entry, list[Finding]]], int]:
        """Hints on entries from place `after` on, as many as fit into the time but one batch at least; and how many entries there are."""
        house = await asyncio.to_thread(self._house)
        if self._slow_of != house.catalogue:
            self._slow, self._slow_of = {}, house.catalogue
        entries, ends = list(house.entries.values()), time.monotonic() + seconds
        found: list[tuple[Entry, list[Finding]]] = []
        for start in range(after, len(entries), BATCH):
            for entry in entries[start : start + BATCH]:
                quick = await asyncio.to_thread(self._quick, entry.id, entry.content, house)
                slow = await self._without_known(await self._kept(entry, house), person_id)
                found.append((entry, _sorted([*quick, *slow])))
            if time.monotonic() > ends:
                break
        return found, len(entries)

    async def _kept(self, entry: Entry, house: House) -> list[Finding]:
        key = (entry.id, entry.revision)
        if key not in self._slow:
            found = await asyncio.to_thread(self._words, entry.content)
            draft = None if entry.content == entry.published else as_faq_entry(entry.id, entry.topic, entry.content)
            self._slow[key] = [*found, *await self._near(draft, entry.content, house, of=entry.id)]
        return self._slow[key]

    async def _near(self, draft: FaqEntry | None, content: Mapping[str, Any], house: House, *, of: str = "") -> list[Finding]:
        """What the bot would answer if this entry were not there; nothing while the bot is not."""
        if not content["question"].strip():
            return []
        try:
            (reading,) = await self._services.bot.rehearse([Probe(content["question"], draft.id if draft else of)], draft=draft)
        except BotUnavailable:
            return []
        return list(among.near(content, reading.candidates, house.answers))

    def _words(self, content: Mapping[str, Any]) -> list[Finding]:
        bot = self._services.bot
        return [*words.spelling(content, bot.proofread), *words.cold(content, bot.wording)]

    def _quick(self, entry_id: str, content: Mapping[str, Any], house: House) -> list[Finding]:
        entry = house.entries.get(entry_id)
        standing = among.Standing(
            published=entry is not None and entry.published is not None,
            changed_at=entry.changed_at if entry else None,
            first_question=house.use.first_question,
            lately=house.use.lately.get(entry_id, Usage()),
            rated=house.use.rated.get(entry_id, Usage()),
        )
        return [
            *facts.personal(content, self._services.bot.mask, lambda words: words in self._allowed or among.is_shared(words, entry_id, house.answers)),
            *facts.passed_dates(content, house.today),
            *facts.dead_links(content, self._services.settings.public_url, house.pages),
            *words.long_sentences(content),
            *words.too_long(content),
            *among.same_wordings(entry_id, content, house.wordings),
            *among.missing_translations(content, house.usual),
            *among.unasked(standing, house.now),
            *among.badly_rated(standing),
        ]

    def _house(self) -> House:
        services, moment = self._services, now()
        entries = {entry.id: entry for entry in services.entries.all() if entry.status != "archived"}
        published, catalogue = services.entries.published()
        topics = {entry.topic or "teemata" for entry in published}
        return House(
            now=moment,
            today=moment.astimezone(ZoneInfo(services.settings.time_zone)).date(),
            catalogue=catalogue,
            entries=entries,
            answers={entry.id: entry.answer for entry in published},
            wordings=among.wordings((entry.id, entry.content) for entry in entries.values()),
            usual=among.usual_languages([entry.content for entry in entries.values()]),
            pages=dict.fromkeys(PAGES, ())
            | _help_pages(topics, [one for entry in published if not entry.needs_identity for one in (entry.id, *entry.formerly)]),
            use=self._used(moment),
        )

    def _used(self, moment: datetime) -> Use:
        """Counted anew after a minute: whoever writes asks several times in one, and the figures are of months."""
        if self._use is None or time.monotonic() - self._use[0] > COUNTED_SECONDS:
            database = self._services.database
            lately = usage(database, moment - timedelta(days=among.UNASKED_DAYS))
            begun = moment - timedelta(days=RATED_DAYS)
            self._use = (time.monotonic(), Use(first_question(database), lately, with_readers(usage(database, begun), ratings.rated(database, begun.date()))))
        return self._use[1]

    async def _without_known(self, found: Sequence[Finding], person_id: str) -> list[Finding]:
        """But for the company's name and the words that this editor has told us to pass over."""
        known = {*await asyncio.to_thread(known_words.known, self._services.database, person_id), *self._services.settings.company.lower().split()}
        return [one for one in found if one.rule != "spelling" or one.values["word"].lower() not in known]


def with_readers(chats: Mapping[str, Usage], readers: Mapping[str, ratings.Said]) -> dict[str, Usage]:
    """What the chat's customers thought of answers, and readers of the help page."""
    both = {}
    for entry_id in {*chats, *readers}:
        used, said = chats.get(entry_id, Usage()), readers.get(entry_id, ratings.Said())
        both[entry_id] = Usage(used.asked, used.helpful + said.helpful, used.unhelpful + said.unhelpful)
    return both


def _help_pages(topics: Collection[str], entry_ids: Collection[str]) -> dict[str, Collection[str]]:
    """The public addresses of the help page in each language, and the topics on its front page."""
    found: dict[str, Collection[str]] = {}
    for front in HELP:
        found |= {front: topics} | {f"{front}/topics/{topic}": () for topic in topics} | {f"{front}/{entry_id}": () for entry_id in entry_ids}
    return found


def _sorted(found: Sequence[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: _BY_PRESSURE[one.rule])


def _own_addresses(settings: Settings) -> frozenset[str]:
    """The operator's own, which may stand in answers."""
    written = " ".join((settings.privacy_contact, settings.accessibility_contact, settings.mail_from))
    return frozenset(address.lower() for address in _ADDRESS.findall(written))
