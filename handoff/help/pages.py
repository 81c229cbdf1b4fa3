"""Renders what is published: the front page, topics, answers, guides and what a search found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.understanding import LANGUAGES, FaqEntry, Language
from handoff.help import addresses, guide, structured
from handoff.help.catalogue import Article, article, related
from handoff.help.feeds import languages_of
from handoff.help.published import Published
from handoff.help.rendered import Kept, Rendered
from handoff.help.search import Found
from handoff.markdown import as_page, as_plain
from handoff.services import Services
from handoff.web import Pages

HERE = Path(__file__).parent
MOST_RELATED = 5
MOST_IN_CARD = 5
IN_LIST = 100  # answers on one page of a topic
NAMES: dict[Language, str] = {"et": "Eesti", "en": "English", "ru": "Русский"}
THANKS = ("yes", "no", "said")


@dataclass(frozen=True)
class Card:
    """A topic on the front page."""

    topic: str
    articles: list[Article]
    count: int


class HelpPages:
    """All pages of one process. Those that are the same for everyone are kept until something is published."""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._pages = Pages(HERE)
        self._kept = Kept()

    def front(self, published: Published, language: Language) -> Rendered:
        """Big search, what is asked most, and the topics with some answers each."""
        path = addresses.home(language)

        def make() -> Rendered:
            cards = [Card(topic, _told(_first(entries, published.asked), language), len(entries)) for topic, entries in published.topics.items()]
            asked = _told([published.entries[entry_id] for entry_id in published.asked], language)
            data = structured.graph(structured.site(self._settings.company, self._settings.public_url + path, language))
            return self._render("help.html", language, path=path, cards=cards, asked=asked, structured=data)

        return self._kept.get(published, path, make)

    def topic(self, published: Published, language: Language, topic: str, number: int) -> Rendered | None:
        """All answers of a topic; None when there is no such topic or page of it."""
        name = "" if topic == addresses.NO_TOPIC else topic
        entries = published.topics.get(name, [])
        part = entries[(number - 1) * IN_LIST : number * IN_LIST]
        if not part:
            return None
        path = addresses.of_topic(name, language, number)

        def make() -> Rendered:
            data = structured.graph(self._crumbs(language, (self._topic_title(name, language), path)))
            last = number * IN_LIST >= len(entries)
            return self._render("topic.html", language, path=path, topic=name, articles=_told(part, language), number=number, last=last, structured=data)

        return self._kept.get(published, path, make)

    def entry(self, published: Published, language: Language, entry: FaqEntry, *, way: str = "", thanks: str = "") -> Rendered:
        """One answer; of a guide that asks, the step to which the way leads."""
        path = addresses.of_entry(entry.id, language)
        walked = guide.walk(entry.steps, way) if entry.branches else None
        said = thanks if thanks in THANKS else ""
        key = (path, walked.way if walked else "", said)
        return self._kept.get(published, key, lambda: self._entry(published, language, entry, walked, said))

    def results(self, published: Published, language: Language, asked: str, found: Found) -> Rendered:
        """What a search found, or ways on where it found nothing."""
        articles = _told([published.entries[entry_id] for entry_id in found.ids], language)
        path = addresses.home(language)
        everything = list(published.topics) if not articles else []
        return self._render("results.html", language, path=path, indexed=False, query=asked, articles=articles, topics=found.topics, everything=everything)

    def missing(self, published: Published, language: Language, words: str, found: Found, *, is_gone: bool, topic: str | None) -> Rendered:
        """An address that leads nowhere: what its words may have meant. 410 for an answer that was taken down."""
        articles = _told([published.entries[entry_id] for entry_id in found.ids], language)
        near = topic if topic in published.topics else None
        values: dict[str, Any] = {"query": words, "articles": articles, "is_gone": is_gone, "near": near}
        return self._render("gone.html", language, status=410 if is_gone else 404, path=addresses.home(language), indexed=False, **values)

    def title(self, language: Language) -> str:
        """What the help page is called, for a feed."""
        return f"{self._settings.company} · {self._pages.texts.say(language, 'rooms.help')}"

    def _entry(self, published: Published, language: Language, entry: FaqEntry, walked: guide.Walk | None, thanks: str) -> Rendered:
        shown, path = article(entry, language), addresses.of_entry(entry.id, language)
        near = _told(related(entry, published.topics[entry.topic], published.stems, published.asked, MOST_RELATED), language)
        topic = (self._topic_title(entry.topic, language), addresses.of_topic(entry.topic, language))
        address = self._settings.public_url + addresses.of_entry(entry.id, shown.language)
        changed = published.changed.get(entry.id)
        trail = self._crumbs(language, topic, (shown.question, path))
        data = structured.graph(structured.faq(shown, address, changed), structured.how_to(shown, entry), trail)
        buttons = [(button.title_in(language), button.url or self._leading(published, button.entry, language)) for button in entry.buttons]
        return self._render(
            "entry.html",
            language,
            path=path,
            spoken=languages_of(entry),
            indexed=not (thanks or (walked and walked.taken)),
            entry=entry,
            shown=shown,
            related=near,
            buttons=[(title, target) for title, target in buttons if target],
            walked=walked,
            tried=self._tried(shown, walked, language) if walked else "",
            thanks=thanks,
            structured=data,
        )

    def _tried(self, shown: Article, walked: guide.Walk, language: Language) -> str:
        """What whoever helps on should know."""
        say = self._pages.texts.say
        words = {guide.YES: say(language, "help.guide.yes").lower(), guide.NO: say(language, "help.guide.no").lower()}
        return say(language, "help.guide.tried", question=shown.question) + "\n" + guide.told(walked, language, words)

    def _leading(self, published: Published, entry_id: str, language: Language) -> str:
        target = entry_id if entry_id in published.entries else published.leads_to(entry_id)
        return addresses.of_entry(target, language) if target else ""

    def _crumbs(self, language: Language, *path: tuple[str, str]) -> dict[str, Any]:
        site = self._settings.public_url
        first = (self._pages.texts.say(language, "rooms.help"), addresses.home(language))
        return structured.crumbs([(title, site + target) for title, target in (first, *path)])

    def _topic_title(self, topic: str, language: Language) -> str:
        texts = self._pages.texts
        title = texts.say(language, f"topics.{topic}") if topic else texts.say(language, "help.no_topic")
        return topic.replace("-", " ").capitalize() if title.startswith("[?") else title

    def _render(
        self,
        name: str,
        language: Language,
        *,
        path: str,
        status: int = 200,
        spoken: tuple[Language, ...] = LANGUAGES,
        indexed: bool = True,
        **values: Any,
    ) -> Rendered:
        """`path` is the page's own; `spoken` the languages in which it has words of its own: in any other it is the Estonian page over again."""
        site = self._settings.public_url
        true = language if language in spoken else "et"
        shared = {
            "company": self._settings.company,
            "theme": self._settings,
            "site": site,
            "true_address": site + addresses.in_language(path, true),
            "addresses": {other: site + addresses.in_language(path, other) for other in spoken},
            "languages": {other: (addresses.in_language(path, other), NAMES[other]) for other in LANGUAGES},
            "indexed": indexed,
            **self._links(language),
            **values,
        }
        return Rendered.of(self._pages.render(language, name, **shared), status=status)

    def _links(self, language: Language) -> dict[str, Any]:
        home = addresses.home(language)

        def to_topic(topic: str, page: int = 1) -> str:
            return addresses.of_topic(topic, language, page)

        def to_entry(entry_id: str, **query: str) -> str:
            return addresses.of_entry(entry_id, language, **query)

        def to_page(target: str, **query: str) -> str:
            return addresses.of_page(target, language, **query)

        links: dict[str, Callable[..., Any]] = {
            "to_topic": to_topic,
            "to_entry": to_entry,
            "to_page": to_page,
            "topic_title": lambda topic: self._topic_title(topic, language),
            "as_page": lambda text: as_page(text, home=home),
            "as_plain": as_plain,
        }
        return links | {"home": home, "feed": addresses.of_feed(language)}


def _told(entries: list[FaqEntry], language: Language) -> list[Article]:
    return [article(entry, language) for entry in entries]


def _first(entries: list[FaqEntry], asked: tuple[str, ...]) -> list[FaqEntry]:
    """What a card has room for: what is asked most before the others."""
    return sorted(entries, key=lambda entry: entry.id not in asked)[:MOST_IN_CARD]
