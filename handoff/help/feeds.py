"""What programs read of the help page: its sitemap, what has changed (Atom) and what robots may look at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from bot.understanding import LANGUAGES, FaqEntry, Language
from handoff.help import addresses
from handoff.help.catalogue import article
from handoff.help.published import Published
from handoff.markdown import as_html

MOST_ADDRESSES = 50_000  # in one file, as sitemaps.org has it
MOST_NEWS = 50
CLOSED = ("/api/", "/desk", "/editor", "/reports", "/login", "/account", "/people", "/matter/")
ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


def languages_of(entry: FaqEntry) -> tuple[Language, ...]:
    """Those in which it has words of its own, Estonian first."""
    return tuple(language for language in LANGUAGES if article(entry, language).language == language)


def news(published: Published, language: Language, *, site: str, title: str) -> str:
    """The answers that changed last, newest first, each in this language."""
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": language, "xml:base": f"{site}/"})
    entries = [entry for entry in published.entries.values() if language in languages_of(entry)]
    entries.sort(key=lambda entry: published.changed.get(entry.id, BEGINNING), reverse=True)
    newest = max((published.changed.get(entry.id, BEGINNING) for entry in entries), default=BEGINNING)
    _say(feed, "title", title)
    _say(feed, "id", site + addresses.of_feed(language))
    _say(feed, "updated", newest.isoformat())
    SubElement(SubElement(feed, "author"), "name").text = _clean(title)
    SubElement(feed, "link", rel="self", href=site + addresses.of_feed(language))
    SubElement(feed, "link", rel="alternate", href=site + addresses.home(language))
    for entry in entries[:MOST_NEWS]:
        _tell(feed, entry, language, site=site, at=published.changed.get(entry.id, BEGINNING))
    return _written(feed)


def sitemaps(published: Published, *, site: str, most: int = MOST_ADDRESSES) -> list[str]:
    """The sitemap's files; where there is more than one, the first lists the others (`/sitemap-1.xml`, …)."""
    everything = [(path, changed, languages) for path, changed, languages in _places(published)]
    rows = [(path, changed, languages, language) for path, changed, languages in everything for language in languages]
    parts = [rows[begun : begun + most] for begun in range(0, len(rows), most)] or [[]]
    files = [_part(part, site) for part in parts]
    return files if len(files) == 1 else [_index(len(files), site), *files]


def robots(site: str) -> str:
    """What anyone's programs are asked to leave alone, and where the sitemap is."""
    return "\n".join(["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "", f"Sitemap: {site}/sitemap.xml", ""])


def _places(published: Published) -> list[tuple[str, datetime | None, tuple[Language, ...]]]:
    """Address in Estonian, when it changed, and the languages it is there in."""
    newest = max(published.changed.values(), default=None)
    topics = [(addresses.of_topic(topic, "et"), _newest(published, entries), LANGUAGES) for topic, entries in published.topics.items()]
    entries = [(addresses.of_entry(entry.id, "et"), published.changed.get(entry.id), languages_of(entry)) for entry in published.entries.values()]
    return [(addresses.home("et"), newest, LANGUAGES), *topics, *entries]


def _newest(published: Published, entries: Sequence[FaqEntry]) -> datetime | None:
    return max((published.changed[entry.id] for entry in entries if entry.id in published.changed), default=None)


def _part(rows: Sequence[tuple[str, datetime | None, tuple[Language, ...], Language]], site: str) -> str:
    whole = Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for path, changed, languages, language in rows:
        place = SubElement(whole, "url")
        SubElement(place, "loc").text = site + addresses.in_language(path, language)
        if changed:
            SubElement(place, "lastmod").text = changed.isoformat(timespec="seconds")
        for other in languages if len(languages) > 1 else ():
            SubElement(place, "xhtml:link", rel="alternate", hreflang=other, href=site + addresses.in_language(path, other))
    return _written(whole)


def _index(count: int, site: str) -> str:
    whole = Element("sitemapindex", {"xmlns": SITEMAP})
    for number in range(1, count + 1):
        SubElement(SubElement(whole, "sitemap"), "loc").text = f"{site}/sitemap-{number}.xml"
    return _written(whole)


def _tell(feed: Element, entry: FaqEntry, language: Language, *, site: str, at: datetime) -> None:
    shown, address = article(entry, language), site + addresses.of_entry(entry.id, language)
    one = SubElement(feed, "entry")
    _say(one, "title", shown.question)
    _say(one, "id", address)
    _say(one, "updated", at.isoformat())
    SubElement(one, "link", rel="alternate", href=address)
    SubElement(one, "content", type="html").text = _clean(str(as_html(shown.answer)))


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """XML knows no control characters, whoever pasted them."""
    return _NOT_IN_XML.sub("", text)


def _written(root: Element) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode")
