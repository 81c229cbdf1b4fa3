"""What search engines are told of a page besides its words: schema.org, as data that no browser runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.understanding import FaqEntry
from handoff.help.catalogue import Article
from handoff.markdown import as_html, as_plain

Data = dict[str, Any]


def graph(*parts: Data | None) -> Data:
    """Several things on one page."""
    return {"@context": "https://schema.org", "@graph": [part for part in parts if part]}


def site(name: str, address: str, language: str) -> Data:
    """The help page as a whole, which can be searched."""
    found = {"@type": "EntryPoint", "urlTemplate": f"{address}?q={{words}}"}
    return {
        "@type": "WebSite",
        "name": name,
        "url": address,
        "inLanguage": language,
        "potentialAction": {"@type": "SearchAction", "target": found, "query-input": "required name=words"},
    }


def crumbs(path: Sequence[tuple[str, str]]) -> Data:
    """Titles and addresses from the front page to here."""
    items = [{"@type": "ListItem", "position": number, "name": title, "item": address} for number, (title, address) in enumerate(path, 1)]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def faq(one: Article, address: str, changed: datetime | None) -> Data:
    """The question of the page and its answer."""
    answer = {"@type": "Answer", "text": str(as_html(one.answer)), "url": address}
    question = {"@type": "Question", "name": one.question, "acceptedAnswer": answer}
    dated = {"dateModified": changed.isoformat()} if changed else {}
    return {"@type": "FAQPage", "url": address, "inLanguage": one.language, "mainEntity": [question]} | dated


def how_to(one: Article, entry: FaqEntry) -> Data | None:
    """Steps that simply follow each other. One that asks has no place in it."""
    if not entry.steps or entry.branches:
        return None
    steps = [{"@type": "HowToStep", "position": number, "text": as_plain(step.text_in(one.language))} for number, step in enumerate(entry.steps, 1)]
    return {"@type": "HowTo", "name": one.question, "inLanguage": one.language, "step": steps}
