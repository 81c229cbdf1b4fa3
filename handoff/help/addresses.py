"""Where things are on the help page: one true address for each thing in each language, `/help/…`, `/en/help/…`, `/ru/help/…`."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from bot.understanding import LANGUAGES, Language

NO_TOPIC = "teemata"  # what stands for no topic in an address


def home(language: Language) -> str:
    """The front page; Estonian needs no mark."""
    return "/help" if language == "et" else f"/{language}/help"


def of_entry(entry_id: str, language: Language, **query: str) -> str:
    """The page of one answer."""
    return with_query(f"{home(language)}/{quote(entry_id, safe='')}", **query)


def of_topic(topic: str, language: Language, page: int = 1) -> str:
    """All answers of a topic, a hundred at a time."""
    return with_query(f"{home(language)}/topics/{quote(topic or NO_TOPIC, safe='')}", **({"page": str(page)} if page > 1 else {}))


def of_feed(language: Language) -> str:
    """What has changed, as Atom."""
    return f"{home(language)}/feed.xml"


def of_page(path: str, language: Language, **query: str) -> str:
    """A page of another room, which is told the language by a mark."""
    return with_query(path, **query, lang="" if language == "et" else language)


def in_language(path: str, language: Language) -> str:
    """The same page of the help in another language; `path` is an address of the help page in any."""
    for other in LANGUAGES:
        if other != "et" and path.startswith(f"/{other}/"):
            path = path.removeprefix(f"/{other}")
    return path if language == "et" else f"/{language}{path}"


def with_query(path: str, **query: str) -> str:
    marks = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(marks)}" if marks else path
